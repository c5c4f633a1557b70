// Files that are chosen under Storage are read as those chosen under Data: their rows are those of one POST of the same bytes.
import { gzipSync } from "node:zlib";
import { SMOKE, expect, test } from "./fixtures.mjs";
import { StoragePanel } from "./pages/storage_panel.mjs";

const HEADER = "timestamp,id,value";
const ALL = "query?start=1970-01-01&views=latest";
const QUIET = "?source=none&batch_size=1000";

/** Chooses a file under Storage, waits for its preview under Data, and returns the panel that has it. */
async function look(page, name, bytes) {
  const storage = await StoragePanel.open(page);
  const files = await storage.import({ name, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) });
  await files.lookedAt(name);
  return files;
}

/** The same, and loads it; returns the counts of its rows. */
async function load(page, name, bytes, options) {
  const files = await look(page, name, bytes);
  await files.load();
  return files.loading(name).loaded(options);
}

/** Ids and values that are stored, in order of time and arrival. */
async function stored(page, measure = "value") {
  const { latest = [] } = await page.get(ALL);
  return latest.map((row) => [row.id, row[measure]]);
}

/** Rows of CSV, more than one slice of a file. */
const filler = (rows) => Array.from({ length: rows }, (_, i) => `2025-06-01T00:00:00Z,sensor-${i % 50},${i % 97}`);

test("80,000 rows without a number in the middle do not keep the others out", async ({ app }) => {
  test.setTimeout(120_000);
  const page = await app.open(QUIET);
  const row = (i) => `2025-06-01T00:00:00.${String(i).padStart(6, "0")}Z,sensor-${i % 50},${i >= 30_000 && i < 110_000 ? "nan" : i % 97}`;
  const lines = Array.from({ length: 150_000 }, (_, i) => row(i));
  const counts = await load(page, "gap.csv", [HEADER, ...lines, ""].join("\n"), { timeoutMillis: 90_000 });
  expect(counts).toMatchObject({ taken: 70_000, refused: 80_000 });
  await page.waitForCount("history", (rows) => rows === 70_000);
  const { total, rejected } = await page.get("rejected");
  expect(total).toBe(80_000);
  expect(rejected[0], "the newest one").toMatchObject({ source: "file:gap.csv", row: 109_999, line: 110_001 });
});

test("a quote in an unquoted field tears no rows apart", async ({ app }) => {
  test.setTimeout(120_000);
  const rows = [...filler(40_000), '2025-06-01T00:00:01Z,3/4" pipe,1', '2025-06-01T00:00:02Z,"two\nlines",2', ...filler(40_000), '2025-06-01T00:00:03Z,"a ""b""\r\nc",3', ""];
  const text = [HEADER, ...rows].join("\n");

  const page = await app.open(QUIET);
  expect(await load(page, "pipes.csv", text, { timeoutMillis: 90_000 })).toMatchObject({ taken: 80_003, refused: 0 });
  const loaded = await stored(page);
  expect(loaded.slice(-3)).toEqual([['3/4" pipe', 1], ["two\nlines", 2], ['a "b"\r\nc', 3]]);

  await page.reset();
  expect((await page.send("POST", "events?complete=true", text, "text/csv")).json().accepted).toBe(80_003);
  expect(await stored(page), "as one POST").toEqual(loaded);
});

test("UTF-16 with semicolons and decimal commas is read, also behind its first piece", SMOKE, async ({ app }) => {
  test.setTimeout(60_000);
  const page = await app.open(QUIET);
  const lines = Array.from({ length: 20_000 }, (_, i) => `2025-06-01T00:00:00Z;Pümpe ${i % 3};${i % 97},5`);
  const text = ["\ufeffTimestamp;ID;Value", ...lines, ""].join("\r\n");
  const counts = await load(page, "export.csv", Buffer.from(text, "utf16le"));
  expect(counts).toMatchObject({ taken: 20_000, refused: 0 });
  // A measure has the name of its column, to the letter.
  const rows = await stored(page, "Value");
  expect([rows[0], rows[19_999]]).toEqual([["Pümpe 0", 0.5], [`Pümpe ${19_999 % 3}`, (19_999 % 97) + 0.5]]);
});

test("a quote that never ends refuses one row, by its line", async ({ app }) => {
  const page = await app.open(QUIET);
  const text = `${HEADER}\n2025-06-01T00:00:00Z,a,1\n2025-06-01T00:00:01Z,"b,2\n2025-06-01T00:00:02Z,c,3\n`;
  const files = await look(page, "open.csv", text);
  await expect(files.refusals).toContainText(/line 3: .*quote/);
  await files.load();
  expect(await files.loading("open.csv").loaded()).toMatchObject({ taken: 1, refused: 1 });
  expect(await stored(page)).toEqual([["a", 1]]);
  const { rejected } = await page.get("rejected");
  expect(rejected[0]).toMatchObject({ source: "file:open.csv", row: 1, line: 3, reason: expect.stringContaining("quote") });
});

test("JSON and packed files are read as what is in them", async ({ app }) => {
  const page = await app.open(QUIET);
  expect(await load(page, "rows.json", '[{"id": "a", "value": 1}, {"id": "b"}]')).toMatchObject({ taken: 1, refused: 1 });
  expect(await load(page, "rows.ndjson.gz", gzipSync('{"id": "c", "value": 2}\n{"id": "d", "value": 3}\n'))).toMatchObject({ taken: 2, refused: 0 });
  expect(await load(page, "rows.csv.gz", gzipSync("id,value\ne,4\n"))).toMatchObject({ taken: 1, refused: 0 });
  expect((await stored(page)).map(([id]) => id)).toEqual(["a", "c", "d", "e"]);
});

test("a fault of the whole file is named before anything is taken", async ({ app }) => {
  const page = await app.open(QUIET);
  const files = await look(page, "twice.csv", "id,value,value\na,1,2\n");
  await expect(files.notes).toContainText('"value" occurs more than once in the header');
  await expect(files.problems).toContainText("no column is a measure");
  await expect(files.loadButton).toBeDisabled();
  expect(await page.get(ALL)).toEqual({});
});

test("rows sent as a form are refused with row and line too", async ({ app }) => {
  const page = await app.open("?source=none");
  const panel = await page.show("data");
  await panel.locator("#own-data-text").fill("id\tvalue\na\t1\nb\tnan\n");
  await panel.getByRole("button", { name: "Send events" }).click();
  await expect(panel.getByTestId("post-result")).toHaveText("1 event accepted, 1 rejected");
  await expect(panel).toContainText("row 1 (line 3): ");
});
