// The Storage view: out with all that is stored, in again, and the way back to the start.
import { readFile, rm, writeFile } from "node:fs/promises";
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { Keys } from "./pages/keys.mjs";
import { StoragePanel } from "./pages/storage_panel.mjs";
import { metric } from "./support/ledger.mjs";

const ALL = "query?start=1970-01-01";
const rows = (text) => text.trim().split("\n").map((line) => JSON.parse(line));
const csv = (name, text) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

// Firefox ESR 153 tells of downloads in a way that Playwright does not understand.
test("what is exported comes back by import, each row once and without a question", CHROMIUM, async ({ app }) => {
  test.setTimeout(60_000);
  const page = await app.open("?source=none");
  const storage = await StoragePanel.open(page);
  await page.post(Array.from({ length: 50 }, (_, i) => ({ timestamp: `2025-06-01T21:15:${10 + i}`, id: `s${i % 3}`, value: i })));
  const before = await page.get(ALL);
  expect(before.latest).toHaveLength(50);
  const ndjson = await storage.export("NDJSON");
  expect(ndjson.name).toBe("millrace.ndjson");
  expect(rows(ndjson.bytes.toString())).toHaveLength(50);
  const arrow = await storage.export("Arrow");
  expect(arrow.name).toBe("millrace.arrow");
  expect(arrow.bytes.readUInt32LE(0)).toBe(0xffffffff);
  const plain = await storage.export("CSV");
  expect(plain.name).toBe("millrace.csv");
  const marked = await storage.export("CSV for spreadsheets");
  expect(marked.name).toBe("millrace.csv");
  expect(marked.bytes.toString(), "the same with a mark").toBe(`\ufeff${plain.bytes}`);

  for (const { name, bytes } of [ndjson, plain, arrow]) {
    await test.step(name, async () => {
      await page.reset();
      await page.show("storage");
      const files = await storage.import({ name, mimeType: "application/octet-stream", buffer: bytes });
      await files.lookedAt(name);
      expect(await files.roles()).toEqual({ timestamp: "time", id: "id", value: "measure", moving_avg: "left out" });
      await expect(files.questions).toHaveCount(0);
      await files.load();
      expect(await files.loading(name).loaded()).toMatchObject({ taken: 50, refused: 0 });
      expect(await page.get(ALL)).toEqual(before);
    });
  }
});

test("rows that were posted are there again after a reload", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none");
  await page.post(Array.from({ length: 30 }, (_, i) => ({ timestamp: `2025-06-01T21:15:${10 + i}`, id: `s${i % 3}`, value: i })));
  const query = "query?start=2025-06-01&end=2025-06-02";
  const before = await page.get(query);
  expect(before.latest).toHaveLength(30);

  await page.page.reload();
  await page.waitUntilLive();
  expect(await page.get(query)).toEqual(before);
  await page.waitForCount("history", (rows) => rows === 30);
});

test("a file chosen here is shown under Data, by keyboard too, beside one that waits there", CHROMIUM, async ({ app }, testInfo) => {
  const page = await app.open("?source=none");
  const storage = await StoragePanel.open(page);
  const files = await storage.import(csv("first.csv", "timestamp,id,value\n2025-06-01T00:00:00Z,a,1\n"));
  await files.lookedAt("first.csv");

  const path = testInfo.outputPath("second.csv");
  await writeFile(path, "timestamp,id,value\n2025-06-01T00:00:01Z,b,2\n");
  const keys = new Keys(page.page);
  await keys.show("Storage");
  const chooser = page.page.waitForEvent("filechooser");
  await keys.press("Enter", storage.importField);
  await (await chooser).setFiles(path);
  await files.lookedAt("second.csv");
  await expect(files.preview.getByRole("heading", { name: "second.csv" }), "what was chosen has the focus").toBeFocused();
  await expect(files.view.getByRole("list", { name: "Chosen files" }).getByRole("listitem")).toHaveCount(2);
  expect(await page.get(ALL), "nothing is taken before it is loaded").toEqual({});
});

