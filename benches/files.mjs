// One large CSV file in the hands of millrace, DuckDB-wasm, Arquero and Papa Parse, each in a headless Chromium of its own:
//
//   node benches/files.mjs [--mb=256] [--only=millrace,duckdb,arquero,papaparse]
//
// What they do with it differs, and the table says how: millrace keeps each row on disk and answers queries over all of them,
// DuckDB and Arquero hold a table in memory, Papa Parse forgets each row. All of them add the measures up, and no time is
// printed for a sum that is wrong. Memory is the most that the processes of the browser's pages took.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { AppPage } from "../tests/e2e/pages/app_page.mjs";
import { FilesPanel } from "../tests/e2e/pages/files_panel.mjs";
import { launchProfile } from "../tests/e2e/support/browsers.mjs";
import { MEASURES, SETTINGS, writeLargeCsv } from "../tests/e2e/support/large_csv.mjs";
import { DIST, serve as serveApp } from "../tests/e2e/support/server.mjs";
import { serve } from "./frame/server.mjs";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const BENCH = join(ROOT, "target/bench");
const NAME = "large.csv";
const MOST_MILLIS = 1_800_000;
const MB = 1 << 20;
/** Of the sums, since each adds in an order of its own. */
const TOLERANCE = 1e-9;

const PARTICIPANTS = {
  millrace: { name: "millrace", keeps: "on disk, queryable", run: loadInMillrace },
  duckdb: { name: "DuckDB-wasm", keeps: "in memory, queryable", run: (path) => readInPage("duckdb", path) },
  arquero: { name: "Arquero", keeps: "in memory, queryable", run: (path) => readInPage("arquero", path) },
  papaparse: { name: "Papa Parse", keeps: "nothing", run: (path) => readInPage("papaparse", path) },
};

const { values: options } = parseArgs({ options: { mb: { type: "string", default: "256" }, only: { type: "string", default: Object.keys(PARTICIPANTS).join() } } });
const say = (text) => process.stderr.write(`files: ${text}\n`);

if (!existsSync(join(DIST, "index.html"))) throw new Error("dist/ is missing; run 'make build' first.");
const folder = join(BENCH, "files");
const path = join(folder, NAME);
await mkdir(folder, { recursive: true });
const results = [];
let version = "";
try {
  say(`writing ${options.mb} MB`);
  const { rows, bytes, sums } = await writeLargeCsv(path, Number(options.mb) * MB);
  for (const key of options.only.split(",")) {
    const { name, keeps, run } = PARTICIPANTS[key];
    say(name);
    results.push({ name, keeps, ...(await run(path, rows).then(checked(rows, sums), (error) => ({ failed: String(error.message).split("\n")[0] }))) });
  }
  report(rows, bytes);
} finally {
  await rm(path, { force: true });
}
if (results.some(({ name, failed }) => name === "millrace" && failed)) process.exit(1);

/** Lets no result stand that has other rows or sums than the file. */
function checked(rows, sums) {
  return (result) => {
    if (result.rows !== rows) return { failed: `it has ${result.rows} of ${rows} rows` };
    const wrong = sums.findIndex((sum, measure) => !(Math.abs(result.sums[measure] - sum) <= TOLERANCE * sum));
    if (wrong >= 0) return { failed: `its sum of ${MEASURES[wrong]} is ${result.sums[wrong]}, not ${sums[wrong]}` };
    return result;
  };
}

/** Runs in a browser on a profile of its own, which is removed; adds the memory that its pages took. */
async function inBrowser(work) {
  const profile = await mkdtemp(join(tmpdir(), "millrace-profile-"));
  const context = await launchProfile(profile, { viewport: { width: 1440, height: 900 } });
  context.setDefaultTimeout(MOST_MILLIS);
  version = context.browser()?.version() ?? version;
  try {
    const result = await work(await context.newPage());
    return { ...result, memory: await memoryOf(context) };
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

function loadInMillrace(path, rows) {
  return inBrowser(async (page) => {
    const host = await serveApp();
    try {
      const app = new AppPage(page, host.base);
      await app.open(`?source=none&${SETTINGS}&batch_size=10000&history_rows=${rows}`);
      await app.waitUntilLive();
      const files = new FilesPanel(page);
      await files.choose(path);
      await files.lookedAt(NAME);
      const started = performance.now();
      await files.load();
      const loading = files.loading(NAME);
      // Looked at with each frame: a test looks twice in a second, which is too seldom for a time.
      const isLoaded = (state) => state.textContent.trim() === "loaded";
      await page.waitForFunction(isLoaded, await loading.state.elementHandle(), { timeout: MOST_MILLIS });
      const millis = performance.now() - started;
      const { taken } = await loading.loaded();
      const { pivoted } = await app.get("query?start=1970-01-01&views=pivoted&aggfunc=sum");
      return { millis, rows: taken, sums: MEASURES.map((name) => pivoted.reduce((sum, row) => sum + row[name], 0)) };
    } finally {
      await host.close();
    }
  });
}

function readInPage(reader, path) {
  return inBrowser(async (page) => {
    const modules = join(BENCH, "npm/node_modules");
    const server = await serve({ files: join(ROOT, "benches/files"), npm: modules }, folder);
    try {
      page.on("pageerror", (error) => say(`the page failed: ${error.message}`));
      await page.goto(`${server.base}files/page.html`);
      await page.waitForFunction(() => globalThis.readers);
      await page.locator("input").setInputFiles(path);
      const crashed = new Promise((_, reject) => page.once("crash", () => reject(new Error("its page ran out of memory"))));
      return await Promise.race([crashed, page.evaluate(([reader, measures]) => globalThis.readFile(reader, measures), [reader, MEASURES])]);
    } finally {
      await server.close();
    }
  });
}

/** The most that each process of a page or worker has taken, in bytes. */
async function memoryOf(context) {
  const session = await context.browser().newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const kilobytes = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => {
    try {
      return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0);
    } catch {
      return 0; // it has ended meanwhile
    }
  });
  return kilobytes.reduce((sum, size) => sum + size, 0) * 1024;
}

function report(rows, bytes) {
  const size = `${(bytes / MB).toFixed(0)} MB of CSV, ${rows.toLocaleString("en")} rows of ${MEASURES.length} measures`;
  console.log(`\n${size}; headless Chromium ${version}, ${cpus().length} cores of ${cpus()[0].model}`);
  const lines = results.map(({ name, keeps, millis, memory, failed }) =>
    failed ? [name, "-", "-", "-", "-", failed] : [name, (millis / 1000).toFixed(1), Math.round(rows / (millis / 1000)).toLocaleString("en"), (bytes / MB / (millis / 1000)).toFixed(1), (memory / MB).toFixed(0), keeps]);
  const table = [["", "s", "rows/s", "MB/s", "memory MB", "what it keeps"], ...lines];
  const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)));
  for (const line of table) console.log(line.map((cell, column) => (column === 0 || column === 5 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join("  "));
  if (!process.env.MILLRACE_FIGURES) return;
  for (const { name, millis, memory, failed } of results) {
    const figure = failed ?? `${(millis / 1000).toFixed(1)} s, ${(memory / MB).toFixed(0)} MB`;
    appendFileSync(process.env.MILLRACE_FIGURES, `${size}, ${name}: ${figure}\tbenches/files.mjs\n`);
  }
}
