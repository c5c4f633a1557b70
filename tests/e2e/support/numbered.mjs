// Events that follow from their numbers, so that each of a live source or of a file can be looked for in the history.

const START_MILLIS = Date.UTC(2025, 0, 1);
const IDS = 50;
const CHUNK_BYTES = 1 << 15;
/** How the measures of an event follow from its number; see {@link valueOf}. */
const RULES = { value: { factor: 7919, modulus: 100_003 } };

/** An event as JSON; times are a millisecond apart, values have two decimals. */
export function textOf(number) {
  return `{"timestamp":"${timeOf(number)}","id":"${idOf(number)}","value":${valueOf(number, RULES.value)}}`;
}

/** Events from one number up to another, as lines of JSON. */
export function linesOf(from, to) {
  return Array.from({ length: to - from }, (_, place) => textOf(from + place)).join("\n");
}

/** The instant of an event, as a bound of a query. */
export const timeOf = (number) => new Date(START_MILLIS + number).toISOString();

/** The number of an event, from the row that the pipeline answers. */
export const numberOf = ({ timestamp }) => Date.parse(timestamp) - START_MILLIS;

/** The id of an event: those of a few sensors in turn. */
export const idOf = (number) => `sensor-${number % IDS}`;

/** What a measure's rule makes of the number of an event. */
export const valueOf = (number, { factor, modulus }) => ((number * factor) % modulus) / 100;

/** What a history holds of the events from 0 up to `total`. */
export class Holding {
  constructor({ found, twice, corrupt, example, bits }, total) {
    /** All rows, those that are there again among them. */
    this.found = found;
    this.twice = twice;
    this.corrupt = corrupt;
    /** A row that is wrong. */
    this.example = example;
    this.total = total;
    this.bits = bits;
  }

  has(number) {
    return ((this.bits[number >> 3] >> (number & 7)) & 1) === 1;
  }

  /** Runs of numbers that are not there, each without its end. */
  missingRuns() {
    return runsOf(this.total, (number) => !this.has(number));
  }

  get missing() {
    return this.missingRuns().reduce((sum, [from, to]) => sum + to - from, 0);
  }

  /** What is expected of a history that has every event once, in the form of {@link wholeOf}. */
  summary() {
    const { found, missing, twice, corrupt, example } = this;
    return { found, missing, twice, corrupt, example };
  }
}

/** The summary of a history that has each of so many events once. */
export const wholeOf = (total) => ({ found: total, missing: 0, twice: 0, corrupt: 0, example: null });

/** How often the events from 0 up to `total` are in several histories together: missing in all, and in more than one. */
export function together(holdings, total) {
  let [missing, copies] = [0, 0];
  for (let number = 0; number < total; number++) {
    const count = holdings.reduce((sum, holding) => sum + holding.has(number), 0);
    if (count === 0) missing++;
    copies += Math.max(0, count - 1);
  }
  return { missing, copies };
}

function runsOf(total, holds) {
  const runs = [];
  for (let number = 0; number < total; number++) {
    if (!holds(number)) continue;
    if (runs.at(-1)?.[1] === number) runs.at(-1)[1]++;
    else runs.push([number, number + 1]);
  }
  return runs;
}

/**
 * Reads the whole history as CSV, in the page, and looks for each event from 0 up to `total`.
 * @param {Record<string, {factor: number, modulus: number}>} rules of the events' measures, by their names
 */
export async function holdingOf(page, total, rules = RULES) {
  const what = { base: page.base, total, rules, start: START_MILLIS, ids: IDS, chunk: CHUNK_BYTES };
  const { bits, ...counts } = await page.page.evaluate(readHistory, what);
  return new Holding({ ...counts, bits: Buffer.from(bits, "base64") }, total);
}

/** In the page, where no other function of this file is: ids and values follow from numbers as they do above. */
async function readHistory({ base, total, rules, start, ids, chunk }) {
  const header = `timestamp,id,${Object.keys(rules).join()},`;
  const measures = Object.values(rules);
  const hasValues = (number, values) => measures.every(({ factor, modulus }, place) => Number(values[place]) === ((number * factor) % modulus) / 100);
  const bits = new Uint8Array(Math.ceil(total / 8));
  const holding = { found: 0, twice: 0, corrupt: 0, example: null };
  const note = (what, line) => {
    holding[what]++;
    holding.example ??= `${what}: ${line}`;
  };
  const response = await fetch(`${base}query?start=1970-01-01&views=latest&format=csv`);
  if (!response.ok) throw new Error(await response.text());
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let isHeader = true;
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value ?? "")).split(/\r?\n/);
    rest = done ? "" : lines.pop();
    for (const line of lines) {
      if (line === "") continue;
      if (isHeader) {
        isHeader = false;
        if (!line.startsWith(header)) throw new Error(`the header is ${line}`);
        continue;
      }
      const [time, id, ...values] = line.split(",");
      const number = Date.parse(time) - start;
      holding.found++;
      const isOne = number >= 0 && number < total && id === `sensor-${number % ids}` && hasValues(number, values);
      if (!isOne) note("corrupt", line);
      else if ((bits[number >> 3] >> (number & 7)) & 1) note("twice", line);
      else bits[number >> 3] |= 1 << (number & 7);
    }
    if (done) break;
  }
  let text = "";
  for (let from = 0; from < bits.length; from += chunk) text += String.fromCharCode(...bits.subarray(from, from + chunk));
  return { ...holding, bits: btoa(text) };
}
