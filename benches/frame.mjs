// `make bench`: the frame beside its peers. Generates the input, lets every participant do the same works on it,
// compares all answers and only then prints the table and writes target/bench/frame.json.
//
//   node benches/frame.mjs [--only=js,arquero,duckdb,wasm,pandas,polars,native,scale] [--works=melt_written,…] [--rows=1000000]
import { execFileSync, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launch } from "../tests/e2e/browser.mjs";
import { difference } from "./frame/compare.mjs";
import { writeInput } from "./frame/input.mjs";
import { frameTable, scaleTable, summary } from "./frame/report.mjs";
import { serve } from "./frame/server.mjs";
import { WORKS } from "./frame/works.mjs";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const BENCH = join(ROOT, "target/bench");
const INPUT = join(BENCH, "input");
const ANSWERS = join(BENCH, "answers");
const PYTHON = join(BENCH, "venv/bin/python");
const NATIVE = join(ROOT, "target/release/examples/frame_bench");
const WASM = join(BENCH, "wasm");
const NATIVE_RUNS = 11;
const SCALES = {
  rolling_mean_rows: [1e4, 1e5, 1e6, 1e7],
  melt_rows: [1e4, 1e5, 1e6, 1e7],
  pivot_rows: [1e4, 1e5, 1e6, 1e7],
  pivot_ids: [1, 10, 100, 1e3, 1e4, 1e5],
  rolling_mean_window: [1, 10, 100, 1e3, 1e4, 1e5],
  rolling_min_window: [1, 10, 100, 1e3, 1e4, 1e5],
  rolling_median_window: [1, 10, 100, 1e3, 1e4, 1e5],
};

// Participants that share a page take turns; the libraries have one each, so that their heaps burden nobody else.
const PAGES = [
  { part: "arquero", names: ["Arquero"] },
  { part: "duckdb", names: ["DuckDB"] },
  { part: "js", names: ["plain JS"] },
  { part: "wasm", names: ["plain Rust", "millrace"] },
];

const { values: options } = parseArgs({
  options: { only: { type: "string" }, works: { type: "string", default: Object.keys(WORKS).join() }, rows: { type: "string", default: "1000000" } },
});
const works = options.works.split(",");
const rows = Number(options.rows);
const isWanted = (part) => !options.only || options.only.split(",").includes(part);
const say = (text) => process.stderr.write(`bench: ${text}\n`);

const millis = {}; // by column of the table, then by work: the milliseconds of each run
const versions = { node: process.version };
const remarks = [];

rmSync(ANSWERS, { recursive: true, force: true });
await mkdir(ANSWERS, { recursive: true });
say(`generating ${rows.toLocaleString("en")} rows`);
await writeInput(INPUT, rows);

await measurePython();
await measureNative();
const scales = await measureBrowser();
const differences = await compareAnswers();
if (differences.length) {
  differences.forEach(say);
  say("answers differ, so no time is reported.");
  process.exit(1);
}
const result = {
  date: new Date().toISOString(),
  rows,
  cores: cpus().length,
  processor: cpus()[0].model,
  versions,
  works: summary(millis),
  scales,
  remarks,
};
await writeFile(join(BENCH, "frame.json"), `${JSON.stringify(result, null, 2)}\n`);
console.log(frameTable(result));
if (scales) console.log(scaleTable(scales));
for (const remark of remarks) console.log(remark);

/** Runs a program that prints a line of JSON for each measurement, and keeps these under the columns' names. */
async function measureProgram(program, args, column) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const { work, kind, millis } = JSON.parse(line);
    keep(column(kind), work, millis);
  }
  const status = await ended;
  if (status !== 0) throw new Error(`${program} ended with status ${status}; see what it says above.`);
}

async function measurePython() {
  const libraries = ["pandas", "polars"].filter(isWanted);
  if (!libraries.length) return;
  if (!existsSync(PYTHON)) return remarks.push("pandas and polars were left out: there is no Python 3.11 or newer with venv and pip on this machine.");
  say(`pandas and polars, natively`);
  const freeze = execFileSync(PYTHON, ["-m", "pip", "freeze"], { encoding: "utf8" });
  for (const [, name, version] of freeze.matchAll(/^(.+)==(.+)$/gm)) versions[name] = version;
  versions.python = execFileSync(PYTHON, ["--version"], { encoding: "utf8" }).trim().replace("Python ", "");
  await measureProgram(PYTHON, [join(ROOT, "benches/frame/peers.py"), INPUT, String(NATIVE_RUNS), join(ANSWERS, "python"), libraries.join(), works.join()], (kind) => kind);
}

