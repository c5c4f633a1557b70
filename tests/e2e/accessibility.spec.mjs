// The page can be used on every screen, in every theme, without a mouse.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const VIEWPORTS = { wide: { width: 1600, height: 1000 }, narrow: { width: 360, height: 780 } };
const THEMES = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "high contrast": { colorScheme: "light", contrast: "more" },
  "dark high contrast": { colorScheme: "dark", contrast: "more" },
  "forced colours": { colorScheme: "dark", forcedColors: "active" },
};

for (const [theme, media] of Object.entries(THEMES)) {
  test.describe(() => {
    test.use({ ...media, viewport: VIEWPORTS.wide });

    // Over BiDi Playwright emulates no media feature: in Firefox every theme would be the light one.
    const details = theme === "light" ? {} : CHROMIUM;
    test(`axe finds nothing at all on the page in ${theme}, wide and narrow, calm and busy, with everything open`, details, async ({ app }, testInfo) => {
      test.setTimeout(240_000);
      const filled = await openFilled(app);
      const { page } = filled;
      const shot = (what) => page.screenshot({ path: testInfo.outputPath(`${theme.replaceAll(" ", "-")}-${what}.png`), fullPage: true });
      await check(page, `${theme}, as it comes`);
      await openAll(page, (what) => check(page, `${theme}, ${what}`, what));
      for (const [state, settings] of Object.entries({ calm: { paused: true }, busy: { paused: false, interval: "1ms" } })) {
        await filled.configure(settings);
        for (const [name, viewport] of Object.entries(VIEWPORTS)) {
          await page.setViewportSize(viewport);
          await shot(`${name}-${state}`);
          await check(page, `${theme}, ${name}, ${state}, all open`);
        }
      }
    });
  });
}

test("nothing sticks out sideways from 360 to 2560 pixels", async ({ app }) => {
  const page = await openFilled(app);
  await openAll(page.page);
  for (const width of [360, 768, 1440, 2560]) {
    await page.page.setViewportSize({ width, height: 900 });
    const overhang = await page.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overhang, `pixels that stick out at a width of ${width}`).toBeLessThanOrEqual(0);
  }
});

test("the source can be paused and started with the keyboard alone", SMOKE, async ({ app }) => {
  const page = await app.open("?interval=50ms");
  await page.waitForText("run-state", /running/i);

  await tabTo(page);
  await page.page.keyboard.press("Enter");
  await page.waitForText("run-state", /paused/i);
  await page.page.keyboard.press("Enter");
  await page.waitForText("run-state", /running/i);
});

/** The app with something in each panel: batches, an answer in the console, a dead letter, a refused setting. */
async function openFilled(app) {
  const page = await app.open("?interval=50ms&seed=11&distinct_ids=5&window=nonsense");
  await page.send("POST", "events", "timestamp,id,value\n2025-06-01T12:00:00,pump,x\n", "text/csv");
  await page.waitForCount("batches", (batches) => batches >= 6, { timeoutMillis: 20_000 });
  await page.console.send("GET /latest");
  return page;
}

/** Expects no violation that axe knows of on the page, or in a part of it. */
async function check(page, where, part) {
  if (!(await page.evaluate(() => Boolean(globalThis.axe)))) await page.evaluate(AXE);
  const run = ({ tags, part }) => axe.run(part ?? document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
  const { violations } = await page.evaluate(run, { tags: TAGS, part });
  const found = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id} (${help}): ${node.html.slice(0, 200)}`));
  expect(found, where).toEqual([]);
}

/**
 * Opens all that can be opened: `<details>`, and what a button with `aria-expanded` controls. An element that closes again
 * when the next is opened is passed to `look`, as a selector, while it is open.
 */
async function openAll(page, look = async () => {}) {
  await openDetails(page);
  const controls = await page.locator('button[aria-expanded="false"][aria-controls]').all();
  const handles = await Promise.all(controls.map((control) => control.elementHandle()));
  for (const handle of handles) {
    if (!(await handle.isVisible()) || (await handle.getAttribute("aria-expanded")) !== "false") continue;
    await handle.click();
    await look(`#${await handle.getAttribute("aria-controls")}`);
  }
  // Those within what was opened.
  await openDetails(page);
}

async function openDetails(page) {
  for (const summary of await page.locator("details:not([open]) > summary").all()) {
    if (await summary.isVisible()) await summary.click();
  }
}

/** Presses Tab until the start and pause button has the focus. */
async function tabTo(page) {
  const button = await page.toggle.elementHandle();
  for (let presses = 0; presses < 40; presses++) {
    await page.page.keyboard.press("Tab");
    if (await button.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error("the start and pause button is not within 40 presses of Tab");
}
