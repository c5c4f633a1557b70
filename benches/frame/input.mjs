// The input that every participant reads: readings of sensors, the same for the same number of rows on every machine.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { VARIABLES } from "./works.mjs";

const IDS = 1000;
const START_NANOS = 1_748_736_000_000_000_000n; // 2025-06-01T00:00:00Z
const MAX_GAP_NANOS = 100e6; // gaps are even between 1 ns and this: 50 ms on average, about 100 rows in 5 s

/**
 * Writes the input into a folder, as little-endian arrays without a header:
 * `time.i64` (nanoseconds, strictly rising), `id.u32` and `variable.u32` (codes), `a.f64` to `d.f64` (10 to 100, two
 * decimals); and `ids.txt`, the ids' texts by code, a UUID a line, in no order (as a dictionary has them that was
 * built while reading).
 */
export async function writeInput(folder, rows) {
  const random = mulberry32(20250601);
  const time = new BigInt64Array(rows);
  for (let row = 0, offset = 0; row < rows; row++) {
    time[row] = START_NANOS + BigInt(offset);
    offset += 1 + Math.floor(random() * MAX_GAP_NANOS);
  }
  const codes = (count) => Uint32Array.from({ length: rows }, () => Math.floor(random() * count));
  const values = () => Float64Array.from({ length: rows }, () => (1000 + Math.floor(random() * 9000)) / 100);
  const columns = { "time.i64": time, "id.u32": codes(IDS), "variable.u32": codes(VARIABLES.length) };
  for (const name of VARIABLES) columns[`${name}.f64`] = values();

  await mkdir(folder, { recursive: true });
  const ids = Array.from({ length: IDS }, () => uuid(random));
  await writeFile(join(folder, "ids.txt"), ids.map((id) => `${id}\n`).join(""));
  for (const [name, column] of Object.entries(columns)) await writeFile(join(folder, name), new Uint8Array(column.buffer));
}

/** A small generator of even numbers from 0 to 1, by Tommy Ettinger. */
function mulberry32(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function uuid(random) {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  hex[12] = "4";
  hex[16] = "89ab"[Math.floor(random() * 4)];
  return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
