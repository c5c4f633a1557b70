// The corner that shows what takes its time, and what became of it.
import { expect, test } from "./fixtures.mjs";
import { FilesPanel } from "./pages/files_panel.mjs";

const corner = (page) => page.page.getByRole("region", { name: "Activity" });
/** The texts of the notes in the corner. */
const notes = (page) => corner(page).locator(".toast:visible .toast__text");

/** Sends one of the samples that the view of the user's own data has. */
async function sendSample(page) {
  await page.show("data");
  await page.page.getByRole("button", { name: "CSV sample" }).click();
  await page.page.getByRole("button", { name: "Send events" }).click();
}

/** Clears results, history and refused rows, which becomes good news. */
async function clearEverything(page) {
  const menu = await page.openMenu();
  await menu.getByRole("button", { name: "Clear everything…", exact: true }).click();
  await menu.getByRole("button", { name: "Clear all", exact: true }).click();
  await page.page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
}

test("news are counted, never pile up, and move nothing on the page", async ({ app }) => {
  const page = await app.open("?source=none");
  await sendSample(page);
  await expect(notes(page)).toHaveText(["2 rows taken, 1 refused: see Refused rows"]);
  await sendSample(page);
  await expect(notes(page)).toHaveText(["2 rows taken, 1 refused: see Refused rows (2 times)"]);
  await page.waitForCount("rejected", (rejected) => rejected === 2);
  await expect(page.element("dead-letters").locator("li")).toHaveCount(2);
  const before = await places(page);
  await corner(page).getByRole("button", { name: "Dismiss" }).click();
  await expect(notes(page)).toHaveCount(0);
  expect(await places(page)).toEqual(before);
});

test("good news go by themselves, errors stay until the same has succeeded", async ({ app }) => {
  const page = await app.open("?source=none");
  await page.show("data");
  await page.page.locator("#own-data-text").fill("id,worth\na,1\n");
  await page.page.getByRole("button", { name: "Send events" }).click();
  const refused = "Nothing was taken: see Your own events";
  await expect(notes(page)).toHaveText([refused]);
  await clearEverything(page);
  await expect(notes(page)).toHaveCount(2);
  await page.page.mouse.move(5, 5);
  await expect(notes(page), "only the error stays").toHaveText([refused], { timeout: 15_000 });
  await expect(corner(page).getByRole("alert")).toHaveCount(1);
  await sendSample(page);
  await expect(notes(page), "the error is settled").toHaveText(["2 rows taken, 1 refused: see Refused rows"]);
});

test("long work is shown with its progress and can be cancelled there", async ({ app }) => {
  test.setTimeout(120_000);
  const page = await app.open("?source=none&batch_size=1000");
  const files = new FilesPanel(page.page);
  const lines = Array.from({ length: 900_000 }, (_, i) => `s${i % 50},${i % 97}`);
  await files.choose({ name: "large.csv", mimeType: "text/csv", buffer: Buffer.from(["id,value", ...lines, ""].join("\n")) });
  await files.lookedAt("large.csv");
  await files.load();
  await files.loading("large.csv").loaded();
  await expect(notes(page).filter({ hasText: /^large\.csv: 900\s000 rows taken$/ }), "its end is told").not.toHaveCount(0);

  const storage = await page.show("storage");
  await storage.getByRole("button", { name: "Export NDJSON", exact: true }).click();
  const exporting = notes(page).getByText("Exporting millrace.ndjson", { exact: true });
  await expect(exporting).toBeVisible({ timeout: 30_000 });
  const bar = corner(page).locator("progress[value]:visible").first();
  await expect(bar, "the bar moves").toHaveAttribute("value", /[1-9]/, { timeout: 30_000 });
  await corner(page).getByRole("button", { name: "Cancel" }).click();
  await expect(notes(page).getByText("Export cancelled.", { exact: true })).not.toHaveCount(0, { timeout: 30_000 });
  await expect(exporting).toHaveCount(0);
});

/** Where the bar and the panels of the view stand, and how high what they scroll in is: the page itself may not scroll. */
function places(page) {
  return page.page.evaluate(() => {
    const shown = [...document.querySelectorAll(".bar, .view .panel")].filter((part) => part.checkVisibility());
    const boxes = shown.map((part) => JSON.stringify(part.getBoundingClientRect()));
    return [...boxes, document.querySelector(".page").scrollHeight, document.documentElement.scrollHeight];
  });
}
