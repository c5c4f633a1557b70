// Answers in other formats open in the tools that people have, with the values of the JSON answer.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "./fixtures.mjs";

const PYTHON = fileURLToPath(new URL("../../target/test-venv/bin/python", import.meta.url));
const SCRIPT = fileURLToPath(new URL("./formats.py", import.meta.url));
const VIEWS = ["latest", "melted", "pivoted"];
const FORMATS = ["arrow", "csv", "ndjson"];
const ROWS = 2500;

test("Arrow opens in polars, CSV in pandas, NDJSON in DuckDB, with equal values", async ({ app, figure }, testInfo) => {
  test.skip(!existsSync(PYTHON), "there is no Python with polars, pandas and DuckDB");
  const page = await app.open("?source=none&clock=utc&batch_size=1&min_periods=2");
  await page.post(Array.from({ length: ROWS }, (_, row) => event(row)));

  const folder = testInfo.outputPath("answers");
  await mkdir(folder);
  for (const view of VIEWS) {
    for (const format of FORMATS) {
      const bytes = await page.page.evaluate(readBytes, `${app.host.base}query?start=2025-06-01&views=${view}&format=${format}`);
      await writeFile(join(folder, `${view}.${format}`), Buffer.from(bytes, "base64"));
    }
  }
  const found = JSON.parse(execFileSync(PYTHON, [SCRIPT, folder], { maxBuffer: 1 << 28 }));
  let cells = 0;
  for (const view of VIEWS) {
    const expected = (await page.get(`query?start=2025-06-01&views=${view}`))[view];
    for (const format of FORMATS) {
      const { columns, rows } = found[`${view}.${format}`];
      expect(columns, `${view}.${format}`).toEqual(Object.keys(expected[0]));
      const texts = expected.map((record) => columns.map((name) => cell(record[name], name, format)));
      expect(rows, `rows of ${view}.${format}`).toEqual(texts);
      cells += rows.length * columns.length;
    }
  }
  figure(`cells of ${VIEWS.length * FORMATS.length} answers that equal the JSON answer`, cells);
});

/** Readings of UUIDs and of texts that need quotes, of which some recur. */
function event(row) {
  const id = row % 3 === 0 ? `pump "${row % 7}", \u00e9\nleft` : `00000000-0000-4000-8000-${String(row).padStart(12, "0")}`;
  const time = new Date(Date.UTC(2025, 5, 1) + row * 1700).toISOString();
  return { timestamp: time.replace("Z", `${String(row % 1000).padStart(3, "0")}`), id, value: Math.sin(row) * 10 ** (row % 12) };
}

/** A cell of the JSON answer as the tool that reads this format has it. */
function cell(value, name, format) {
  if (name === "timestamp" && format !== "ndjson") return nanos(value);
  return name === "val" && typeof value === "number" ? text(value) : value;
}

/** Nanoseconds since the epoch, as far as a number can tell them: Python's integers arrive as numbers too. */
function nanos(timestamp) {
  const [, seconds, fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(timestamp);
  return Number(BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0")));
}

/** A number as the pipeline writes it. */
function text(number) {
  return Number.isInteger(number) && Math.abs(number) < 1e16 ? `${number}.0` : String(number);
}

/** In the page: the bytes of an answer, as base64. */
async function readBytes(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(await response.text());
  const bytes = new Uint8Array(await response.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
