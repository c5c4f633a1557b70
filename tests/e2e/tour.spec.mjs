// A first-time visitor can be shown around, or decline.
import { expect, test } from "./fixtures.mjs";

const TITLES = [/Events flow/, /moving average/, /newest batch/i, /HTTP/, /own data/];
const VIEWPORTS = { wide: { width: 1440, height: 900 }, narrow: { width: 360, height: 740 } };

for (const [name, viewport] of Object.entries(VIEWPORTS)) {
  test.describe(() => {
    test.use({ viewport, reducedMotion: "reduce" });

    test(`the tour shows five parts of a ${name} page and covers none of them`, async ({ app }) => {
      const { page } = await app.open("?interval=50ms");
      const [card, explained, focused] = [tour(page), page.locator("[data-explained]"), page.locator(":focus")];
      await expect(card, "it never starts by itself").toBeHidden();
      await expect(focused).toHaveCount(0);

      await page.getByRole("button", { name: "Take a two-minute tour" }).click();
      for (const [step, title] of TITLES.entries()) {
        await expect(card).toHaveText(title, { useInnerText: true });
        await expect(explained).toHaveCount(1);
        await expect(async () => {
          const part = await explained.boundingBox();
          const { y, height } = await card.boundingBox();
          expect(part.y, "what the step explains is in view").toBeGreaterThanOrEqual(0);
          expect(part.y + Math.min(part.height, 250), "above the card").toBeLessThanOrEqual(y);
          expect(y + height, "which is in view too").toBeLessThanOrEqual(viewport.height);
        }).toPass({ timeout: 10_000 });
        await expect(focused).toHaveText(step === TITLES.length - 1 ? "Done" : "Next");
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing sticks out sideways").toBe(true);
        await page.keyboard.press("Enter");
      }
      await expect(card).toBeHidden();
      await expect(explained).toHaveCount(0);
      expect(app.errors).toEqual([]);
    });
  });
}

test("a declined tour is not offered again, and can still be found", async ({ app }) => {
  const { page } = await app.open("?source=none");
  const before = await page.locator("main").boundingBox();
  await page.getByRole("button", { name: "No thanks" }).click();
  await expect(start(page)).toBeVisible();
  expect(await page.locator("main").boundingBox(), "nothing moves").toEqual(before);

  await page.reload();
  await start(page).click();
  const card = tour(page);
  await card.getByRole("button", { name: "Next" }).click();
  await card.getByRole("button", { name: "Back" }).click();
  await page.keyboard.press("Escape");
  await expect(card).toBeHidden();
  await expect(page.locator("#tour-start")).toBeFocused();
});

test("the page can be used while the tour is shown", async ({ app }) => {
  const page = await app.open("?interval=50ms");
  await page.page.getByRole("button", { name: "Take a two-minute tour" }).click();
  await page.toggle.click();
  await page.waitForText("run-state", /paused/i);
  await expect(tour(page.page)).toBeVisible();
});

test("where the browser keeps nothing, a declined tour is not offered again until the page is left", async ({ app }) => {
  await app.context.addInitScript(() => Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("no", "SecurityError"); } }));
  const { page } = await app.open("?source=none");
  await page.getByRole("button", { name: "No thanks" }).click();
  await expect(start(page)).toBeVisible();
  expect(app.errors).toEqual([]);
});

function tour(page) {
  return page.getByRole("complementary", { name: "Tour" });
}

/** The button that a declined tour leaves. */
function start(page) {
  return page.getByRole("button", { name: "Tour", exact: true });
}
