// millrace itself and the plain Rust loops, both in one module of WebAssembly: benches/frame/main.rs.
import init, * as wasm from "/wasm/frame_bench.js";
import { TEXT_WORKS, WORKS } from "./works.mjs";

let loaded;

export async function open(input, name) {
  loaded ??= load(input);
  await loaded;
  const kind = name === "millrace" ? "millrace" : "plain";
  const works = {};
  for (const work of Object.keys(WORKS)) {
    const answer = TEXT_WORKS.includes(work) ? wasm.answer_text : wasm.answer;
    works[work] = { millis: () => wasm.run(kind, work), answer: () => answer(kind, work) };
  }
  return works;
}

async function load({ time, id, variable, idsText, a, b, c, d }) {
  await init({ module_or_path: "/wasm/frame_bench_bg.wasm" });
  wasm.load(time, id, variable, idsText, a, b, c, d);
}

/** Nanoseconds a row of one work at one size; throws what the module does not know. */
globalThis.scale = async (what, size) => {
  await init({ module_or_path: "/wasm/frame_bench_bg.wasm" });
  return wasm.scale(what, size);
};
