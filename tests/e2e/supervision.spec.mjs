// A pipeline that panics or hangs is started again; after three failures in a row it is left alone, and the stored rows can
// still be exported.
import { readFileSync } from "node:fs";
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { copied } from "./pages/clipboard.mjs";
import { HARMABLE, harm, watchWorkers } from "./support/harm.mjs";

const FAST = "?interval=20ms";
/** What a browser makes of the error that {@link harm} throws. */
const BOOM = "(Uncaught )?Error: boom";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });
test.use({ hostOptions: { before: { "pipeline_worker.js": HARMABLE } } });
test.beforeEach(({ context }) => watchWorkers(context));

test("a worker that throws is started again, and the report can be copied", async ({ app }) => {
  const page = await app.open(FAST);
  await page.waitForCount("batches", (batches) => batches >= 2);
  await harm(page, "throw");

  const notice = page.page.getByRole("status").filter({ hasText: "The pipeline was restarted." });
  await expect(notice).toContainText(new RegExp(`Its worker stopped: ${BOOM}\\.`));
  const report = await copied(page.page, () => notice.getByRole("button", { name: "Copy report" }).click());
  expect(report).toMatch(/^millrace \d+\.\d+\.\d+, app-[0-9a-f]+\.js\n/);
  expect(report).toMatch(/failed at \d{4}-\d\d-\d\dT[\d:.]+Z\./);
  expect(report).toMatch(/Browser: Mozilla/);
  expect(report).toMatch(/Counters: produced \d+, .* batches \d+/);
  expect(report).toMatch(/Error: boom/);

  const produced = await page.count("arrived");
  await page.waitForCount("arrived", (count) => count > produced + 20);
  await page.waitForText("connection", /this tab/);
  await page.latest();
  await notice.getByRole("button", { name: "Dismiss" }).click();
  await expect(notice).toHaveCount(0);
});

test("open streams and new requests are served by the new worker", async ({ app }) => {
  const page = await app.open(FAST);
  await page.page.evaluate((base) => {
    globalThis.opened = 0;
    globalThis.batches = 0;
    const source = new EventSource(`${base}stream`);
    source.addEventListener("open", () => globalThis.opened++);
    source.addEventListener("batch", () => globalThis.batches++);
  }, app.host.base);
  const expectHeard = () => expect.poll(() => page.page.evaluate(() => globalThis.batches), "batches are heard").toBeGreaterThan(2);
  await expectHeard();

  await harm(page, "throw");
  expect((await page.fetch("health")).status).toBe(200);
  await page.page.evaluate(() => (globalThis.batches = 0));
  await expectHeard();
  expect(await page.page.evaluate(() => globalThis.opened), "the stream goes on without being opened anew").toBe(1);
});

test("a worker that hangs is started again", async ({ app }) => {
  const page = await app.open(FAST);
  await page.waitForCount("batches", (batches) => batches >= 1);
  // The first beat comes after a second; before it nothing is expected.
  await page.waitForCount("arrived", (count) => count > 100);
  await harm(page, "hang");

  await expect(page.page.getByText("Its worker stopped: it no longer answers.")).toBeVisible();
  const produced = await page.count("arrived");
  await page.waitForCount("arrived", (count) => count > produced);
  await page.latest();
});

test("three failures in a row end it, and requests are answered all the same", async ({ app }) => {
  const page = await app.open(FAST);
  await failThreeTimes(page);

  const notice = endedNotice(page);
  await expect(notice).toContainText(new RegExp(`The pipeline worker stopped: ${BOOM}\\. Reload the page to start it again\\.`));
  await expect(page.page.getByTestId("run-state")).toHaveText(/stopped/i);
  await expect(notice.getByRole("button", { name: "Copy report" })).toBeVisible();
  await page.post(Array.from({ length: 10 }, (_, i) => ({ id: "kept", value: i })));
});

// Firefox ESR 153 tells of downloads in a way that Playwright does not understand.
test("after three failures what is stored can be exported", CHROMIUM, async ({ app }) => {
  const page = await app.open(FAST);
  await failThreeTimes(page);
  await page.post(Array.from({ length: 10 }, (_, i) => ({ id: "kept", value: i })));

  const exported = page.page.waitForEvent("download");
  await endedNotice(page).getByRole("button", { name: "Export NDJSON" }).click();
  const download = await exported;
  expect(download.suggestedFilename()).toBe("millrace.ndjson");
  const rows = readFileSync(await download.path(), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  expect(rows.map(({ id }) => id)).toContain("kept");
});

test("a worker that stops hands over to a tab that waits", SMOKE, async ({ app }) => {
  const first = await app.open(FAST);
  await first.waitForCount("batches", (batches) => batches >= 1);
  const second = await app.open(FAST);
  await second.waitForText("connection", /another tab/);

  await harm(first, "throw");
  await second.waitForText("connection", /this tab/);
  await first.waitForText("connection", /another tab/);
  await first.latest();
  await second.latest();
});

async function failThreeTimes(page) {
  for (let failures = 1; failures <= 3; failures++) {
    // Batches that are new come from the worker that runs now; the page still shows those of the one before.
    const batches = await page.count("batches");
    await page.waitForCount("batches", (now) => now > batches);
    await harm(page, "throw");
  }
}

/** What the page says once the pipeline is not started again. */
function endedNotice({ page }) {
  return page.getByRole("alert").filter({ hasText: "The pipeline does not run." });
}