test("a large file goes in with its progress, its refused row is named, and a load that is cancelled keeps what was taken", async ({ app }, testInfo) => {
  test.setTimeout(180_000);
  const page = await app.open("?source=none&batch_size=1000");
  const storage = await StoragePanel.open(page);
  const lines = Array.from({ length: 400_000 }, (_, i) => `2025-06-01T00:00:00.${String(i).padStart(6, "0")},sensor-${i % 50},${i % 97}`);
  const text = (rows) => ["timestamp,id,value", ...rows, ""].join("\n");
  // The browser reads them when the pipeline does: they stay until the test ends.
  const [large, larger] = ["large.csv", "larger.csv"].map((name) => testInfo.outputPath(name));
  try {
    await writeFile(large, text(lines.with(300_000, "never,sensor-1,1")));
    const files = await storage.import(large);
    await files.lookedAt("large.csv");
    await files.load();
    const loading = files.loading("large.csv");
    await expect(loading.item.getByRole("progressbar"), "the bar moves").toHaveAttribute("value", /[1-9]/, { timeout: 30_000 });
    expect(await loading.loaded()).toMatchObject({ taken: 399_999, refused: 1 });
    await expect(page.element("dead-letters")).toContainText("file:large.csv, row 300000 (line 300002)");
    expect(await metric(page, "millrace_history_rows")).toBe(399_999);

    await page.reset();
    await writeFile(larger, text([...lines, ...lines, ...lines]));
    await page.show("storage");
    await storage.import(larger);
    await files.lookedAt("larger.csv");
    await files.load();
    const cancelled = files.loading("larger.csv");
    await expect.poll(async () => (await cancelled.counts()).taken, "rows are taken").toBeGreaterThan(0);
    await cancelled.button("Cancel larger.csv").click();
    await cancelled.waitForState("cancelled; what was taken stays");
    const { taken } = await cancelled.counts();
    expect(taken).toBeLessThan(1_200_000);
    await expect.poll(() => metric(page, "millrace_history_rows"), "what was taken stays").toBe(taken);
  } finally {
    await Promise.all([large, larger].map((path) => rm(path, { force: true })));
  }
});

test("a file that cannot be taken is refused with the reason", async ({ app }) => {
  const page = await app.open("?source=none");
  const storage = await StoragePanel.open(page);
  const whole = await readFile(new URL("../fixtures/parquet/pyarrow_snappy.parquet", import.meta.url));
  const files = await storage.import({ name: "half.parquet", mimeType: "application/octet-stream", buffer: whole.subarray(0, whole.length >> 1) });
  await expect(files.problems).toContainText("the Parquet file is cut off");
  await page.show("storage");
  await storage.import(csv("a.csv", "id,worth\na,x\n"));
  await files.lookedAt("a.csv");
  await expect(files.problems).toContainText("no column is a measure");
  await expect(files.loadButton).toBeDisabled();
});

test("the browser is asked to keep the data only when that button is pressed", async ({ app }) => {
  await app.context.addInitScript(() => {
    globalThis.asked = 0;
    StorageManager.prototype.persist = async () => (globalThis.asked++, false);
    StorageManager.prototype.persisted = async () => false;
  });
  const page = await app.open("?source=none");
  const storage = await StoragePanel.open(page);
  await expect(storage.panel.getByText(/ of .+B$/)).toBeVisible();
  expect(await page.page.evaluate(() => globalThis.asked)).toBe(0);
  await storage.button("Ask the browser to keep it").click();
  await expect(storage.panel.getByText("The browser did not promise")).toBeVisible();
  expect(await page.page.evaluate(() => globalThis.asked)).toBe(1);
});

test("a reset leaves nothing behind and starts over", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none&batch_size=20");
  const storage = await StoragePanel.open(page);
  await page.page.evaluate(async () => {
    for (const name of ["millrace / planted", "millrace /elsewhere/ x", "millrace-x", "other"]) await caches.open(name);
  });
  await storage.button("Reset everything…").click();
  await Promise.all([page.page.waitForEvent("load"), storage.button("Erase all").click()]);
  expect(page.page.url()).toBe(app.host.base);
  const left = () => page.page.evaluate(async () => (await caches.keys()).filter((name) => !/^millrace \/ [0-9a-f]+$/.test(name)).sort());
  await expect.poll(left, "caches of others stay").toEqual(["millrace /elsewhere/ x", "millrace-x", "other"]);
  await page.waitUntilLive();
});
