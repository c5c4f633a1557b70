// The Storage panel: out with all that is stored, in again, and the way back to the start.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appTest } from "./app.mjs";
import { until } from "./until.mjs";

const rows = (text) => text.trim().split("\n").map((line) => JSON.parse(line));

class StoragePanel {
  constructor(page) {
    this.page = page.page;
    this.panel = this.page.locator("#storage");
  }

  button(name) {
    return this.panel.getByRole("button", { name, exact: true });
  }

  /** Exports and returns the file. */
  async export(name) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.button(`Export ${name}`).click()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  }

  async choose(name, text) {
    const folder = mkdtempSync(join(tmpdir(), "millrace-"));
    writeFileSync(join(folder, name), text);
    await this.panel.getByLabel("Import a file").setInputFiles(join(folder, name));
    // Chromium reads a chosen file when the page does.
    return { remove: () => rmSync(folder, { recursive: true }) };
  }

  result() {
    return this.panel.getByTestId("transfer-result").innerText();
  }
}

appTest("what is exported comes back by import", {}, async (app) => {
  const page = await app.open("?source=none");
  const storage = new StoragePanel(page);
  await page.post(Array.from({ length: 50 }, (_, i) => ({ timestamp: `2025-06-01T21:15:${10 + i}`, id: `s${i % 3}`, value: i })));
  const { name, bytes } = await storage.export("NDJSON");
  assert.equal(name, "millrace.ndjson");
  assert.equal(rows(bytes.toString()).length, 50);
  const arrow = await storage.export("Arrow");
  assert.equal(arrow.name, "millrace.arrow");
  assert.equal(arrow.bytes.readUInt32LE(0), 0xffffffff);

  await page.reset();
  const chosen = await storage.choose(name, bytes);
  await until("all is in", async () => /^50 events accepted, 0 rejected$/.test(await storage.result()));
  chosen.remove();
  const query = "query?start=1970-01-01&views=latest";
  assert.deepEqual((await page.get(query)).latest.map(({ id, value }) => ({ id, value })), rows(bytes.toString()).map(({ id, value }) => ({ id, value })));
});

appTest("a large file goes in slice by slice, and can be cancelled", { timeoutMillis: 120_000 }, async (app) => {
  const page = await app.open("?source=none&batch_size=1000");
  const storage = new StoragePanel(page);
  const lines = Array.from({ length: 400_000 }, (_, i) => `2025-06-01T00:00:00.${String(i).padStart(6, "0")},sensor-${i % 50},${i % 97}`);
  lines[300_000] = "never,sensor-1,1";
  const text = ["timestamp,id,value", ...lines, ""].join("\n");

  const large = await storage.choose("large.csv", text);
  const bar = storage.panel.getByRole("progressbar");
  const seen = await until("the bar moves", async () => Number(await bar.getAttribute("value")), { timeoutMillis: 30_000 });
  assert.ok(seen > 0 && seen <= 1, `${seen}`);
  await until("all is in", async () => /^399\s999 events accepted, 1 rejected$/.test(await storage.result()), { timeoutMillis: 60_000 });
  assert.match(await storage.panel.innerText(), /row 300000: /);

  large.remove();
  const larger = await storage.choose("larger.csv", [text, text, text].join(""));
  await until("it has begun", async () => Number(await bar.getAttribute("value")) > 0);
  await storage.button("Cancel").click();
  await until("it says so", async () => /^Import cancelled: /.test(await storage.result()), { timeoutMillis: 30_000 });
  larger.remove();
});

appTest("a file that cannot be taken is refused with the reason", {}, async (app) => {
  const page = await app.open("?source=none");
  const storage = new StoragePanel(page);
  const json = await storage.choose("a.json", '[{"value": 1}]');
  await until("JSON is refused", async () => /NDJSON or CSV/.test(await storage.result()));
  json.remove();
  const csv = await storage.choose("a.csv", "id,worth\na,1\n");
  await until("what has no value is refused", async () => /0 events accepted.*stopped/.test(await storage.result()));
  csv.remove();
});

appTest("the browser is asked for a promise only when somebody wants it", {}, async (app) => {
  await app.context.addInitScript(() => {
    globalThis.asked = 0;
    StorageManager.prototype.persist = async () => (globalThis.asked++, false);
    StorageManager.prototype.persisted = async () => false;
  });
  const page = await app.open("?source=none");
  const storage = new StoragePanel(page);
  await storage.panel.getByText(/ of .+B$/).waitFor();
  assert.equal(await page.page.evaluate(() => globalThis.asked), 0);
  await storage.button("Ask the browser to keep it").click();
  await storage.panel.getByText("The browser did not promise").waitFor();
  assert.equal(await page.page.evaluate(() => globalThis.asked), 1);
});

appTest("a reset leaves nothing behind and starts over", {}, async (app) => {
  const page = await app.open("?source=none&batch_size=20");
  const storage = new StoragePanel(page);
  await page.page.evaluate(async () => {
    await caches.open("millrace-x");
    await caches.open("other");
  });
  await storage.button("Reset everything…").click();
  await Promise.all([page.page.waitForEvent("load"), storage.button("Erase all").click()]);
  assert.equal(page.page.url(), app.host.base);
  await until("only others' caches are left", async () => {
    const left = await page.page.evaluate(() => caches.keys());
    return !left.includes("millrace-x") && left.includes("other");
  });
  await page.waitUntilLive();
});
