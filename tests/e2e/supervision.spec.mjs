// A pipeline that panics or hangs is noticed and started again; one that does so again and again is given up, and what
// is stored can still be had.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { appTest } from "./app.mjs";
import { until } from "./until.mjs";

const FAST = "?interval=20ms";
const CLIPBOARD = { browser: { permissions: ["clipboard-read", "clipboard-write"] } };

/** Runs in the worker: an error that nobody handles, as a panic ends. */
const boom = () => setTimeout(() => { throw new Error("boom"); });
/** Runs in the worker: it never comes back. */
const hang = () => setTimeout(() => { for (;;); });

/** Does something in the page's worker and waits until that worker is gone. */
async function harm(page, what) {
  const worker = await until("there is a worker", () => page.page.workers()[0]);
  await worker.evaluate(what);
  await until("the worker is ended", () => !page.page.workers().includes(worker), { timeoutMillis: 20_000 });
}

appTest("a worker that throws is started again, and the report can be copied", CLIPBOARD, async (app) => {
  const page = await app.open(FAST);
  await page.waitForCount("batches", (batches) => batches >= 2);
  await harm(page, boom);

  const notice = page.page.getByRole("status").filter({ hasText: "The pipeline was restarted." });
  await notice.getByText("Its worker stopped: Uncaught Error: boom.").waitFor();
  await notice.getByRole("button", { name: "Copy report" }).click();
  const report = await until("the report is copied", () => page.page.evaluate(() => navigator.clipboard.readText()));
  assert.match(report, /^millrace \d+\.\d+\.\d+, app-[0-9a-f]+\.js\n/);
  assert.match(report, /failed at \d{4}-\d\d-\d\dT[\d:.]+Z\./);
  assert.match(report, /Browser: Mozilla/);
  assert.match(report, /Counters: produced \d+, .* batches \d+/);
  assert.match(report, /Error: boom/);

  const produced = await page.count("produced");
  await page.waitForCount("produced", (count) => count > produced + 20);
  await page.waitForText("connection", /this tab/);
  await page.latest();
  await notice.getByRole("button", { name: "Dismiss" }).click();
  await notice.waitFor({ state: "detached" });
});

appTest("whoever listens to the stream or asks meanwhile is served by the new worker", {}, async (app) => {
  const page = await app.open(FAST);
  await page.page.evaluate((base) => {
    globalThis.opened = 0;
    globalThis.batches = 0;
    const source = new EventSource(`${base}stream`);
    source.addEventListener("open", () => globalThis.opened++);
    source.addEventListener("batch", () => globalThis.batches++);
  }, app.host.base);
  const heard = () => until("batches are heard", () => page.page.evaluate(() => globalThis.batches > 2));
  await heard();

  await harm(page, boom);
  assert.equal((await page.fetch("health")).status, 200);
  await page.page.evaluate(() => (globalThis.batches = 0));
  await heard();
  assert.equal(await page.page.evaluate(() => globalThis.opened), 1, "the stream goes on without being opened anew");
});

appTest("a worker that hangs is started again", { timeoutMillis: 60_000 }, async (app) => {
  const page = await app.open(FAST);
  await page.waitForCount("batches", (batches) => batches >= 1);
  // The first beat comes after a second; before it nothing is expected.
  await page.waitForCount("produced", (count) => count > 100);
  await harm(page, hang);

  await page.page.getByText("Its worker stopped: it no longer answers.").waitFor();
  const produced = await page.count("produced");
  await page.waitForCount("produced", (count) => count > produced);
  await page.latest();
});

appTest("three failures in a row end it, and what is stored can be exported", CLIPBOARD, async (app) => {
  const page = await app.open(FAST);
  for (let failures = 1; failures <= 3; failures++) {
    await page.waitForCount("batches", (batches) => batches >= 1);
    await harm(page, boom);
  }
  const notice = page.page.getByRole("alert").filter({ hasText: "The pipeline does not run." });
  await notice.getByText("The pipeline worker stopped: Uncaught Error: boom. Reload the page to start it again.").waitFor();
  await page.waitForText("run-state", /stopped/i);
  await notice.getByRole("button", { name: "Copy report" }).waitFor();
  await page.post(Array.from({ length: 10 }, (_, i) => ({ id: "kept", value: i })));

  const [download] = await Promise.all([
    page.page.waitForEvent("download"),
    notice.getByRole("button", { name: "Export NDJSON" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "millrace.ndjson");
  const rows = readFileSync(await download.path(), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(rows.some(({ id }) => id === "kept"));
});

appTest("a worker that stops hands over to a tab that waits", {}, async (app) => {
  const first = await app.open(FAST);
  await first.waitForCount("batches", (batches) => batches >= 1);
  const second = await app.open(FAST);
  await second.waitForText("connection", /another tab/);

  await harm(first, boom);
  await second.waitForText("connection", /this tab/);
  await first.waitForText("connection", /another tab/);
  await first.latest();
  await second.latest();
});
