// Two tabs and two readers beside programs that take the machine's cores: nobody takes the pipeline from a worker that is only
// slow, and no request fails. MILLRACE_SOAK_SECONDS sets how long; `make soak` takes an hour.
import { setTimeout as pause } from "node:timers/promises";
import { MEASURED, expect, test } from "./fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { startHogs } from "./support/hogs.mjs";
import { metric } from "./support/ledger.mjs";
import { until } from "./support/until.mjs";
import { Vitals } from "./support/vitals.mjs";

const SECONDS = Number(process.env.MILLRACE_SOAK_SECONDS ?? inForm({ short: 15, full: 300 }));
const HOGS = inForm({ short: 4, full: 20 });
// Full from the first seconds on.
const ROWS = inForm({ short: 20_000, full: 200_000 });
const RUN = `?interval=100us&batch_size=100&distinct_ids=100&history_rows=${ROWS}&clock=utc`;
const RELOAD_SECONDS = 6;
const REST_MILLIS = 150;
/** Where programs share a core with many others, what takes a second elsewhere takes twenty. */
const PATIENCE = { timeoutMillis: 90_000 };
// Memory of wasm never shrinks: a journal's end at a bad moment costs a few for good.
const MOST_GROWN_MB = 8;
const MB = 1 << 20;

/** What users do, in turn, and the status that they get. */
const DEEDS = [
  () => [200, { target: "latest" }],
  () => [200, { target: "query?start=1970-01-01&limit=200&views=latest" }],
  () => [200, { target: "query?start=1970-01-01&views=pivoted&agg=std&window=1h" }],
  (turn) => [200, change({ window: `${1 + (turn % 30)}s`, agg: ["mean", "std", "median"][turn % 3] })],
  () => [200, { target: "query?start=1970-01-01&views=pivoted&bucket=1s" }],
  (turn) => [202, { target: "events", method: "POST", headers: { "Content-Type": "application/x-ndjson" }, body: `{"id":"posted","value":${turn}}\n`.repeat(50) }],
  () => [200, { target: "query?start=1970-01-01&views=latest&format=csv&limit=5000" }],
  () => [200, { target: "rejected" }],
  () => [200, { target: "config" }],
  (turn) => [200, change({ distinct_ids: 50 + (turn % 100) })],
];

function change(settings) {
  return { target: "config", method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify(settings) };
}

test(`over ${SECONDS} s beside ${HOGS} busy programs the pipeline stays where it is, and no request fails`, MEASURED, async ({ app, figure }) => {
  test.setTimeout(300_000 + SECONDS * 2000);
  const owner = await app.open(RUN);
  await owner.waitForText("connection", /this tab/);
  const other = await app.open(RUN);
  await other.waitForText("connection", /another tab/);
  await owner.waitForCount("history", (rows) => rows === ROWS, PATIENCE);
  // Two readers, in tabs of their own, and one who asks.
  const readers = [await Vitals.begin(app, owner), await Vitals.begin(app, owner)];
  const asker = await app.type("health");
  const ports = await metric(owner, "millrace_open_ports");
  const produced = await metric(owner, "millrace_events_produced_total");

  const wasm = [];
  const failed = [];
  let asked = 0;
  let reloads = 0;
  const started = Date.now();
  const isOver = () => Date.now() - started > SECONDS * 1000;
  const note = (what, problem) => failed.length < 20 && failed.push(`after ${((Date.now() - started) / 1000).toFixed(0)} s, ${what}: ${problem}`);
  const asks = async () => {
    for (let turn = 0; !isOver(); turn++) {
      const [status, { target, ...init }] = DEEDS[turn % DEEDS.length](turn);
      asked++;
      const answer = await asker.fetch(target, init).catch((error) => ({ status: 0, text: String(error) }));
      if (answer.status !== status) note(`${init.method ?? "GET"} ${target}`, `${answer.status} ${answer.text.slice(0, 200)}`);
      await pause(REST_MILLIS);
    }
  };
  const reloadsOther = async () => {
    while (!isOver()) {
      await other.page.reload({ timeout: PATIENCE.timeoutMillis });
      await until("the tab that was loaded again is answered", async () => (await other.fetch("health")).json().status === "ok", PATIENCE);
      reloads++;
      await pause(RELOAD_SECONDS * 1000);
    }
  };
  const measures = async () => {
    while (!isOver()) {
      wasm.push((await metric(owner, "millrace_wasm_memory_bytes")) / MB);
      await pause((SECONDS * 1000) / 40);
    }
  };
  const stopHogs = startHogs(HOGS);
  try {
    await Promise.all([asks(), reloadsOther(), measures()]);
  } finally {
    stopHogs();
  }
  const seconds = (Date.now() - started) / 1000;

  const [one, two] = await Promise.all(readers.map((reader) => reader.read()));
  figure(`events a second over ${seconds.toFixed(0)} s beside ${HOGS} busy programs`, ((await metric(owner, "millrace_events_produced_total")) - produced) / seconds);
  figure("owner changes, failed requests", `${Math.max(one.restarts, two.restarts)}, ${failed.length + one.failed.length + two.failed.length} of ${asked + one.polls + two.polls}`);
  figure("batches heard, missed, twice, gaps, longest wait", [one, two].map(({ batches, missed, repeated, gaps, longestMillis }) => `${batches}, ${missed}, ${repeated}, ${gaps}, ${longestMillis.toFixed(0)} ms`).join("; "));
  const half = wasm.slice(Math.floor(wasm.length / 2));
  figure("wasm memory, start, middle, end", `${[wasm[0], half[0], half.at(-1)].map((size) => size.toFixed(1)).join(", ")} MB`);
  figure("reloads of the other tab", reloads);
  await other.waitForText("connection", /another tab/, PATIENCE);
  // A tab that was left says so, or its lock is let go a moment later.
  await expect.poll(() => metric(owner, "millrace_open_ports"), { message: "ports stay as many", timeout: 30_000 }).toBeLessThanOrEqual(ports);

  expect([one.restarts, two.restarts], "changes of the owner").toEqual([0, 0]);
  await owner.waitForText("connection", /this tab/);
  expect([...failed, ...one.failed, ...two.failed]).toEqual([]);
  for (const { missed, repeated, gaps } of [one, two]) expect({ missed, repeated, gaps }).toEqual({ missed: 0, repeated: 0, gaps: 0 });
  expect(half.at(-1) - half[0], "MB of wasm from the middle to the end").toBeLessThan(MOST_GROWN_MB);
  expect(reloads).toBeGreaterThan(0);
  expect(app.errors).toEqual([]);
});
