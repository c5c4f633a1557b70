// Frame times of the built page under load, beside uPlot alone and Perspective with as many rows, in headless Chromium:
//
//   node benches/frames.mjs [--only=chart,table,heap,uplot,perspective] [--heap-minutes=10] [--secs=20]
//
// Asserts nothing. Headless Chromium without a GPU rasters in software, on the same cores as everything else: the figures
// compare the rows of one table, they are no promise for a screen.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launchProfile } from "../tests/e2e/support/browsers.mjs";
import { AppPage } from "../tests/e2e/pages/app_page.mjs";
import { DIST, serve } from "../tests/e2e/support/server.mjs";
import { framesTable, heap, measureFrames, scrollOver } from "./frames/measure.mjs";
import { drawWithUPlot, openPerspective } from "./frames/peers.mjs";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const ROWS = 1_000_000;
const ROWS_A_SECOND = 100_000;
const RUN = "?interval=10us&batch_size=1000&distinct_ids=100&history_rows=1000000";
const VIEWPORT = { width: 1440, height: 900 };
const HEAP_EVERY_MILLIS = 10_000;

const { values: options } = parseArgs({ options: { only: { type: "string" }, "heap-minutes": { type: "string", default: "10" }, secs: { type: "string", default: "20" } } });
const SECS = Number(options.secs);
const isWanted = (part) => !options.only || options.only.split(",").includes(part);
const say = (text) => process.stderr.write(`frames: ${text}\n`);
const results = [];
const remarks = [];

if (!existsSync(join(DIST, "index.html"))) throw new Error("dist/ is missing; run 'make build' first.");
const folder = await mkdtemp(join(tmpdir(), "millrace-profile-"));
const browser = await launchProfile(folder, { viewport: VIEWPORT });
try {
  if (["chart", "table", "heap"].some(isWanted)) await measureMillrace();
  if (isWanted("uplot")) await measureUPlot();
  if (isWanted("perspective")) await measurePerspective();
  console.log(`frame times in headless Chromium ${browser.browser()?.version() ?? ""}, ${cpus().length} cores of ${cpus()[0].model}, software rendering`);
  if (results.length) console.log(framesTable(results));
  for (const remark of remarks) console.log(remark);
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}

async function measureMillrace() {
  const host = await serve();
  const app = new AppPage(await browser.newPage(), host.base);
  const { page } = app;
  try {
    await app.open(RUN);
    await app.waitUntilLive();
    say(`filling the history with ${ROWS.toLocaleString("en")} rows`);
    await app.waitForCount("history", (rows) => rows >= ROWS * 0.999, { timeoutMillis: 300_000 });
    const all = page.locator(".chart-panel").getByLabel("All", { exact: true });
    if (await all.count()) await all.first().check({ force: true });
    else remarks.push("The chart has no range \"All\": it showed what it shows by itself.");
    if (isWanted("chart")) {
      for (const [pace, interval, batch_size] of [["100,000 events/s", "10us", 1_000], ["1,000,000 events/s", "1us", 10_000]]) {
        say(`the chart, ${pace}`);
        await app.configure({ interval, batch_size });
        const before = await app.count("arrived");
        const started = Date.now();
        results.push(await measureFrames(page, `millrace: chart of 1,000,000 points, ${pace}`, SECS));
        const rate = ((await app.count("arrived")) - before) / ((Date.now() - started) / 1000);
        remarks.push(`Of ${pace} millrace took ${Math.round(rate).toLocaleString("en")} into its files.`);
      }
      await app.configure({ interval: "10us", batch_size: 1_000 });
    }
    if (isWanted("heap")) await measureHeap(page, Number(options["heap-minutes"]));
    if (isWanted("table")) await measureScrolling(app);
  } finally {
    await page.close();
    await host.close();
  }
}

async function measureScrolling(app) {
  const { page } = app;
  const view = await app.show("history");
  const scroller = view.locator(".virtual-table");
  await scroller.waitFor();
  const box = await scroller.boundingBox();
  for (const [pace, interval] of [["100,000 events/s", "10us"], ["1 event/s", "1s"]]) {
    say(`scrolling the history, ${pace}`);
    await app.configure({ interval });
    results.push(await measureFrames(page, `millrace: scrolling 1,000,000 rows, ${pace}`, SECS, scrollOver(page, box)));
    results.push(await measureFrames(page, `millrace: dragging the bar, ${pace}`, SECS, dragThrough(page, scroller)));
  }
}

/** Goes through the whole of a scroller, up and down, as its bar does when it is dragged. */
function dragThrough(page, scroller) {
  return async (until) => {
    await scroller.evaluate((element, millis) => {
      const started = performance.now();
      // Read once: a hand on the bar asks for no layout.
      const most = element.scrollHeight - element.clientHeight;
      return new Promise((resolve) => {
        const step = (now) => {
          const share = ((now - started) / 5000) % 2;
          element.scrollTop = most * (share < 1 ? share : 2 - share);
          if (now - started < millis) requestAnimationFrame(step);
          else resolve();
        };
        requestAnimationFrame(step);
      });
    }, until - Date.now());
  };
}

