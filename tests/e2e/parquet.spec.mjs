// Parquet is read by a program of its own: loaded when the first file comes, kept from then on, and ended by no file.
import { readFileSync } from "node:fs";
import { SMOKE, expect, test } from "./fixtures.mjs";

const FILES = new URL("../fixtures/parquet/", import.meta.url);
/** What pyarrow reads in each file: name, type and values of each column. */
const EXPECTED = JSON.parse(readFileSync(new URL("expected.json", FILES), "utf8"));
const SETTINGS = "?source=none&clock=utc&measures=price,size&missing=allow";
const PROGRAM = /^decoder/;

/** Posts a file of the fixtures, or a part of one. */
async function post(page, name, { end } = {}) {
  const base64 = readFileSync(new URL(name, FILES)).subarray(0, end).toString("base64");
  return page.page.evaluate(
    async ({ url, base64 }) => {
      const body = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/vnd.apache.parquet" }, body });
      return { status: response.status, json: await response.json() };
    },
    { url: `${page.base}events?complete=true`, base64 },
  );
}

/** The numbers that pyarrow reads in a column: doubles stand as text. */
function numbers(file, column) {
  const [, , values] = EXPECTED[file].find(([name]) => name === column);
  return values.map((value) => (value === null ? null : Number(value)));
}

for (const file of ["pyarrow_delta_v2.parquet", "pyarrow_dictionary_v1.parquet", "polars_zstd.parquet", "pyarrow_lz4.parquet"]) {
  test(`the rows of ${file} are those that pyarrow reads`, SMOKE, async ({ app }) => {
    const page = await app.open(SETTINGS);
    const rows = EXPECTED[file][0][2].length;
    const { status, json } = await post(page, file);
    expect([status, json.accepted, json.rejected_count, json.ignored]).toEqual([202, rows, 0, ["note"]]);
    const { latest } = await page.get("query?start=2025-01-01&views=latest");
    for (const column of ["price", "size"]) expect(latest.map((row) => row[column]), column).toEqual(numbers(file, column));
    expect(app.errors).toEqual([]);
  });
}

test("the program that reads Parquet is loaded for the first file, and kept", async ({ app }) => {
  const page = await app.open(SETTINGS);
  const loaded = () => app.host.requested.filter((name) => PROGRAM.test(name ?? "")).sort();
  await page.get("health");
  expect(loaded()).toEqual([]);
  expect((await post(page, "pyarrow_snappy.parquet")).status).toBe(202);
  const program = ["decoder.js", "decoder_bg.wasm", "decoder_worker.js"];
  expect(loaded()).toEqual(program);
  expect((await post(page, "pyarrow_gzip.parquet")).status).toBe(202);
  expect(loaded(), "it comes from the cache").toEqual(program);
  await app.host.close();
  expect((await post(page, "pyarrow_brotli.parquet")).status).toBe(202);
  expect(app.errors).toEqual([]);
});

test("a file that cannot be decoded is refused with place and mend, and none of its rows is taken", SMOKE, async ({ app }) => {
  const page = await app.open(SETTINGS);
  const refusals = [
    ["pyarrow_snappy.parquet", { end: 1000 }, /cut off.*copy it again/],
    ["pyarrow_encrypted.parquet", {}, /encrypted; write it without encryption/],
    ["pyarrow_encrypted_column.parquet", {}, /column "price" is encrypted/],
    ["pyarrow_kinds.parquet", {}, /no column .*"price".*set measures/],
    ["expected.json", { end: 5000 }, /not Parquet.*choose its format/],
  ];
  for (const [name, part, sentence] of refusals) {
    const { status, json } = await post(page, name, part);
    expect(status, name).toBe(422);
    expect(json.detail[0].msg, name).toMatch(sentence);
  }
  expect(await page.get("query?start=0001")).toEqual({});
  expect((await post(page, "pyarrow_none.parquet")).status).toBe(202);
  expect(app.errors).toEqual([]);
});

test.describe("where the program cannot be loaded", () => {
  test.use({ hostOptions: { missing: ["decoder_bg.wasm"] } });

  test("Parquet is refused for now, and the pipeline goes on", async ({ app }) => {
    const page = await app.open(SETTINGS);
    const { status, json } = await post(page, "pyarrow_none.parquet");
    expect(status).toBe(503);
    expect(json.detail).toMatch(/decoder of Parquet/);
    await page.send("POST", "events?complete=true", JSON.stringify({ id: "a", price: 1, size: 2 }));
    expect((await page.latest()).latest).toHaveLength(1);
  });
});
