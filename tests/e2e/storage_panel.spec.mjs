// The Storage view: out with all that is stored, in again, and the way back to the start.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { until } from "./support/until.mjs";

const rows = (text) => text.trim().split("\n").map((line) => JSON.parse(line));

class StoragePanel {
  constructor(page) {
    this.page = page.page;
    this.panel = this.page.locator("#view-storage");
  }

  /** Shows the view that the panel is in. */
  static async open(page) {
    await page.show("storage");
    return new StoragePanel(page);
  }

  button(name) {
    return this.panel.getByRole("button", { name, exact: true });
  }

  /** Exports and returns the file. */
  async export(name) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.button(`Export ${name}`).click()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  }

  /** Chooses a file with this text for import. The browser reads it when the page does: it stays until the test ends. */
  async choose(name, text) {
    mkdirSync(chosenFiles(test.info()), { recursive: true });
    const path = join(chosenFiles(test.info()), name);
    writeFileSync(path, text);
    await this.panel.getByLabel("Import a file").setInputFiles(path);
  }

  get result() {
    return this.panel.getByTestId("transfer-result");
  }
}

const chosenFiles = (testInfo) => testInfo.outputPath("chosen");
test.afterEach(({}, testInfo) => rmSync(chosenFiles(testInfo), { recursive: true, force: true }));

// Firefox ESR 153 tells of downloads in a way that Playwright does not understand.
test("what is exported comes back by import", CHROMIUM, async ({ app }) => {
  const page = await app.open("?source=none");
  const storage = await StoragePanel.open(page);
  await page.post(Array.from({ length: 50 }, (_, i) => ({ timestamp: `2025-06-01T21:15:${10 + i}`, id: `s${i % 3}`, value: i })));
  const { name, bytes } = await storage.export("NDJSON");
  expect(name).toBe("millrace.ndjson");
  expect(rows(bytes.toString())).toHaveLength(50);
  const arrow = await storage.export("Arrow");
  expect(arrow.name).toBe("millrace.arrow");
  expect(arrow.bytes.readUInt32LE(0)).toBe(0xffffffff);
  const csv = await storage.export("CSV");
  expect(csv.name).toBe("millrace.csv");
  const marked = await storage.export("CSV for spreadsheets");
  expect(marked.name).toBe("millrace.csv");
  expect(marked.bytes.toString(), "the same with a mark").toBe(`\ufeff${csv.bytes}`);

  await page.reset();
  await storage.choose(name, bytes);
  await expect(storage.result).toHaveText("50 events accepted, 0 rejected");
  const query = "query?start=1970-01-01&views=latest";
  expect((await page.get(query)).latest.map(({ id, value }) => ({ id, value }))).toEqual(rows(bytes.toString()).map(({ id, value }) => ({ id, value })));
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

test("a large file goes in slice by slice, and can be cancelled", async ({ app }) => {
  test.setTimeout(120_000);
  const page = await app.open("?source=none&batch_size=1000");
  const storage = await StoragePanel.open(page);
  const lines = Array.from({ length: 400_000 }, (_, i) => `2025-06-01T00:00:00.${String(i).padStart(6, "0")},sensor-${i % 50},${i % 97}`);
  lines[300_000] = "never,sensor-1,1";
  const text = ["timestamp,id,value", ...lines, ""].join("\n");

  await storage.choose("large.csv", text);
  const bar = storage.panel.getByRole("progressbar");
  const seen = await until("the bar moves", async () => Number(await bar.getAttribute("value")), { timeoutMillis: 30_000 });
  expect(seen).toBeLessThanOrEqual(1);
  await expect(storage.result).toHaveText(/^399\s999 events accepted, 1 rejected$/, { timeout: 60_000 });
  await expect(storage.panel).toContainText("row 300000 (line 300002): ");

  await storage.choose("larger.csv", [text, text, text].join(""));
  await expect.poll(async () => Number(await bar.getAttribute("value")), "the import has begun").toBeGreaterThan(0);
  await storage.button("Cancel").click();
  await expect(storage.result).toHaveText(/^Import cancelled: /, { timeout: 30_000 });
});

test("a file that cannot be taken is refused with the reason", async ({ app }) => {
  const page = await app.open("?source=none");
  const storage = await StoragePanel.open(page);
  await storage.choose("a.parquet", "PAR1");
  await expect(storage.panel).toContainText(/"application\/vnd.apache.parquet" is not read here; send .*text\/csv/);
  await storage.choose("a.csv", "id,worth\na,1\n");
  await expect(storage.result).toHaveText(/0 events accepted.*stopped/);
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
