// What a batch of 10 costs in the pipeline worker, from queue to encoded /latest: the release build, in headless
// Chromium. Prints microseconds a batch, the median over several runs.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { launch } from "../tests/e2e/support/browsers.mjs";
import { DIST, serve } from "../tests/e2e/support/server.mjs";

const RUNS = 9;
const BATCHES_PER_RUN = 20_000;

if (!existsSync(join(DIST, "index.html"))) throw new Error("dist/ is missing; run 'make build' first.");
const program = "worker.js";
const host = await serve();
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.goto(`${host.base}sw.js`); // any file of the app that is not the app itself
  const micros = (await page.evaluate(measure, { base: host.base, program, runs: RUNS, batches: BATCHES_PER_RUN })).sort((a, b) => a - b);
  const shown = (value) => value.toFixed(2);
  console.log(`a batch of 10, from queue to encoded /latest: ${shown(micros[RUNS >> 1])} µs (fastest ${shown(micros[0])}, slowest ${shown(micros.at(-1))}; ${RUNS} runs of ${BATCHES_PER_RUN} batches)`);
} finally {
  await browser.close();
  await host.close();
}

/** Runs in the page: loads the program in a worker of its own and calls its benchmark. */
function measure({ base, program, runs, batches }) {
  const script = `
    import init, { bench_batch } from "${base}${program}";
    await init({ module_or_path: "${base}${program.replace(".js", "_bg.wasm")}" });
    postMessage(Array.from({ length: ${runs} }, () => bench_batch(${batches})));
  `;
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => Array.isArray(data) && resolve(data);
    worker.onerror = (event) => reject(new Error(`the benchmark did not start: ${event.message ?? "see the worker's exports"}`));
  });
}
