// The page's half of the harness. A participant's module exports `open(input, name)`, which answers an object of works:
// `run()` is timed, `answer(result)` turns what the last run made into the answer, `units` is how many ranges or
// batches one run handles. `millis()` in the place of `run` times itself.
import { TEXT_WORKS, VARIABLES, ranges } from "./works.mjs";

const MODULES = {
  "plain JS": "./plain.mjs",
  Arquero: "./arquero.mjs",
  DuckDB: "./duckdb.mjs",
  "plain Rust": "./rust.mjs",
  millrace: "./rust.mjs",
};
const WARM_UPS = 2;
const LEAST_RUNS = 9;
const MOST_RUNS = 51;
const ENOUGH_MILLIS = 1000;

const participants = {};
let input;

/** Opens participants by name, all on one input, and answers what their modules say of their versions. */
globalThis.openAll = async (names) => {
  input ??= await readInput();
  const versions = {};
  for (const name of names) {
    const module = await import(MODULES[name]);
    participants[name] = await module.open(input, name);
    Object.assign(versions, participants[name].versions);
  }
  return versions;
};

/**
 * Times one work of all open participants, turn by turn, so that what slows the machine slows all of them; sends the
 * answers to the server. Answers the milliseconds of each run, or why there are none.
 */
globalThis.measure = async (work) => {
  const results = {};
  const running = [];
  for (const [name, { [work]: timed }] of Object.entries(participants)) {
    if (!timed) continue;
    try {
      for (let i = 0; i < WARM_UPS; i++) await once(timed);
      running.push([name, timed]);
      results[name] = { millis: [] };
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) throw error;
      results[name] = { missing: String(error.message ?? error) };
    }
  }
  globalThis.gc?.(); // what earlier works left is not this one's to clear
  const start = performance.now();
  for (let run = 0; run < LEAST_RUNS || (run < MOST_RUNS && performance.now() - start < ENOUGH_MILLIS * running.length); run++) {
    for (const [name, timed] of running) results[name].millis.push(await once(timed));
  }
  for (const [name, timed] of running) {
    const answer = await timed.answer(timed.result);
    timed.result = undefined;
    const file = `${work}.${TEXT_WORKS.includes(work) ? "json" : "f64"}`;
    const { ok } = await fetch(`/answers/${encodeURIComponent(`${name}-${file}`)}`, { method: "PUT", body: answer });
    if (!ok) throw new Error(`the answer of ${name} to ${work} could not be stored`);
  }
  return results;
};

async function once(timed) {
  if (timed.millis) return timed.millis();
  const start = performance.now();
  let result = timed.run();
  if (result instanceof Promise) result = await result;
  const millis = performance.now() - start;
  timed.result = result;
  return millis / (timed.units ?? 1);
}

async function readInput() {
  const read = async (name) => (await fetch(`/input/${name}`)).arrayBuffer();
  const input = {
    time: new BigInt64Array(await read("time.i64")),
    id: new Uint32Array(await read("id.u32")),
    variable: new Uint32Array(await read("variable.u32")),
    idsText: await (await fetch("/input/ids.txt")).text(),
    texts,
  };
  for (const name of VARIABLES) input[name] = new Float64Array(await read(`${name}.f64`));
  input.ids = input.idsText.trim().split("\n");
  input.ranges = ranges(input.time.length);
  return input;
}

/** One text a row, each a string of its own, as they are after parsing a file. */
function texts(names, codes) {
  return JSON.parse(`["${Array.from(codes, (code) => names[code]).join('","')}"]`);
}