async function measureHeap(page, minutes) {
  say(`the heap over ${minutes} minutes`);
  const samples = [];
  const started = Date.now();
  while (Date.now() - started < minutes * 60_000) {
    samples.push({ at: Date.now() - started, ...(await heap(page)) });
    await page.waitForTimeout(HEAP_EVERY_MILLIS);
  }
  const megabytes = (part, name) => (part.map((sample) => sample[name]).sort((a, b) => a - b)[part.length >> 1] / 2 ** 20).toFixed(2);
  const span = Math.min(60_000, (minutes * 60_000) / 2);
  const first = samples.filter(({ at }) => at < span);
  const last = samples.filter(({ at }) => at >= minutes * 60_000 - span);
  for (const name of ["objects", "buffers"]) {
    remarks.push(`main thread's heap, ${name}: ${megabytes(first, name)} MB in the first minute, ${megabytes(last, name)} MB in the last of ${minutes} (medians after collection)`);
  }
}

async function measureUPlot() {
  const host = await serve({ dist: join(ROOT, "node_modules/uplot") });
  const page = await browser.newPage();
  try {
    await page.goto(`${host.base}package.json`);
    await page.addStyleTag({ path: join(ROOT, "node_modules/uplot/dist/uPlot.min.css") });
    await page.addScriptTag({ path: join(ROOT, "node_modules/uplot/dist/uPlot.iife.min.js") });
    await page.evaluate(drawWithUPlot, { rows: ROWS, rowsAFrame: Math.round(ROWS_A_SECOND / 60), width: 1000, height: 260 });
    say("uPlot alone");
    results.push(await measureFrames(page, "uPlot alone: 1,000,000 points", SECS));
  } finally {
    await page.close();
    await host.close();
  }
}

async function measurePerspective() {
  const modules = installPerspective();
  if (!modules) return;
  const host = await serve({ dist: modules });
  const open = async (plugin, columns) => {
    const page = await browser.newPage();
    page.on("pageerror", (error) => say(`Perspective's page says: ${error.message}`));
    page.setDefaultTimeout(0);
    await page.goto(`${host.base}@finos/perspective/package.json`);
    const opened = await page.evaluate(openPerspective, { base: host.base, rows: ROWS, plugin, columns });
    say(`Perspective holds ${opened.rows.toLocaleString("en")} rows`);
    return { page, ...opened };
  };
  try {
    const { page: grid } = await open("Datagrid", ["timestamp", "id", "value", "moving_avg"]);
    say("scrolling Perspective's datagrid");
    results.push(await measureFrames(grid, "Perspective: scrolling 1,000,000 rows", SECS, scrollOver(grid, { x: 0, y: 0, ...VIEWPORT })));
    await grid.close();
    const { page: chart, most } = await open("X/Y Line", ["timestamp", "value"]);
    await chart.evaluate(() => globalThis.stream());
    say("streaming into Perspective's chart");
    results.push(await measureFrames(chart, "Perspective: streaming into a chart", SECS));
    const taken = await chart.evaluate(() => globalThis.streamed);
    remarks.push(`Perspective took ${Math.round(taken / SECS).toLocaleString("en")} of ${ROWS_A_SECOND.toLocaleString("en")} rows a second meanwhile, and drew at most ${most?.toLocaleString("en")} values of its table: that is where its plugin stops by itself.`);
    await chart.close();
  } catch (error) {
    remarks.push(`Perspective could not be measured to the end: ${error.message.split("\n")[0]}`);
  } finally {
    await host.close();
  }
}

/** Installs Perspective once; the folder of its packages, or nothing where that cannot be had. */
function installPerspective() {
  const into = join(ROOT, "target/bench/frames");
  const lock = "package-lock.json";
  try {
    const isThere = existsSync(join(into, "node_modules")) && readFileSync(join(into, lock), "utf8") === readFileSync(join(ROOT, "benches/frames", lock), "utf8");
    if (!isThere) {
      say("installing Perspective");
      mkdirSync(into, { recursive: true });
      for (const name of ["package.json", lock]) cpSync(join(ROOT, "benches/frames", name), join(into, name));
      execFileSync("npm", ["ci", "--ignore-scripts", "--loglevel=error"], { cwd: into, stdio: ["ignore", "ignore", "inherit"] });
    }
    return join(into, "node_modules");
  } catch (error) {
    remarks.push(`Perspective was left out: it could not be installed (${error.message.split("\n")[0]}).`);
    return null;
  }
}
