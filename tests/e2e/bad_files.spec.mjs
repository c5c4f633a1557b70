// Files that cannot be read, or not whole: each gets a sentence with place and mend, in the preview where that is possible, and
// nothing of it is taken by halves.
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { FilesPanel } from "./pages/files_panel.mjs";
import { postBytes } from "./support/files.mjs";
import { metric } from "./support/ledger.mjs";

const QUIET = "?source=none&clock=utc";
const MB = 1 << 20;
const CSV = "text/csv";
const PARQUET = "application/vnd.apache.parquet";
const parquet = (name) => fileURLToPath(new URL(`../fixtures/parquet/${name}.parquet`, import.meta.url));

/** Rows of CSV that hardly compress. */
function lines(rows) {
  const row = (at) => `${new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString()},sensor-${(at * 7919) % 97},${Math.sin(at) * 1e6}`;
  return ["timestamp,id,value", ...Array.from({ length: rows }, (_, at) => row(at)), ""].join("\n");
}

const gzip = gzipSync(lines(200));

/** What no row can be read of: the bytes, and what is said of them. */
const UNREADABLE = {
  "empty.csv": { bytes: "", says: /it is empty; choose one/ },
  "blank.csv": { bytes: "\n\r\n  \n", says: /no rows.*choose one/ },
  "binary.csv": { bytes: Buffer.from("timestamp,id,value\n\0\x01\x02\x03,\0\n".repeat(40), "latin1"), says: /not text: byte 0x00 on line 2; choose/ },
  "picture.csv": { bytes: Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1"), says: /a picture, which is not read; choose/ },
  "sheet.csv": { bytes: Buffer.from("PK\x03\x04\x14\0\x06\0", "latin1"), says: /a spreadsheet, which is not read; .*save the sheet as CSV/ },
  "unmarked.csv": { bytes: Buffer.from("timestamp,id,value\n2026-01-01,a,1\n", "utf16le"), says: /UTF-16 without a byte order mark; save it/ },
  "cut.csv.gz": { bytes: gzip.subarray(0, gzip.length - 900), says: /not whole: its gzip data .* near byte \d+; get it again/ },
};

test("a file of which no row can be read is refused in the preview, by place and mend, and so is a post of it", SMOKE, async ({ app }) => {
  test.setTimeout(120_000);
  const page = await app.open(QUIET);
  const files = new FilesPanel(page.page);
  for (const [name, { bytes, says }] of Object.entries(UNREADABLE)) {
    await test.step(name, async () => {
      const buffer = Buffer.from(bytes);
      await files.choose({ name, mimeType: CSV, buffer });
      await expect(files.preview.getByRole("heading", { name, exact: true })).toBeVisible();
      await expect(files.problems).toHaveText(says);
      // Where rows before a fault are shown, the button is there, and cannot be pressed.
      if (await files.loadButton.isVisible()) await expect(files.loadButton).toBeDisabled();
      await files.preview.getByRole("button", { name: "Remove this file" }).click();
      const posted = await postBytes(page, "events", name.endsWith(".gz") ? buffer.subarray(10) : buffer, CSV);
      expect(posted.status, posted.text.slice(0, 300)).toBe(422);
    });
  }
  expect(await page.get("query?start=1970-01-01")).toEqual({});
  expect(await metric(page, "millrace_history_rows")).toBe(0);
  expect(app.errors).toEqual([]);
});

test("Parquet that is encrypted or nested is said to be, by column", SMOKE, async ({ app }) => {
  const page = await app.open(QUIET);
  const files = new FilesPanel(page.page);
  await files.choose(parquet("pyarrow_encrypted"));
  await expect(files.problems).toHaveText(/is encrypted; write it without encryption/);
  await files.preview.getByRole("button", { name: "Remove this file" }).click();
  await files.choose(parquet("pyarrow_encrypted_column"));
  await expect(files.preview).toContainText(/"price" is encrypted; write it without encryption/);
  await files.preview.getByRole("button", { name: "Remove this file" }).click();
  await files.choose(parquet("pyarrow_kinds"));
  await files.lookedAt("pyarrow_kinds.parquet");
  await expect.poll(() => files.roles()).toMatchObject({ list: "left out", struct: "left out" });
  await expect(files.preview).toContainText(/list.*(nested|not read)/s);

  const posted = await postBytes(page, "events", await readFile(parquet("pyarrow_encrypted")), PARQUET);
  expect(posted.status, posted.text.slice(0, 300)).toBe(422);
  expect(posted.text).toContain("encrypt");
  expect(await page.get("query?start=1970-01-01")).toEqual({});
});

test("a header alone, ten thousand columns and two encodings are shown as what they are, and their good rows load", SMOKE, async ({ app }) => {
  test.setTimeout(90_000);
  const page = await app.open(QUIET);
  const files = new FilesPanel(page.page);
  await files.choose({ name: "header.csv", mimeType: CSV, buffer: Buffer.from("timestamp,id,value\n") });
  await expect(files.preview).toContainText("no rows behind its header");
  await files.preview.getByRole("button", { name: "Remove this file" }).click();

  const names = Array.from({ length: 10_000 }, (_, column) => `c${column}`);
  const wide = [names, names.map((_, column) => column), names.map((_, column) => column / 2)].map((row) => row.join()).join("\n");
  await files.choose({ name: "wide.csv", mimeType: CSV, buffer: Buffer.from(wide) });
  expect((await files.lookedAt("wide.csv")).replace(/\u202f/g, "")).toContain("10000 columns");
  await expect(files.notes).toContainText(/64/);
  await files.load();
  expect(await files.loading("wide.csv").loaded()).toMatchObject({ taken: 2, refused: 0 });
  expect((await page.get("query?start=1970-01-01&views=latest")).latest[1]).toMatchObject({ c0: 0, c63: 31.5, c63_moving_avg: 47.25 });
  await page.reset();

  const mixed = Buffer.concat([Buffer.from("id,value\nKöln,1\n"), Buffer.from("M\xfcnchen,2\n", "latin1"), Buffer.from("Ulm,3\n")]);
  await files.choose({ name: "mixed.csv", mimeType: CSV, buffer: mixed });
  await files.lookedAt("mixed.csv");
  await expect(files.refusals).toContainText(/line 3: .*UTF-8/);
  await files.load();
  expect(await files.loading("mixed.csv").loaded()).toMatchObject({ taken: 2, refused: 1 });
  expect((await page.get("query?start=1970-01-01&views=latest")).latest.map(({ id, value }) => [id, value])).toEqual([["Köln", 1], ["Ulm", 3]]);
  const { rejected } = await page.get("rejected");
  expect(rejected[0], "the row that is refused has its place").toMatchObject({ row: 1, line: 3, source: "file:mixed.csv" });
});

test("a line of 100 MB costs no memory, and is refused by what can be read instead", SMOKE, async ({ app }, testInfo) => {
  test.setTimeout(90_000);
  const path = testInfo.outputPath("line.csv");
  await writeFile(path, Buffer.concat([Buffer.from("timestamp,id,value\n"), Buffer.alloc(100 * MB, "x"), Buffer.from("\n2026-01-01,a,1\n")]));
  const page = await app.open(QUIET);
  const before = await metric(page, "millrace_wasm_memory_bytes");
  const files = new FilesPanel(page.page);
  await files.choose(path);
  await expect(files.preview).toContainText(/(row|line).*(longer|shorter|bytes)/, { timeout: 30_000 });
  if (await files.loadButton.isEnabled()) {
    // The header and the last row can be read; the row between them is refused.
    await files.load();
    expect(await files.loading("line.csv").loaded()).toMatchObject({ taken: 1, refused: 1 });
  }
  expect(((await metric(page, "millrace_wasm_memory_bytes")) - before) / MB, "MB that the worker grew by").toBeLessThan(48);
  await writeFile(path, "");
});

test("a gzip file that is cut far behind its start stops there, and what was taken stays", SMOKE, async ({ app }) => {
  test.setTimeout(90_000);
  const page = await app.open(`${QUIET}&batch_size=1000`);
  const files = new FilesPanel(page.page);
  const whole = gzipSync(lines(80_000));
  await files.choose({ name: "cut.csv.gz", mimeType: "application/gzip", buffer: whole.subarray(0, Math.floor(whole.length * 0.9)) });
  await files.lookedAt("cut.csv.gz");
  await files.load();
  const loading = files.loading("cut.csv.gz");
  await loading.waitForState(/stopped; what was taken stays/);
  await expect(loading.item.getByRole("alert")).toHaveText(/not whole: its gzip data .* near byte \d+; get it again/);
  const { taken, refused } = await loading.counts();
  expect(taken).toBeGreaterThan(50_000);
  // The row in which the file ends may be refused, but it is not taken.
  expect(refused).toBeLessThanOrEqual(1);
  await expect.poll(() => metric(page, "millrace_history_rows")).toBe(taken);
  const { latest } = await page.get("query?start=1970-01-01&views=latest&limit=3&offset=" + (taken - 3));
  expect(latest.map(({ value }) => value)).toEqual([3, 2, 1].map((back) => Math.sin(taken - back) * 1e6));
});

// Only there is it known that a file on the disk was changed since it was chosen.
test("a file that changes while it is read stops with the byte, and goes on when it is chosen again", CHROMIUM, async ({ app }, testInfo) => {
  test.setTimeout(120_000);
  const path = testInfo.outputPath("changing.csv");
  const text = lines(160_000);
  await writeFile(path, text);
  expect(text.length, "more than is read at a time").toBeGreaterThan(8 * MB);
  const page = await app.open(`${QUIET}&batch_size=1000`);
  const files = new FilesPanel(page.page);
  await files.choose(path);
  await files.lookedAt("changing.csv");
  await files.pace("as a stream");
  await files.load();
  const loading = files.loading("changing.csv");
  await loading.waitForState("replaying");
  await expect.poll(async () => (await loading.counts()).taken).toBeGreaterThan(0);
  // The mark of the time of change has the steps of a file system.
  await appendFile(path, "2027-01-01T00:00:00Z,late,1\n");
  await loading.button("The rest at once").click();
  await loading.waitForState(/stopped; what was taken stays/);
  await expect(loading.item.getByRole("alert").filter({ hasText: "changed" })).toHaveText(/from byte \d+ on, since it has changed or is gone.*choose it again/);

  await files.choose(path);
  await files.lookedAt("changing.csv");
  await files.pace("at once");
  await files.load();
  await files.loading("changing.csv").loaded();
  await expect.poll(() => metric(page, "millrace_history_rows"), "every row once").toBe(160_001);
});
