// `make bench`: the frame beside its peers. Generates the input, lets every participant do the same works on it,
// compares all answers and only then prints the table and writes target/bench/frame.json. A full run also writes the README's
// table and picture, see benches/frame/readme.mjs.
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
import { launch } from "../tests/e2e/support/browsers.mjs";
import { difference } from "./frame/compare.mjs";
import { writeInput } from "./frame/input.mjs";
import { README, gaps, replaceFigures, writeReadme } from "./frame/readme.mjs";
import { COLUMNS, frameTable, scaleTable, summary } from "./frame/report.mjs";
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

// The column of the table that a kind of participant has, by where it ran.
const COLUMN_NAMES = {
  python: (kind) => kind,
  native: (kind) => `${kind === "plain" ? "plain Rust" : kind}, native`,
  browser: (kind) => (["plain Rust", "millrace"].includes(kind) ? `${kind}, wasm` : kind),
};
const SAME_ANSWER = { melt_reused: "melt_written", melt_view: "melt_written" };
const MAY_BE_SILENT = ["melt_reused", "batch_10"]; // of what the Rust side times there, tests compare the answers

// The parts of `--only` that run in the browser. Participants that share a page take turns, so that what slows the
// machine for a while slows them all; the libraries have pages of their own, so that their heaps burden nobody else.
const PARTS = { arquero: ["Arquero"], duckdb: ["DuckDB"], js: ["plain JS"], wasm: ["plain Rust", "millrace"] };
const PAGES = [["arquero"], ["duckdb"], ["js", "wasm"]];

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

// Before half an hour is spent: the README's marks are needed at the end.
replaceFigures(await readFile(README, "utf8"), "");
rmSync(ANSWERS, { recursive: true, force: true });
await mkdir(ANSWERS, { recursive: true });
say(`generating ${rows.toLocaleString("en")} rows`);
await writeInput(INPUT, rows);

await measurePython();
await measureNative();
const scales = await measureBrowser();
const problems = await compareAnswers();
if (problems.length) {
  problems.forEach(say);
  say("no time is reported while answers differ or are missing.");
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
const missing = gaps(result);
if (missing.length) console.log(`README.md stays as it is: the run has no ${missing.join(", no ")}.`);
else for (const path of await writeReadme(result)) console.log(`wrote ${path}`);

/** Runs a program that prints a line of JSON for each measurement, and keeps these under the columns' names. */
async function measureProgram(program, args, column) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const { work, kind, millis } = JSON.parse(line);
    if (millis) keep(column(kind), work, millis);
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
  await measureProgram(PYTHON, [join(ROOT, "benches/frame/peers.py"), INPUT, String(NATIVE_RUNS), join(ANSWERS, "python"), libraries.join(), works.join()], COLUMN_NAMES.python);
}

async function measureNative() {
  if (!isWanted("native")) return;
  if (!existsSync(NATIVE)) return remarks.push("There are no native figures of Rust: 'make bench' builds frame_bench, 'node benches/frame.mjs' does not.");
  say("millrace and plain Rust, natively");
  versions.rustc = execFileSync("rustc", ["--version"], { encoding: "utf8" }).split(" ")[1];
  await measureProgram(NATIVE, [INPUT, String(NATIVE_RUNS), join(ANSWERS, "native"), ...works], COLUMN_NAMES.native);
}

async function measureBrowser() {
  const hasWasm = existsSync(join(WASM, "frame_bench.js"));
  const isRun = (part) => isWanted(part) && (part !== "wasm" || hasWasm);
  const pages = PAGES.map((parts) => parts.filter(isRun).flatMap((part) => PARTS[part])).filter((names) => names.length);
  if (!hasWasm && (isWanted("wasm") || isWanted("scale"))) remarks.push("There are no figures in wasm: 'make bench' builds frame_bench, 'node benches/frame.mjs' does not.");
  if (!pages.length && !isWanted("scale")) return null;
  const mounts = { frame: join(ROOT, "benches/frame"), input: INPUT, npm: join(BENCH, "npm/node_modules"), wasm: WASM };
  const server = await serve(mounts, join(ANSWERS, "browser"));
  const browser = await launch(["--js-flags=--expose-gc"]);
  versions.chromium = browser.version();
  const packages = JSON.parse(await readFile(join(ROOT, "benches/frame/package.json"), "utf8")).devDependencies;
  try {
    for (const names of pages) {
      const page = await openPage(browser, server.base);
      Object.assign(versions, await page.evaluate((names) => openAll(names), names));
      for (const work of works) {
        say(`${names.join(" and ")}: ${work}`);
        const results = await page.evaluate((work) => measure(work), work);
        for (const [name, { millis, missing }] of Object.entries(results)) {
          if (millis) keep(COLUMN_NAMES.browser(name), work, millis);
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
  (millis[column] ??= {})[work] = runs;
}

/** All answers to a work against that of the first column that has one: pandas', where it took part. */
async function compareAnswers() {
  const answers = {}; // by work, then by column
  for (const [folder, column] of Object.entries(COLUMN_NAMES)) {
    const files = existsSync(join(ANSWERS, folder)) ? await readdir(join(ANSWERS, folder)) : [];
    for (const file of files) {
      const [, kind, work] = /^(.+)-(\w+)\.(?:f64|json)$/.exec(file);
      (answers[work] ??= {})[column(kind)] = await readFile(join(ANSWERS, folder, file));
    }
  }
  const problems = [];
  const silent = [];
  let compared = 0;
  for (const work of Object.keys(WORKS)) {
    const given = COLUMNS.filter((column) => millis[column]?.[work]).map((column) => [column, answers[work]?.[column]]);
    // Reused buffers hold what fresh ones do, and a view shows it.
    const [reference, expected] = Object.entries(answers[SAME_ANSWER[work] ?? work] ?? {}).sort(byColumn)[0] ?? [];
    for (const [column, found] of given) {
      if (!found?.length) {
        if (MAY_BE_SILENT.includes(work)) silent.push(`${column}: ${work}`);
        else problems.push(`${work}: ${column} gave no answer`);
      } else if (column !== reference && expected) {
        compared++;
        const different = difference(work, found, expected);
        if (different) problems.push(`${work}: the answer of ${column} differs from that of ${reference}: ${different}`);
      }
    }
  }
  say(`compared ${compared} answers with those of the first participant`);
  if (silent.length) remarks.push(`Timed without an answer to compare, see benches/frame/output.rs: ${silent.join("; ")}.`);
  return problems;
}

function byColumn([x], [y]) {
  return COLUMNS.indexOf(x) - COLUMNS.indexOf(y);
}
