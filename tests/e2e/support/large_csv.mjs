// A large CSV file with three measures, all of which follows from a row's number, so that every row can be looked for.
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { holdingOf, idOf, timeOf, valueOf } from "./numbered.mjs";

/** How the measures of a row follow from its number; see {@link valueOf}. */
const RULES = {
  flow: { factor: 7919, modulus: 100_003 },
  level: { factor: 104_729, modulus: 99_991 },
  power: { factor: 31, modulus: 9973 },
};
export const MEASURES = Object.keys(RULES);
/** The settings under which it is read. */
export const SETTINGS = `measures=${MEASURES.join(",")}&clock=utc`;
const PIECE_ROWS = 20_000;

/** A row as the file has it: times a millisecond apart, values with two decimals. */
function line(row) {
  return `${timeOf(row)},${idOf(row)},${valuesOf(row).map((value) => value.toFixed(2)).join()}\n`;
}

function valuesOf(row) {
  return MEASURES.map((name) => valueOf(row, RULES[name]));
}

/**
 * Writes a file of at least so many bytes.
 * @returns {Promise<{rows: number, bytes: number, sums: number[]}>} what it holds; the sum of each measure
 */
export async function writeLargeCsv(path, leastBytes) {
  const file = createWriteStream(path, { highWaterMark: 8 << 20 });
  let [rows, bytes] = [0, 0];
  const sums = MEASURES.map(() => 0);
  const write = async (text) => {
    bytes += text.length;
    if (!file.write(text)) await new Promise((resolve) => file.once("drain", resolve));
  };
  await write(`timestamp,id,${MEASURES.join()}\n`);
  while (bytes < leastBytes) {
    let piece = "";
    for (const end = rows + PIECE_ROWS; rows < end; rows++) {
      piece += line(rows);
      // Hundredths, which add up exactly.
      valuesOf(rows).forEach((value, measure) => (sums[measure] += Math.round(value * 100)));
    }
    await write(piece);
  }
  file.end();
  await finished(file);
  return { rows, bytes, sums: sums.map((sum) => sum / 100) };
}

/**
 * Reads all rows that the pipeline answers, and looks for each of the file.
 * @returns {Promise<{found: number, missing: number, twice: number, corrupt: number, example: string | null}>}
 */
export async function auditLargeCsv(page, rows) {
  const holding = await holdingOf(page, rows, RULES);
  const finding = holding.summary();
  if (finding.missing > 0) finding.example ??= `missing: row ${holding.missingRuns()[0][0]}`;
  return finding;
}
