// What keeping the history costs, in headless Chromium on the release build: appends with a flush after each batch, in
// bulk, and a history of ten million rows on disk, queried where it is read from disk and where it is in memory.
// In a profile, as users have one: in a private window each access to a file is a message to another process.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { launchProfile } from "../tests/e2e/support/browsers.mjs";
import { DIST, serve } from "../tests/e2e/support/server.mjs";

const ROWS = Number(process.env.MILLRACE_BENCH_ROWS ?? 10_000_000);
const ROWS_PER_POST = 100_000;
const QUERIES = 5;

const program = "worker.js";
const host = await serve();
const folder = await mkdtemp(join(tmpdir(), "millrace-profile-"));
const browser = await launchProfile(folder);
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const whole = (value) => Math.round(value).toLocaleString("en");
try {
  const plain = await browser.newPage();
  await plain.goto(`${host.base}sw.js`); // any file of the app that is not the app itself
  const rates = await plain.evaluate(measure, { base: host.base, program, runs: [0, 1, 2].flatMap(() => [[3000, 10, true], [500, 4000, true], [500, 4000, false]]) });
  const [one, bulk, without] = [0, 1, 2].map((kind) => rates.filter((_, place) => place % 3 === kind));
  // What the log adds to a row, from each pair of runs beside one another.
  const logAlone = bulk.map((rate, run) => 1 / (1 / rate - 1 / without[run]));
  console.log(`log: batches of 10, flushed one by one: ${whole(median(one) / 10)} batches a second (${one.map((rate) => whole(rate / 10)).join(", ")})`);
  console.log(`log: in bulk, the whole pipeline: ${whole(median(bulk))} rows a second, ${whole(median(without))} without a log; the log alone takes ${whole(median(logAlone))} rows a second (${logAlone.map(whole).join(", ")})`);
  await plain.close();

  const page = await browser.newPage();
  await page.goto(`${host.base}?source=none&clock=utc&batch_size=10000&history_rows=${ROWS}&memory_rows=1000000`);
  const ask = (target, init) => page.evaluate(timed, { target: host.base + target, init });
  while ((await ask("health").catch(() => ({}))).type !== "application/json") await pause(100);
  const started = Date.now();
  for (let first = 0; first < ROWS; first += ROWS_PER_POST) await page.evaluate(post, { target: `${host.base}events`, first, count: Math.min(ROWS_PER_POST, ROWS - first) });
  console.log(`log: ${whole(ROWS)} rows posted as CSV, processed, flushed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  const gauge = async (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec((await ask("metrics")).text)?.[1]);
  console.log(`log: worker memory ${((await gauge("millrace_wasm_memory_bytes")) / 2 ** 20).toFixed(0)} MB, history ${whole(await gauge("millrace_history_rows"))} rows`);
  const at = (row) => new Date(Date.UTC(2025, 0, 1) + row).toISOString();
  const count = ROWS / 100;
  const range = async (first) => {
    const { millis, length } = await ask(`query?start=${at(first)}&end=${at(first + count - 1)}&views=latest&format=arrow`);
    return { millis, length };
  };
  const [disk, memory] = [[], []];
  for (let run = 0; run < QUERIES; run++) {
    disk.push((await range(Math.floor((ROWS * (run + 1)) / (QUERIES * 2)))).millis);
    memory.push((await range(ROWS - count - 1)).millis);
  }
  console.log(`log: 1% of the rows as Arrow: ${median(disk).toFixed(0)} ms read from disk, ${median(memory).toFixed(0)} ms from memory (ratio ${(median(disk) / median(memory)).toFixed(2)})`);
  console.log(`log: worker memory after the queries ${((await gauge("millrace_wasm_memory_bytes")) / 2 ** 20).toFixed(0)} MB`);
  const before = Date.now();
  await page.reload();
  while ((await ask("health").catch(() => ({}))).type !== "application/json") await pause(10);
  console.log(`log: page loaded again and answering after ${Date.now() - before} ms, history ${whole(await gauge("millrace_history_rows"))} rows`);
} finally {
  await browser.close();
  await host.close();
  await rm(folder, { recursive: true, force: true });
}

/** Runs in a page: loads the program in a worker of its own and calls its benchmark, each run on new files. */
function measure({ base, program, runs }) {
  const script = `
    import init, { bench_journal } from "${base}${program}";
    await init({ module_or_path: "${base}${program.replace(".js", "_bg.wasm")}" });
    const rates = [];
    for (const [batches, size, persist] of ${JSON.stringify(runs)}) rates.push(await bench_journal(batches, size, persist));
    postMessage(rates);
  `;
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => Array.isArray(data) && resolve(data);
    worker.onerror = (event) => reject(new Error(`the benchmark did not start: ${event.message ?? "see the worker's exports"}`));
  });
}

/** Runs in the page: a request, how long it took, and what came. */
async function timed({ target, init }) {
  const started = performance.now();
  const response = await fetch(target, init);
  const bytes = await response.arrayBuffer();
  const millis = performance.now() - started;
  const type = response.headers.get("content-type");
  return { millis, type, length: bytes.byteLength, text: type?.startsWith("text") ? new TextDecoder().decode(bytes) : "" };
}

/** Runs in the page: posts rows a millisecond apart, of a thousand ids. */
async function post({ target, first, count }) {
  const start = Date.UTC(2025, 0, 1);
  const lines = Array.from({ length: count }, (_, row) => `${new Date(start + first + row).toISOString()},sensor-${(first + row) % 1000},${(first + row) % 997}`);
  const response = await fetch(target, { method: "POST", headers: { "Content-Type": "text/csv" }, body: `timestamp,id,value\n${lines.join("\n")}\n` });
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
}
