// The page before its program has come, and while it fills: something useful is there at once, and nothing jumps.
import { observe } from "../../scripts/first_paint.mjs";
import { CHROMIUM, MEASURED, SMOKE, expect, test } from "./fixtures.mjs";

const PROGRAM = "**/app-*_bg.wasm";
// So high that the whole page is in view: a move anywhere counts.
const VIEWPORTS = { narrow: { width: 360, height: 8500 }, wide: { width: 1280, height: 5200 }, widest: { width: 2560, height: 4000 } };
/** What is seen without scrolling. */
const SEEN_PIXELS = 1200;
const PANELS = [".pipeline", ".settings", ".chart-panel", ".tables", ".history", ".console", ".page__inlet"];
/**
 * The first batch takes ten events. The wide page gets the source's default of an event a second, as a first visitor does;
 * then four seconds more. The others see as many seconds after a batch that comes sooner.
 */
const RUNS = { narrow: { query: "?interval=200ms", events: 30 }, wide: { query: "", events: 14 }, widest: { query: "?interval=200ms", events: 30 } };

/** Nothing in view moved: the sum is 0.000, rounded as such scores are. */
function expectStill(shifts) {
  const sum = shifts.reduce((total, { value }) => total + value, 0);
  expect(sum, `layout shift: ${JSON.stringify(shifts, null, 2)}`).toBeLessThan(0.0005);
}

for (const [name, viewport] of Object.entries(VIEWPORTS)) {
  test.describe(() => {
    test.use({ viewport });

    test(`nothing on the ${name} page moves until the first batch has come and a while longer`, MEASURED, async ({ app, figure }) => {
      await app.context.addInitScript(observe);
      const { query, events } = RUNS[name];
      const page = await app.openPage(query);
      await page.waitForCount("batches", (batches) => batches > 0, { timeoutMillis: 25_000 });
      await page.waitForCount("produced", (produced) => produced >= events);
      const { shifts } = await page.page.evaluate(() => globalThis.timing);
      figure(`layout shift, ${name} page`, shifts.reduce((total, { value }) => total + value, 0));
      expectStill(shifts);
    });

    test(`the panels of the ${name} page stand where their grey places stood`, async ({ app }) => {
      const release = await hold(app, PROGRAM);
      const { page } = await app.openPage();
      await page.locator(".starting .pipeline").waitFor({ state: "attached" });
      const before = await places(page);
      release();
      await page.getByTestId("count-batches").waitFor();
      const after = await places(page);
      // Of those that are not seen without scrolling, only the columns must be right.
      for (const [panel, [x, y]] of Object.entries(after)) {
        const [left, top] = before[panel];
        const moved = `${panel} moved from ${left}, ${top} to ${x}, ${y}`;
        expect(Math.abs(left - x), moved).toBeLessThanOrEqual(1);
        if (y < SEEN_PIXELS) expect(Math.abs(top - y), moved).toBeLessThanOrEqual(8);
      }
    });
  });
}

test.describe(() => {
  test.use({ viewport: VIEWPORTS.wide, reducedMotion: "reduce" });

  test("nothing moves with reduced motion either", MEASURED, async ({ app }) => {
    await app.context.addInitScript(observe);
    const page = await app.openPage("?interval=100ms&seed=7");
    await page.waitForCount("batches", (batches) => batches > 4, { timeoutMillis: 25_000 });
    expectStill((await page.page.evaluate(() => globalThis.timing)).shifts);
  });
});

test("name, purpose and state are there before the program has come", SMOKE, async ({ app }) => {
  await app.context.route(PROGRAM, () => {});
  const { page } = await app.openPage();
  await expect(page.getByRole("heading", { name: "millrace" })).toBeVisible();
  await expect(page.getByText("A live data pipeline in this browser tab")).toBeVisible();
  await expect(page.getByText("Starting the pipeline")).toBeVisible();
  await expect(page.locator(".starting__late")).toBeHidden();
});

test.describe(() => {
  test.use({ javaScriptEnabled: false });

  // Over BiDi Playwright leaves JavaScript on.
  test("without JavaScript the page says what it needs, and nothing pretends to load", CHROMIUM, async ({ app }) => {
    const { page } = await app.openPage();
    // Not by its text: Playwright's text selectors pass over a <noscript>.
    const notice = page.locator("noscript .notice");
    await expect(notice).toBeVisible();
    await expect(notice).toHaveText(/needs JavaScript and WebAssembly/, { useInnerText: true });
    await expect(page.getByText("Starting the pipeline")).toBeHidden();
    await expect(page.locator(".chart-panel")).toBeHidden();
  });
});

for (const reducedMotion of ["no-preference", "reduce"]) {
  test.describe(() => {
    test.use({ reducedMotion });

    // Over BiDi Playwright does not emulate reduced motion.
    const details = reducedMotion === "reduce" ? CHROMIUM : {};
    test(`a program that cannot be loaded is reported, with what to do, with motion: ${reducedMotion}`, details, async ({ app }) => {
      await app.context.route(PROGRAM, (route) => route.abort());
      const { page } = await app.openPage();
      const late = page.locator(".starting__late");
      await expect(late).toBeVisible({ timeout: 15_000 });
      await expect(late).toHaveText(/takes longer than usual[^]*Reload the page/, { useInnerText: true });
    });
  });
}

/** Holds back the files with this name, and returns what lets them go. */
async function hold(app, name) {
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  await app.context.route(name, async (route) => {
    await isReleased;
    await route.continue();
  });
  return release;
}

/** Left and upper edge of each panel. */
function places(page) {
  return page.evaluate((panels) => {
    const place = (panel) => {
      const { x, y } = document.querySelector(panel).getBoundingClientRect();
      return [panel, [Math.round(x), Math.round(y + scrollY)]];
    };
    return Object.fromEntries(panels.map(place));
  }, PANELS);
}
