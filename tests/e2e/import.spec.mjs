// The import of files that people have: it accepts and refuses the same rows as one POST of the same bytes.
import { gzipSync } from "node:zlib";
import { SMOKE, expect, test } from "./fixtures.mjs";

const HEADER = "timestamp,id,value";
const ALL = "query?start=1970-01-01&views=latest";

/** Imports a file under Storage and returns the panel. */
async function importFile(page, name, bytes) {
  const panel = await page.show("storage");
  const file = { name, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) };
  await panel.getByLabel("Import a file").setInputFiles(file);
  return panel;
}

const result = (panel) => panel.getByTestId("transfer-result");

/** Ids and values that are stored, in order of time and arrival. */
async function stored(page) {
  const { latest = [] } = await page.get(ALL);
  return latest.map(({ id, value }) => [id, value]);
}

/** Rows of CSV, more than one slice of a file. */
const filler = (rows) => Array.from({ length: rows }, (_, i) => `2025-06-01T00:00:00Z,sensor-${i % 50},${i % 97}`);

test("80,000 rows without a number in the middle do not keep the others out", async ({ app }) => {
  test.setTimeout(120_000);
  const page = await app.open("?source=none&batch_size=1000");
  const row = (i) => `2025-06-01T00:00:00.${String(i).padStart(6, "0")}Z,sensor-${i % 50},${i >= 30_000 && i < 110_000 ? "nan" : i % 97}`;
  const lines = Array.from({ length: 150_000 }, (_, i) => row(i));
  const panel = await importFile(page, "gap.csv", [HEADER, ...lines, ""].join("\n"));
  await expect(result(panel)).toHaveText(/^70\s000 events accepted, 80\s000 rejected$/, { timeout: 90_000 });
  await expect(panel).toContainText("row 30000 (line 30002): ");
  await expect(panel).toContainText(/and 79\s992 more/);
  await page.waitForCount("history", (rows) => rows === 70_000);
  const { total, rejected } = await page.get("rejected");
  expect(total).toBe(80_000);
  expect(rejected[0], "the newest one").toMatchObject({ row: 109_999, line: 110_001 });
});

test("a quote in an unquoted field tears no rows apart", async ({ app }) => {
  test.setTimeout(120_000);
  const rows = [...filler(40_000), '2025-06-01T00:00:01Z,3/4" pipe,1', '2025-06-01T00:00:02Z,"two\nlines",2', ...filler(40_000), '2025-06-01T00:00:03Z,"a ""b""\r\nc",3', ""];
  const text = [HEADER, ...rows].join("\n");

  const page = await app.open("?source=none&batch_size=1000");
  const panel = await importFile(page, "pipes.csv", text);
  await expect(result(panel)).toHaveText(/^80\s003 events accepted, 0 rejected$/, { timeout: 90_000 });
  const imported = await stored(page);
  expect(imported.slice(-3)).toEqual([['3/4" pipe', 1], ["two\nlines", 2], ['a "b"\r\nc', 3]]);

  await page.reset();
  expect((await page.send("POST", "events?complete=true", text, "text/csv")).json().accepted).toBe(80_003);
  expect(await stored(page), "as one POST").toEqual(imported);
});

test("UTF-16 with semicolons and decimal commas is read, also in its second slice", SMOKE, async ({ app }) => {
  test.setTimeout(60_000);
  const page = await app.open("?source=none&batch_size=1000");
  const lines = Array.from({ length: 20_000 }, (_, i) => `2025-06-01T00:00:00Z;Pümpe ${i % 3};${i % 97},5`);
  const text = ["\ufeffTimestamp;ID;Value", ...lines, ""].join("\r\n");
  const panel = await importFile(page, "export.csv", Buffer.from(text, "utf16le"));
  await expect(result(panel)).toHaveText(/^20\s000 events accepted, 0 rejected$/, { timeout: 30_000 });
  const rows = await stored(page);
  expect([rows[0], rows[19_999]]).toEqual([["Pümpe 0", 0.5], [`Pümpe ${19_999 % 3}`, (19_999 % 97) + 0.5]]);
});

test("a quote that never ends refuses one row, by its line", async ({ app }) => {
  const page = await app.open("?source=none");
  const text = `${HEADER}\n2025-06-01T00:00:00Z,a,1\n2025-06-01T00:00:01Z,"b,2\n2025-06-01T00:00:02Z,c,3\n`;
  const panel = await importFile(page, "open.csv", text);
  await expect(result(panel)).toHaveText("1 event accepted, 1 rejected");
  await expect(panel).toContainText(/row 1 \(line 3\): .*quote/);
  expect(await stored(page)).toEqual([["a", 1]]);
});

test("JSON and gzip go in as one body", async ({ app }) => {
  const page = await app.open("?source=none");
  const panel = await importFile(page, "rows.json", '[{"id": "a", "value": 1}, {"id": "b"}]');
  await expect(result(panel)).toHaveText("1 event accepted, 1 rejected");
  await importFile(page, "rows.ndjson.gz", gzipSync('{"id": "c", "value": 2}\n{"id": "d", "value": 3}\n'));
  await expect(result(panel)).toHaveText("2 events accepted, 0 rejected");
  await importFile(page, "rows.csv.gz", gzipSync("id,value\ne,4\n"));
  await expect(result(panel)).toHaveText("1 event accepted, 0 rejected");
  expect((await stored(page)).map(([id]) => id)).toEqual(["a", "c", "d", "e"]);
});

test("a fault of the whole file stops the import and names what came in", async ({ app }) => {
  const page = await app.open("?source=none");
  const panel = await importFile(page, "twice.csv", "id,value,value\na,1,2\n");
  await expect(result(panel)).toHaveText("0 events accepted, 0 rejected, then stopped");
  await expect(panel).toContainText('"value" twice');
});

test("rows sent as a form are refused with row and line too", async ({ app }) => {
  const page = await app.open("?source=none");
  const panel = await page.show("data");
  await panel.locator("#own-data-text").fill("id\tvalue\na\t1\nb\tnan\n");
  await panel.getByRole("button", { name: "Send events" }).click();
  await expect(panel.getByTestId("post-result")).toHaveText("1 event accepted, 1 rejected");
  await expect(panel).toContainText("row 1 (line 3): ");
});
