// The page can be used by everybody, on every screen, without a mouse.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { appTest } from "./app.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = fileURLToPath(new URL("../../test-results/", import.meta.url));
const WIDTHS = { narrow: 360, wide: 1440 };

mkdirSync(SHOTS, { recursive: true });

for (const colorScheme of ["light", "dark"]) {
  for (const [name, width] of Object.entries(WIDTHS)) {
    const browser = { colorScheme, viewport: { width, height: 900 } };
    appTest(`axe finds nothing serious on a ${name} ${colorScheme} page`, { browser }, async (app) => {
      const page = await app.open("?interval=100ms&seed=11&distinct_ids=5");
      await page.waitForCount("batches", (batches) => batches >= 6, { timeoutMillis: 20_000 });
      await page.console.send("GET /latest");

      await page.page.screenshot({ path: `${SHOTS}${name}-${colorScheme}.png`, fullPage: true });
      await page.page.evaluate(AXE);
      const { violations } = await page.page.evaluate(() => axe.run());
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200))}`), []);
    });
  }
}

appTest("nothing sticks out sideways from 360 to 2560 pixels", {}, async (app) => {
  const page = await app.open("?interval=50ms&seed=11");
  await page.waitForCount("batches", (batches) => batches >= 2, { timeoutMillis: 20_000 });
  await page.console.send("GET /latest");
  for (const width of [360, 768, 1440, 2560]) {
    await page.page.setViewportSize({ width, height: 900 });
    const overhang = await page.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(overhang <= 0, `at ${width} pixels the page is ${overhang} too wide`);
  }
});

appTest("the source can be paused and started with the keyboard alone", {}, async (app) => {
  const page = await app.open("?interval=50ms");
  await page.waitForText("run-state", /running/i);

  await tabTo(page);
  await page.page.keyboard.press("Enter");
  await page.waitForText("run-state", /paused/i);
  await page.page.keyboard.press("Enter");
  await page.waitForText("run-state", /running/i);
});

/** Presses Tab until the start and pause button has the focus. */
async function tabTo(page) {
  const button = await page.toggle.elementHandle();
  for (let presses = 0; presses < 40; presses++) {
    await page.page.keyboard.press("Tab");
    if (await button.evaluate((element) => element === document.activeElement)) return;
  }
  assert.fail("the start and pause button is not within 40 presses of Tab");
}
