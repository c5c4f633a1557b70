// A large answer flows through: its first rows come at once, memory stays small, the pipeline goes on.
import { setTimeout as pause } from "node:timers/promises";
import { MEASURED, expect, test } from "./fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { heapBytes } from "./support/heap.mjs";
import { metric } from "./support/ledger.mjs";

const ROWS = inForm({ short: 200_000, full: 10_000_000 });
const MB = 1 << 20;
const BYTES_A_ROW = 300;
// Less than the answer: the pivot of a round keeps some 250 bytes of each id, and each row has an id of its own. How much of
// that the worker's memory grows by depends on what the rows took as they came.
const MOST_GROWN_MB = inForm({ short: 64, full: 96 });

test(`a query over ${ROWS.toLocaleString("en")} rows streams, and the pipeline goes on meanwhile`, MEASURED, async ({ app, figure }) => {
  test.setTimeout(inForm({ short: 90_000, full: 1_200_000 }));
  const page = await app.open(`?interval=5us&history_rows=${ROWS}&memory_rows=${ROWS}`);
  await page.waitForCount("history", (rows) => rows === ROWS, { timeoutMillis: inForm({ short: 60_000, full: 600_000 }) });
  // A hundred batches a second from now on.
  await page.configure({ interval: "1ms" });
  await page.waitForCount("queued", (queued) => queued < 100, { timeoutMillis: 30_000 });

  const browser = app.context.browser();
  const memory = async () => ({
    wasm: await metric(page, "millrace_wasm_memory_bytes"),
    worker: await heapBytes(browser, "worker", app.host.base),
    relay: await heapBytes(browser, "service_worker", app.host.base),
  });
  const before = await memory();
  const most = { ...before };
  let isReading = true;
  const watching = (async () => {
    while (isReading) {
      for (const [place, bytes] of Object.entries(await memory())) most[place] = Math.max(most[place], bytes);
      // Each reading collects the garbage first, which stops the worker that is read: a pause keeps that rare.
      await pause(1000);
    }
  })();
  const read = await page.page.evaluate(readWhole, { base: app.host.base, target: "query?start=1970-01-01" }).finally(() => (isReading = false));
  await watching;

  const grown = Object.fromEntries(Object.keys(before).map((place) => [place, (most[place] - before[place]) / MB]));
  figure("first byte after", read.firstMillis, "ms");
  figure("the whole answer", `${(read.bytes / MB).toFixed(0)} MB in ${(read.millis / 1000).toFixed(1)} s`);
  figure("memory grew by at most", Object.entries(grown).map(([place, size]) => `${place} ${size.toFixed(1)} MB`).join(", "));
  figure("batches meanwhile", `${read.batches}, longest wait between two ${read.longestMillis.toFixed(0)} ms`);

  expect(read.status).toBe(200);
  expect([read.start, read.end]).toEqual(['{"latest":[{"timestamp":', "}]}"]);
  expect(read.bytes).toBeGreaterThan(BYTES_A_ROW * ROWS);
  expect(read.hasBlankRows, "rows without an id stand for what could not be read").toBe(false);
  expect(grown.wasm + grown.worker, "MB that the worker grew by").toBeLessThan(MOST_GROWN_MB);
  expect(grown.relay, "MB that the service worker grew by").toBeLessThan(32);
  expect(read.gaps, "the stream of batches goes on without a gap").toEqual([]);
  expect(read.batches).toBeGreaterThan(0);
  expect(app.errors).toEqual([]);
});

test("rows that the history lets go of stay in an answer that is being read", MEASURED, async ({ app, figure }) => {
  const page = await app.open("?interval=10us&history_rows=200000&memory_rows=8192");
  await page.waitForCount("history", (rows) => rows === 200_000, { timeoutMillis: 60_000 });

  const read = await page.page.evaluate(async (base) => {
    const reader = (await fetch(`${base}query?start=1970-01-01&views=latest`)).body.getReader();
    const decoder = new TextDecoder();
    const blank = '"id":"00000000-0000-0000-0000-000000000000"';
    let [text, ids, blanks] = ["", 0, 0];
    for (;;) {
      const { done, value } = await reader.read();
      text += decoder.decode(value, { stream: !done });
      // What is behind the last brace may go on in the next part.
      const end = done ? text.length : text.lastIndexOf("{");
      ids += text.slice(0, end).split('"id":').length - 1;
      blanks += text.slice(0, end).split(blank).length - 1;
      text = text.slice(end);
      if (done) return { ids, blanks };
      // Slower than the rows are replaced.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }, app.host.base);
  figure("rows with an id", read.ids);
  expect(read).toEqual({ ids: 200_000, blanks: 0 });
  await expect(page.page.getByText("was damaged")).toHaveCount(0);
  expect(app.errors).toEqual([]);
});

test("a query that is cancelled stops the work", MEASURED, async ({ app }) => {
  const page = await app.open("?interval=5us&history_rows=300000");
  await page.waitForCount("history", (rows) => rows === 300_000, { timeoutMillis: 60_000 });
  await page.configure({ paused: true });

  await page.page.evaluate(async (base) => {
    const { body } = await fetch(`${base}query?start=1970-01-01`);
    const reader = body.getReader();
    await reader.read();
    await reader.cancel();
  }, app.host.base);
  await expect.poll(() => metric(page, "millrace_open_streams"), "no answer is read any more").toBe(0);
});

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
    const number = Number(lastEventId.split("-")[1]);
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
  let hasBlankRows = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    firstMillis ??= performance.now() - started;
    bytes += value.length;
    const text = decoder.decode(value);
    if (start === "") start = text.slice(0, 24);
    end = (end + text).slice(-3);
    hasBlankRows ||= text.includes('"00000000-0000-0000-0000-000000000000"');
  }
  source.close();
  return { status: response.status, firstMillis, millis: performance.now() - started, bytes, start, end, hasBlankRows, batches, longestMillis, gaps };
}
