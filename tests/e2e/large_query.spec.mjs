// A million rows flow through: the first of them at once, memory stays small, the pipeline goes on.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { appTest } from "./app.mjs";
import { heapBytes } from "./heap.mjs";
import { until } from "./until.mjs";

const ROWS = 1_000_000;
const MB = 1 << 20;

appTest("a query over a million rows streams, and the pipeline goes on meanwhile", { timeoutMillis: 240_000 }, async (app) => {
  const page = await app.open(`?interval=5us&history_rows=${ROWS}`);
  await page.waitForCount("history", (rows) => rows === ROWS, { timeoutMillis: 90_000 });
  // A hundred batches a second from now on.
  await page.configure({ interval: "1ms" });
  await until("the queue is empty", async () => (await page.count("queued")) < 100, { timeoutMillis: 20_000 });

  const browser = app.context.browser();
  const memory = async () => ({
    wasm: await wasmBytes(page),
    worker: await heapBytes(browser, "worker", app.host.base),
    relay: await heapBytes(browser, "service_worker", app.host.base),
  });
  const before = await memory();
  const most = { ...before };
  let isReading = true;
  const watching = (async () => {
    while (isReading) {
      for (const [place, bytes] of Object.entries(await memory())) most[place] = Math.max(most[place], bytes);
      // Each reading collects the garbage first, which stops whoever is read.
      await pause(1000);
    }
  })();
  const read = await page.page.evaluate(readWhole, { base: app.host.base, target: "query?start=1970-01-01" });
  isReading = false;
  await watching;

  const grown = Object.fromEntries(Object.keys(before).map((place) => [place, (most[place] - before[place]) / MB]));
  const megabytes = (read.bytes / MB).toFixed(0);
  console.log(`large query: first byte after ${read.firstMillis.toFixed(1)} ms, ${megabytes} MB in ${(read.millis / 1000).toFixed(1)} s`);
  console.log(`large query: grew by at most ${Object.entries(grown).map(([place, size]) => `${place} ${size.toFixed(1)} MB`).join(", ")}`);
  console.log(`large query: ${read.batches} batches meanwhile, longest wait between two ${read.longestMillis.toFixed(0)} ms`);

  assert.equal(read.status, 200);
  assert.deepEqual([read.start, read.end], ['{"latest":[{"timestamp":', "}]}"]);
  assert.ok(read.bytes > 300 * MB, `${read.bytes} bytes`);
  assert.ok(grown.wasm + grown.worker < 32, `the worker grew by ${grown.wasm + grown.worker} MB`);
  assert.ok(grown.relay < 32, `the service worker grew by ${grown.relay} MB`);
  assert.deepEqual(read.gaps, [], "the stream of batches goes on without a gap");
  assert.ok(read.batches > 0);
  assert.deepEqual(app.errors, []);
});

appTest("a query that is cancelled stops the work", { timeoutMillis: 120_000 }, async (app) => {
  const page = await app.open("?interval=5us&history_rows=300000");
  await page.waitForCount("history", (rows) => rows === 300_000, { timeoutMillis: 60_000 });
  await page.configure({ paused: true });

  await page.page.evaluate(async (base) => {
    const { body } = await fetch(`${base}query?start=1970-01-01`);
    const reader = body.getReader();
    await reader.read();
    await reader.cancel();
  }, app.host.base);
  await until("no answer is being read", async () => {
    const { text } = await page.fetch("metrics");
    return /^millrace_open_streams 0$/m.test(text);
  });
});

/** Bytes of the pipeline's wasm memory, as the API tells them. */
async function wasmBytes(page) {
  const { text } = await page.fetch("metrics");
  return Number(/^millrace_wasm_memory_bytes (\S+)$/m.exec(text)?.[1]);
}

/** In the page: reads an answer part by part and follows the stream of batches meanwhile. */
async function readWhole({ base, target }) {
  const gaps = [];
  let batches = 0;
  let last = null;
  let longestMillis = 0;
  let lastMillis = performance.now();
  const source = new EventSource(`${base}stream`);
  source.addEventListener("gap", (event) => gaps.push(event.data));
  source.addEventListener("batch", ({ lastEventId }) => {
    const number = Number(lastEventId);
    if (last !== null && number !== last + 1) gaps.push(`${last}, then ${number}`);
    const now = performance.now();
    longestMillis = Math.max(longestMillis, now - lastMillis);
    [last, lastMillis, batches] = [number, now, batches + 1];
  });
  await new Promise((resolve) => source.addEventListener("batch", resolve, { once: true }));
  [batches, longestMillis, lastMillis] = [0, 0, performance.now()];

  const started = performance.now();
  const response = await fetch(base + target);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let firstMillis = null;
  let bytes = 0;
  let start = "";
  let end = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    firstMillis ??= performance.now() - started;
    bytes += value.length;
    if (start === "") start = decoder.decode(value.subarray(0, 24));
    end = (end + decoder.decode(value.subarray(-3))).slice(-3);
  }
  source.close();
  return { status: response.status, firstMillis, millis: performance.now() - started, bytes, start, end, batches, longestMillis, gaps };
}
