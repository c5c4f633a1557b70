// Somebody comes for the first time and is shown around, if they like.
import assert from "node:assert/strict";
import { appTest } from "./app.mjs";
import { until } from "./until.mjs";

const TITLES = [/Events flow/, /moving average/, /newest batch/i, /HTTP/, /own data/];

for (const [name, viewport] of Object.entries({ wide: { width: 1440, height: 900 }, narrow: { width: 360, height: 740 } })) {
  appTest(`the tour shows five parts of a ${name} page and covers none of them`, { browser: { viewport, reducedMotion: "reduce" } }, async (app) => {
    const { page } = await app.open("?interval=50ms");
    const card = page.getByRole("complementary", { name: "Tour" });
    assert.equal(await card.isVisible(), false, "it starts by itself never");
    assert.equal(await page.evaluate(() => document.activeElement === document.body), true);

    await page.getByRole("button", { name: "Take a two-minute tour" }).click();
    for (const [step, title] of TITLES.entries()) {
      await until(`step ${step + 1} is shown`, async () => title.test(await card.innerText()) && (await page.locator("[data-explained]").count()) === 1);
      await until("what it explains is in view, above the card", async () => {
        const part = await page.locator("[data-explained]").boundingBox();
        const { y, height } = await card.boundingBox();
        return part.y >= 0 && part.y + Math.min(part.height, 250) <= y && y + height <= viewport.height;
      });
      assert.equal(await page.evaluate(() => document.activeElement.textContent), step === 4 ? "Done" : "Next");
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      await page.keyboard.press("Enter");
    }
    await card.waitFor({ state: "hidden" });
    assert.equal(await page.locator("[data-explained]").count(), 0);
    assert.deepEqual(app.errors, []);
  });
}

appTest("whoever declines is not asked again, and still finds the tour", {}, async (app) => {
  const { page } = await app.open("?source=none");
  const before = await page.locator("main").boundingBox();
  await page.getByRole("button", { name: "No thanks" }).click();
  await page.getByRole("button", { name: "Tour", exact: true }).waitFor();
  assert.deepEqual(await page.locator("main").boundingBox(), before, "nothing moves");

  await page.reload();
  await page.getByRole("button", { name: "Tour", exact: true }).click();
  const card = page.getByRole("complementary", { name: "Tour" });
  await card.getByRole("button", { name: "Next" }).click();
  await card.getByRole("button", { name: "Back" }).click();
  await page.keyboard.press("Escape");
  await card.waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.id), "tour-start");
});

appTest("the page can be used while the tour is shown", {}, async (app) => {
  const page = await app.open("?interval=50ms");
  await page.page.getByRole("button", { name: "Take a two-minute tour" }).click();
  await page.toggle.click();
  await page.waitForText("run-state", /paused/i);
  assert.equal(await page.page.getByRole("complementary", { name: "Tour" }).isVisible(), true);
});

appTest("where the browser keeps nothing, a declined tour is not offered again until the page is left", {}, async (app) => {
  await app.context.addInitScript(() => Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("no", "SecurityError"); } }));
  const { page } = await app.open("?source=none");
  await page.getByRole("button", { name: "No thanks" }).click();
  await page.getByRole("button", { name: "Tour", exact: true }).waitFor();
  assert.deepEqual(app.errors, []);
});
