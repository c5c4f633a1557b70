// The corner that tells what takes its time, and what became of it.
import assert from "node:assert/strict";
import { appTest } from "./app.mjs";
import { until } from "./until.mjs";

const corner = (page) => page.page.getByRole("region", { name: "Activity" });
const texts = (page) => corner(page).locator(".toast:visible .toast__text").allInnerTexts();

async function sendSample(page) {
  await page.page.getByRole("button", { name: "CSV sample" }).click();
  await page.page.getByRole("button", { name: "Send events" }).click();
}

appTest("news are counted, never pile up, and move nothing on the page", {}, async (app) => {
  const page = await app.open("?source=none");
  const height = () => page.page.evaluate(() => document.documentElement.scrollHeight);
  await sendSample(page);
  await until("it is told", async () => (await texts(page)).includes("2 rows taken, 1 refused: see Dead letters"));
  await sendSample(page);
  await until("the same again is counted", async () => (await texts(page)).includes("2 rows taken, 1 refused: see Dead letters (2 times)"));
  assert.equal((await texts(page)).length, 1);
  await page.waitForCount("rejected", (rejected) => rejected === 2);
  await until("the dead letters have come", async () => (await page.page.getByTestId("dead-letters").locator("li").count()) === 2);
  const before = await height();
  await corner(page).getByRole("button", { name: "Dismiss" }).click();
  assert.deepEqual(await texts(page), []);
  assert.equal(await height(), before);
});

appTest("good news go by themselves, errors stay", {}, async (app) => {
  const page = await app.open("?source=none");
  await page.page.locator("#own-data-text").fill("id,worth\na,1\n");
  await page.page.getByRole("button", { name: "Send events" }).click();
  const refused = "Nothing was taken: see Your own events";
  await until("the error is told", async () => (await texts(page)).includes(refused));
  await sendSample(page);
  await until("both are told", async () => (await texts(page)).length === 2);
  await page.page.mouse.move(5, 5);
  await until("good news go", async () => (await texts(page)).length === 1, { timeoutMillis: 15_000 });
  assert.deepEqual(await texts(page), [refused]);
  assert.equal(await corner(page).getByRole("alert").count(), 1);
});

appTest("long work is told with its progress and can be cancelled there", { timeoutMillis: 120_000 }, async (app) => {
  const page = await app.open("?source=none&batch_size=1000");
  const lines = Array.from({ length: 1_500_000 }, (_, i) => `s${i % 50},${i % 97}`);
  const file = { name: "large.csv", mimeType: "text/csv", buffer: Buffer.from(["id,value", ...lines, ""].join("\n")) };
  await page.page.locator("#storage").getByLabel("Import a file").setInputFiles(file);
  await until("it is told", async () => (await texts(page)).includes("Importing large.csv"), { timeoutMillis: 30_000 });
  const bar = corner(page).locator("progress[value]:visible").first();
  await until("the bar moves", async () => Number(await bar.getAttribute("value")) > 0, { timeoutMillis: 30_000 });
  await corner(page).getByRole("button", { name: "Cancel" }).click();
  await until("what became of it is told", async () => (await texts(page)).some((text) => text.startsWith("Import cancelled: ")), { timeoutMillis: 30_000 });
  assert.equal((await texts(page)).includes("Importing large.csv"), false);
});
