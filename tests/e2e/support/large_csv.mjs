// A large CSV file with three measures, all of which follows from a row's number, so that every row can be looked for.
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";

const START_MILLIS = Date.UTC(2025, 0, 1);
export const MEASURES = ["flow", "level", "power"];
/** The settings under which it is read. */
export const SETTINGS = `measures=${MEASURES.join(",")}&clock=utc`;
const IDS = 50;
const PIECE_ROWS = 20_000;

/** A row as the file has it: times a millisecond apart, values with two decimals. */
function line(row) {
  return `${new Date(START_MILLIS + row).toISOString()},sensor-${row % IDS},${valuesOf(row).map((value) => value.toFixed(2)).join()}\n`;
}

function valuesOf(row) {
  return [(row * 7919) % 100_003, (row * 104_729) % 99_991, (row * 31) % 9973].map((value) => value / 100);
}

/**
 * Writes a file of at least so many bytes.
 * @returns {Promise<{rows: number, bytes: number, sums: number[]}>} what it holds; the sum of each measure
 */
export async function writeLargeCsv(path, leastBytes) {
  const file = createWriteStream(path, { highWaterMark: 8 << 20 });
  let [rows, bytes] = [0, 0];
  const sums = MEASURES.map(() => 0);
  const write = async (text) => {
    bytes += text.length;
    if (!file.write(text)) await new Promise((resolve) => file.once("drain", resolve));
  };
  await write(`timestamp,id,${MEASURES.join()}\n`);
  while (bytes < leastBytes) {
    let piece = "";
    for (const end = rows + PIECE_ROWS; rows < end; rows++) {
      piece += line(rows);
      // Hundredths, which add up exactly.
      valuesOf(rows).forEach((value, measure) => (sums[measure] += Math.round(value * 100)));
    }
    await write(piece);
  }
  file.end();
  await finished(file);
  return { rows, bytes, sums: sums.map((sum) => sum / 100) };
}

/**
 * Reads all rows that the pipeline answers, in the page, and looks for each of the file.
 * @returns {Promise<{found: number, missing: number, twice: number, corrupt: number, example: string | null}>}
 */
export function auditLargeCsv(page, rows) {
  return page.page.evaluate(audit, { base: page.base, rows, measures: MEASURES, start: START_MILLIS, ids: IDS });
}

async function audit({ base, rows, measures, start, ids }) {
  const valuesOf = (row) => [(row * 7919) % 100_003, (row * 104_729) % 99_991, (row * 31) % 9973].map((value) => value / 100);
  const seen = new Uint8Array(rows);
  const finding = { found: 0, missing: 0, twice: 0, corrupt: 0, example: null };
  const note = (what, text) => {
    finding[what]++;
    finding.example ??= `${what}: ${text}`;
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
        if (!line.startsWith(`timestamp,id,${measures.join()},`)) throw new Error(`the header is ${line}`);
        continue;
      }
      const [time, id, ...values] = line.split(",");
      const row = Date.parse(time) - start;
      finding.found++;
      if (!(row >= 0 && row < rows) || id !== `sensor-${row % ids}`) note("corrupt", line);
      else if (valuesOf(row).some((value, measure) => value !== Number(values[measure]))) note("corrupt", line);
      else if (seen[row]) note("twice", line);
      else seen[row] = 1;
    }
    if (done) break;
  }
  seen.forEach((isSeen, row) => !isSeen && note("missing", `row ${row}`));
  return finding;
}
