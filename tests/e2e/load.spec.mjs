// 100,000 events a second for half a minute: figures to read, and what must hold on every machine.
import assert from "node:assert/strict";
import { appTest } from "./app.mjs";
import { until } from "./until.mjs";

const SECONDS = 30;
const ROWS_KEPT = 200_000;
// The moving average of 5 s sees 500,000 rows at this rate; when they are there too, nothing has a reason to grow.
const ROWS_TO_FILL = 600_000;

appTest("under load the page keeps painting, nothing is dropped and memory stays flat", { timeoutMillis: 150_000 }, async (app) => {
  await app.context.addInitScript(keepSnapshot);
  const page = await app.open(`?interval=10us&history_rows=${ROWS_KEPT}`);
  const first = await until("retention is reached and the window is full", async () => {
    const now = await snapshot(page);
    return now.history_rows >= ROWS_KEPT && now.counters.produced >= ROWS_TO_FILL && now;
  }, { timeoutMillis: 60_000 });
  await page.page.evaluate(watchFrames);

  const samples = [first];
  const started = Date.now();
  while (Date.now() - started < SECONDS * 1000) {
    const seen = samples.at(-1).counters.produced;
    samples.push(await until("events are produced", async () => {
      const now = await snapshot(page);
      return now.counters.produced >= seen + 500_000 && now;
    }, { timeoutMillis: 60_000 }));
  }
  const seconds = (Date.now() - started) / 1000;
  const frames = (await page.page.evaluate(() => globalThis.frameMillis)).sort((a, b) => a - b);
  const last = samples.at(-1);

  const rate = (last.counters.produced - first.counters.produced) / seconds;
  const at = (share) => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))].toFixed(1);
  console.log(`load: ${Math.round(rate)} events/s over ${seconds.toFixed(0)} s`);
  console.log(`load: frames ${frames.length}, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`);
  console.log(`load: wasm memory of the worker in MiB ${samples.map((s) => mebibytes(s.memory_bytes)).join(" ")}`);
  console.log(`load: history ${last.history_rows} rows, ${mebibytes(last.history_bytes)} MiB; dropped ${last.counters.dropped}, caught up ${last.counters.caught_up}`);

  assert.equal(last.counters.dropped, 0, "nothing is dropped under overflow=block");
  assert.ok(last.memory_bytes <= 1.05 * first.memory_bytes, `memory grew from ${first.memory_bytes} to ${last.memory_bytes} bytes`);
  assert.deepEqual(app.errors, []);
});

/** Keeps the newest snapshot that the page was told to draw. */
function keepSnapshot() {
  const { get } = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data");
  Object.defineProperty(MessageEvent.prototype, "data", {
    get() {
      const data = get.call(this);
      if (data?.kind === "snapshot") globalThis.newestSnapshot = data.json;
      return data;
    },
  });
}

/** Notes how long each frame took, from paint to paint. */
function watchFrames() {
  globalThis.frameMillis = [];
  let before = performance.now();
  const note = (now) => {
    globalThis.frameMillis.push(now - before);
    before = now;
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
}

async function snapshot(page) {
  return JSON.parse(await page.page.evaluate(() => globalThis.newestSnapshot));
}

function mebibytes(bytes) {
  return (bytes / 1024 / 1024).toFixed(1);
}
