// The page before its program has come, and while it fills: something useful is there at once, and nothing jumps.
import { observe } from "../../scripts/first_paint.mjs";
import { CHROMIUM, MEASURED, SMOKE, expect, test } from "./fixtures.mjs";

const PROGRAM = "**/app-*_bg.wasm";
const VIEWPORTS = {
  narrow: { width: 390, height: 844 },
  // So high that all of what scrolls in a narrow window is in view: a move anywhere counts.
  "narrow and high": { width: 390, height: 2600 },
  middle: { width: 1024, height: 768 },
  wide: { width: 1440, height: 900 },
  widest: { width: 2560, height: 1440 },
};
/** The panels, by the grey places that stand there until the program has come. */
const PANELS = {
  ".bar": ".bar",
  ".starting__stages": ".pipeline",
  ".chart-panel": ".chart-panel",
  ".tables": ".tables",
  ".starting__counters": ".side-counters",
};
/**
 * The first batch takes ten events. The wide page gets the source's default of an event a second, as a first visitor does;
 * then four seconds more. The others see as many seconds after a batch that comes sooner.
 */
const DEFAULT_RUN = { query: "", events: 14 };
const FAST_RUN = { query: "?interval=200ms", events: 30 };

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
      const { query, events } = name === "wide" ? DEFAULT_RUN : FAST_RUN;
      const page = await app.openPage(query);
      await page.waitForCount("batches", (batches) => batches > 0, { timeoutMillis: 25_000 });
      await page.waitForCount("arrived", (produced) => produced >= events);
      const { shifts } = await page.page.evaluate(() => globalThis.timing);
      figure(`layout shift, ${name} page`, shifts.reduce((total, { value }) => total + value, 0));
      expectStill(shifts);
    });

    test(`the panels of the ${name} page stand where their grey places stood`, async ({ app }) => {
      const release = await hold(app, PROGRAM);
      const { page } = await app.openPage();
      await page.locator(".starting .starting__stages").waitFor({ state: "attached" });
      const before = await places(page, Object.keys(PANELS));
      release();
      await page.getByTestId("count-batches").waitFor();
      await expect(page.locator("#skeleton")).toHaveCount(0);
      const after = await places(page, Object.values(PANELS));
      for (const [index, panel] of Object.values(PANELS).entries()) {
        const moves = after[index].map((edge, side) => Math.abs(edge - before[index][side]));
        expect(Math.max(...moves), `${panel} moved from ${before[index]} to ${after[index]}`).toBeLessThanOrEqual(1);
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

/**
 * The edges of each part: left, right, top, bottom. Of what is not seen without scrolling only the columns count, so an edge
 * below the window is at its foot.
 */
function places(page, parts) {
  return page.evaluate((parts) => {
    const place = (part) => {
      const { left, right, top, bottom } = document.querySelector(part).getBoundingClientRect();
      return [left, right, Math.min(top, innerHeight), Math.min(bottom, innerHeight)].map(Math.round);
    };
    return parts.map(place);
  }, parts);
}