async function measureNative() {
  if (!isWanted("native")) return;
  if (!existsSync(NATIVE)) return remarks.push("The native columns are empty: 'make bench' builds frame_bench, 'node benches/frame.mjs' does not.");
  say("millrace and plain Rust, natively");
  versions.rustc = execFileSync("rustc", ["--version"], { encoding: "utf8" }).split(" ")[1];
  await measureProgram(NATIVE, [INPUT, String(NATIVE_RUNS), join(ANSWERS, "native"), ...works], (kind) => `${kind === "plain" ? "plain Rust" : kind}, native`);
}

async function measureBrowser() {
  const pages = PAGES.filter(({ part }) => isWanted(part));
  if (!pages.length && !isWanted("scale")) return null;
  const mounts = { frame: join(ROOT, "benches/frame"), input: INPUT, npm: join(BENCH, "npm/node_modules"), wasm: WASM };
  const server = await serve(mounts, join(ANSWERS, "browser"));
  const browser = await launch(["--js-flags=--expose-gc"]);
  versions.chromium = browser.version();
  const packages = JSON.parse(await readFile(join(ROOT, "benches/frame/package.json"), "utf8")).devDependencies;
  const hasWasm = existsSync(join(WASM, "frame_bench.js"));
  if (!hasWasm) remarks.push("The wasm columns are empty: 'make bench' builds frame_bench, 'node benches/frame.mjs' does not.");
  try {
    for (const { part, names } of pages) {
      if (part === "wasm" && !hasWasm) continue;
      const page = await openPage(browser, server.base);
      Object.assign(versions, await page.evaluate((names) => openAll(names), names));
      for (const work of works) {
        say(`${names.join(" and ")}: ${work}`);
        const results = await page.evaluate((work) => measure(work), work);
        for (const [name, { millis, missing }] of Object.entries(results)) {
          if (millis) keep(part === "wasm" ? `${name}, wasm` : name, work, millis);
          else say(missing);
        }
      }
      await page.close();
    }
    Object.assign(versions, packages);
    return hasWasm && isWanted("scale") ? await measureScales(await openPage(browser, server.base)) : null;
  } finally {
    await browser.close();
    await server.close();
  }
}

async function openPage(browser, base) {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  page.on("console", (message) => say(`the page says: ${message.text()}`));
  page.on("pageerror", (error) => say(`the page failed: ${error.message}`));
  await page.goto(`${base}frame/page.html`);
  await page.waitForFunction(() => globalThis.measure && crossOriginIsolated);
  return page;
}

async function measureScales(page) {
  const nanos = {};
  await page.evaluate(() => import("./rust.mjs"));
  for (const [what, sizes] of Object.entries(SCALES)) {
    say(`scale: ${what}`);
    nanos[what] = {};
    for (const size of sizes) nanos[what][size] = await page.evaluate(([what, size]) => scale(what, size), [what, size]);
  }
  return nanos;
}

function keep(column, work, runs) {
  if (runs) (millis[column] ??= {})[work] = runs;
}

/** All answers to a work against one of them, pandas' where it took part. Answers without content have none to give. */
async function compareAnswers() {
  const answers = {};
  for (const folder of ["python", "native", "browser"].filter((name) => existsSync(join(ANSWERS, name)))) {
    for (const file of (await readdir(join(ANSWERS, folder))).sort()) {
      const [, who, work] = /^(.+)-(\w+)\.(?:f64|json)$/.exec(file);
      const bytes = await readFile(join(ANSWERS, folder, file));
      const name = folder === "python" ? who : `${who}, ${folder}`;
      if (bytes.length) (answers[work] ??= []).push([name, bytes]);
    }
  }
  // Reused buffers hold what fresh ones do, and so does a view.
  for (const form of ["melt_reused", "melt_view"]) if (answers[form]) (answers.melt_written ??= []).push(...answers[form]);
  const differences = [];
  for (const work of Object.keys(WORKS).filter((work) => answers[work]?.length > 1)) {
    const [[reference, expected], ...others] = answers[work];
    for (const [name, found] of others) {
      const different = difference(work, found, expected);
      if (different) differences.push(`${work}: the answer of ${name} differs from that of ${reference}: ${different}`);
    }
  }
  say(`compared ${Object.values(answers).flat().length} answers to ${Object.keys(answers).length} works`);
  return differences;
}
