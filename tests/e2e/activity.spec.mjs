// The corner that shows what takes its time, and what became of it.
import { expect, test } from "./fixtures.mjs";

const corner = (page) => page.page.getByRole("region", { name: "Activity" });
/** The texts of the notes in the corner. */
const notes = (page) => corner(page).locator(".toast:visible .toast__text");

async function sendSample(page) {
  await page.page.getByRole("button", { name: "CSV sample" }).click();
  await page.page.getByRole("button", { name: "Send events" }).click();
}

test("news are counted, never pile up, and move nothing on the page", async ({ app }) => {
  const page = await app.open("?source=none");
  const height = () => page.page.evaluate(() => document.documentElement.scrollHeight);
  await sendSample(page);
  await expect(notes(page)).toHaveText(["2 rows taken, 1 refused: see Dead letters"]);
  await sendSample(page);
  await expect(notes(page)).toHaveText(["2 rows taken, 1 refused: see Dead letters (2 times)"]);
  await page.waitForCount("rejected", (rejected) => rejected === 2);
  await expect(page.element("dead-letters").locator("li")).toHaveCount(2);
  const before = await height();
  await corner(page).getByRole("button", { name: "Dismiss" }).click();
  await expect(notes(page)).toHaveCount(0);
  expect(await height()).toBe(before);
});

test("good news go by themselves, errors stay", async ({ app }) => {
  const page = await app.open("?source=none");
  await page.page.locator("#own-data-text").fill("id,worth\na,1\n");
  await page.page.getByRole("button", { name: "Send events" }).click();
  const refused = "Nothing was taken: see Your own events";
  await expect(notes(page)).toHaveText([refused]);
  await sendSample(page);
  await expect(notes(page)).toHaveCount(2);
  await page.page.mouse.move(5, 5);
  await expect(notes(page), "only the error stays").toHaveText([refused], { timeout: 15_000 });
  await expect(corner(page).getByRole("alert")).toHaveCount(1);
});

test("long work is shown with its progress and can be cancelled there", async ({ app }) => {
  test.setTimeout(120_000);
  const page = await app.open("?source=none&batch_size=1000");
  const lines = Array.from({ length: 1_500_000 }, (_, i) => `s${i % 50},${i % 97}`);
  const file = { name: "large.csv", mimeType: "text/csv", buffer: Buffer.from(["id,value", ...lines, ""].join("\n")) };
  await page.page.locator("#storage").getByLabel("Import a file").setInputFiles(file);
  const importing = notes(page).getByText("Importing large.csv", { exact: true });
  await expect(importing).toBeVisible({ timeout: 30_000 });
  const bar = corner(page).locator("progress[value]:visible").first();
  await expect.poll(async () => Number(await bar.getAttribute("value")), { message: "the bar moves", timeout: 30_000 }).toBeGreaterThan(0);
  await corner(page).getByRole("button", { name: "Cancel" }).click();
  await expect(notes(page).filter({ hasText: /^Import cancelled: / })).not.toHaveCount(0, { timeout: 30_000 });
  await expect(importing).toHaveCount(0);
});
