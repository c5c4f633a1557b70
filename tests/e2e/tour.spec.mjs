// A first-time visitor can be shown around, or decline.
import { expect, test } from "./fixtures.mjs";

const TITLES = [/Events flow/, /moving average/, /newest batch/i, /HTTP/, /own data/];
const VIEWPORTS = { wide: { width: 1440, height: 900 }, narrow: { width: 360, height: 740 } };

for (const [name, viewport] of Object.entries(VIEWPORTS)) {
  test.describe(() => {
    test.use({ viewport, reducedMotion: "reduce" });

    test(`the tour shows five parts of a ${name} page and covers none of them`, async ({ app }) => {
      const opened = await app.open("?interval=50ms");
      const { page } = opened;
      const [card, explained, focused] = [tour(page), page.locator("[data-explained]"), page.locator(":focus")];
      await expect(card, "it never starts by itself").toBeHidden();
      await expect(focused).toHaveCount(0);

      // A narrow bar has no room for the offer; the menu has the tour too.
      if (await offer(page).isVisible()) await offer(page).click();
      else await startFromMenu(opened);
      for (const [step, title] of TITLES.entries()) {
        await expect(card).toHaveText(title, { useInnerText: true });
        await expect(explained).toHaveCount(1);
        await expect(async () => {
          const part = await explained.boundingBox();
          const { y, height } = await card.boundingBox();
          const bar = await page.locator(".bar").boundingBox();
          expect(part.y, "what the step explains is in view, below the bar").toBeGreaterThanOrEqual(bar.y + bar.height);
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

test("a wide window offers the tour in its bar", async ({ app }) => {
  const { page } = await app.open("?source=none");
  await expect(offer(page)).toBeVisible();
});

test("a declined tour is not offered again, and can still be found", async ({ app }) => {
  const opened = await app.open("?source=none");
  const { page } = opened;
  const before = await page.locator("main").boundingBox();
  await decline(page);
  expect(await page.locator("main").boundingBox(), "nothing moves").toEqual(before);

  await page.reload();
  await opened.waitForText("run-state", /running/i);
  await expect(offer(page)).toBeHidden();
  await startFromMenu(opened);
  const card = tour(page);
  await card.getByRole("button", { name: "Next" }).click();
  await card.getByRole("button", { name: "Back" }).click();
  await page.keyboard.press("Escape");
  await expect(card).toBeHidden();
  await expect(page.getByRole("button", { name: "More", exact: true }), "the focus goes to where the tour is found").toBeFocused();
});

test("the page can be used while the tour is shown", async ({ app }) => {
  const page = await app.open("?interval=50ms");
  await offer(page.page).click();
  await page.toggle.click();
  await page.waitForText("run-state", /paused/i);
  await expect(tour(page.page)).toBeVisible();
});

test("where the browser keeps nothing, a declined tour is not offered again until the page is left", async ({ app }) => {
  await app.context.addInitScript(() => Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("no", "SecurityError"); } }));
  const opened = await app.open("?source=none");
  await decline(opened.page);
  await startFromMenu(opened);
  await expect(tour(opened.page)).toBeVisible();
  expect(app.errors).toEqual([]);
});

function tour(page) {
  return page.getByRole("complementary", { name: "Tour" });
}

/** The button of a first visit that starts it. */
function offer(page) {
  return page.locator("#tour-start");
}

async function decline(page) {
  await page.getByRole("button", { name: "No tour, thanks" }).click();
  await expect(offer(page), "it is offered no more").toBeHidden();
}

/** Starts it where it is found once it was declined. */
async function startFromMenu(page) {
  const menu = await page.openMenu();
  await menu.getByRole("button", { name: "Take the tour" }).click();
}
