// 100,000 events a second for half a minute: figures to read, and what must hold on every machine.
import assert from "node:assert/strict";
import { appTest } from "./app.mjs";
import { until } from "./until.mjs";

const SECONDS = 30;
const ROWS_KEPT = 200_000;
// The moving average of 5 s sees 500,000 rows at this rate, and a journal ends after 200,000: when the one is there and
// some of the other have come and gone, nothing has a reason to grow.
const ROWS_TO_FILL = 3_000_000;

appTest("under load the page keeps painting, nothing is dropped and memory stays flat", { timeoutMillis: 150_000 }, async (app) => {
  const page = await app.open(`?interval=10us&history_rows=${ROWS_KEPT}`);
  const first = await reading(page, ROWS_TO_FILL);
  assert.equal(first.history, ROWS_KEPT, "retention is reached");

  await page.page.evaluate(watchFrames);
  const readings = [first];
  const started = Date.now();
  while (Date.now() - started < SECONDS * 1000) readings.push(await reading(page, readings.at(-1).produced + 500_000));
  const seconds = (Date.now() - started) / 1000;
  const frames = (await page.page.evaluate(() => globalThis.frameMillis)).sort((a, b) => a - b);
  const last = readings.at(-1);

  const at = (share) => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))].toFixed(1);
  console.log(`load: ${Math.round((last.produced - first.produced) / seconds)} events/s over ${seconds.toFixed(0)} s`);
  console.log(`load: frames ${frames.length}, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`);
  console.log(`load: wasm memory of the worker ${readings.map(({ memory }) => memory).join(", ")}`);
  console.log(`load: history ${last.history} rows, dropped ${last.dropped}, behind ${last.behind}`);

  assert.equal(last.dropped, 0, "nothing is dropped under overflow=block");
  // Three million rows come and go meanwhile: eight bytes left behind by each would be 24 MB. Memory of wasm never shrinks,
  // so that a journal's end at a bad moment costs a few for good.
  assert.ok(bytes(last.memory) <= 1.1 * bytes(first.memory), `memory grew from ${first.memory} to ${last.memory}`);
  assert.deepEqual(app.errors, []);
});

/** What the page shows once so many events were produced. */
async function reading(page, produced) {
  await page.waitForCount("produced", (count) => count >= produced, { timeoutMillis: 60_000 });
  return {
    produced: await page.count("produced"),
    history: await page.count("history"),
    dropped: await page.count("dropped"),
    memory: await page.sideText("memory"),
    behind: await page.sideText("behind"),
  };
}

/** The bytes that a text such as `20.9 MB` stands for. */
function bytes(text) {
  const match = /^([\d.]+)\s*([KMG]?)B$/.exec(text);
  assert.ok(match, `"${text}" is no amount of memory`);
  return Number(match[1]) * 1024 ** ["", "K", "M", "G"].indexOf(match[2]);
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
