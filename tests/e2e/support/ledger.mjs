// What the pipeline acknowledged and answered, kept outside of the pages that end.
import { fileURLToPath } from "node:url";

const IN_PAGE = fileURLToPath(new URL("../pages/in_page.js", import.meta.url));

/** Events that only complete a batch get numbers from here on; the others of a round stay below. */
const FILLERS = 2_000_000;

export class Ledger {
  constructor(base) {
    this.base = base;
    this.clear();
  }

  /** Puts pages/in_page.js into every page of a browser context from now on, and notes what those pages report. */
  async listenTo(context) {
    await context.exposeBinding("report", (_, entry) => this.note(entry));
    await context.addInitScript({ path: IN_PAGE });
  }

  /** Begins anew, as the pipeline does when its events are deleted. */
  clear() {
    /** Runs of numbers that were answered 202, by round. */
    this.rounds = new Map();
    /** What became of every POST: round, numbers, status, and when it was sent and answered. */
    this.answers = [];
    /** What each batch held, by its number. */
    this.batches = new Map();
    this.newestBatch = 0;
    /** The epoch of these numbers, once a batch was heard. */
    this.epoch = null;
    /** Batches that came again with other content. */
    this.changedBatches = [];
    /** The rows of the newest batch that was read from `/latest`. */
    this.seen = [];
    this.nextFiller = FILLERS;
  }

  /** Takes what a page reports. */
  note({ kind, ...entry }) {
    if (kind === "answer") this.#noteAnswer(entry);
    if (kind === "batches") {
      entry.batches.forEach(([number, content]) => this.#noteBatch(number, content));
      this.epoch = entry.epoch;
    }
    if (kind === "seen") this.seen = entry.rows;
  }

  /** The position in the stream that is this many batches before the newest. */
  positionBefore(batches) {
    return this.epoch === null ? "0" : `${this.epoch}-${Math.max(0, this.newestBatch - batches)}`;
  }

  #noteAnswer(answer) {
    this.answers.push(answer);
    const { round, from, to, status, accepted } = answer;
    if (status !== 202) return;
    if (accepted !== to - from) throw new Error(`${to - from} events were posted, ${accepted} were taken`);
    this.rounds.set(round, [...this.acked(round), [from, to]]);
  }

  #noteBatch(number, content) {
    const known = this.batches.get(number);
    if (known !== undefined && known !== content) this.changedBatches.push(number);
    this.batches.set(number, content);
    this.newestBatch = Math.max(this.newestBatch, number);
  }

  acked(round) {
    return this.rounds.get(round) ?? [];
  }

  /** How many events of a round were acknowledged. */
  count(round) {
    return this.acked(round).reduce((sum, [from, to]) => sum + to - from, 0);
  }

  /** Posts events of a round and returns the status; see `post` in pages/in_page.js. */
  async post(tab, round, from, to) {
    return tab.page.evaluate((what) => globalThis.e2e.post(what), { base: this.base, round, from, to });
  }

  /** Completes the batch that waits, so that every acknowledged event can be asked for. */
  async fill(tab, round, batchSize = 10) {
    for (;;) {
      const waiting = (await metric(tab, "millrace_queue_depth")) % batchSize;
      if (waiting === 0) return;
      const from = this.nextFiller;
      this.nextFiller += batchSize - waiting;
      const status = await this.post(tab, round, from, this.nextFiller);
      if (status !== 202) throw new Error(`POST events: ${status}`);
    }
  }

  /** Compares the rows of a round with what was acknowledged; see `audit` in pages/in_page.js. */
  async audit(tab, round) {
    const what = { base: this.base, round, acked: this.acked(round) };
    return tab.page.evaluate((what) => globalThis.e2e.audit(what), what);
  }
}

/** An audit's finding in words. */
export function sentence({ acknowledged, found, missing, twice, corrupt, unacknowledged, examples }) {
  const counts = `${acknowledged} acknowledged, ${found} found (${unacknowledged} of them not acknowledged), ${missing} missing, ${twice} twice, ${corrupt} corrupt`;
  return examples.length > 0 ? `${counts}: ${examples.slice(0, 2).join("; ")}` : counts;
}

/** The findings of several audits as one. */
export function total(findings) {
  const sum = { acknowledged: 0, found: 0, missing: 0, twice: 0, corrupt: 0, unacknowledged: 0, examples: [] };
  for (const finding of findings) {
    for (const name of Object.keys(sum)) sum[name] = name === "examples" ? [...sum.examples, ...finding.examples].slice(0, 5) : sum[name] + finding[name];
  }
  return sum;
}

/** The value of a metric without labels. */
export async function metric(tab, name) {
  const { text } = await tab.fetch("metrics");
  const line = text.split("\n").find((line) => line.startsWith(`${name} `));
  if (!line) throw new Error(`no ${name} among the metrics: ${text.slice(0, 200)}`);
  return Number(line.split(" ")[1]);
}

/** Median and maximum of some milliseconds, as a figure. */
export function medianAndMax(millis) {
  const sorted = [...millis].sort((a, b) => a - b);
  return `median ${sorted[sorted.length >> 1] ?? "-"} ms, longest ${sorted.at(-1) ?? "-"} ms`;
}

/** Chance that a seed repeats: numbers from 0 up to 1. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Any of these, by chance. */
export function pick(chance, all) {
  return all[Math.floor(chance() * all.length)];
}
