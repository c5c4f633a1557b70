// The page before its program has come, and while it fills: something useful stands there at once, and nothing jumps.
import assert from "node:assert/strict";
import { observe } from "../../.ci/first_paint.mjs";
import { appTest } from "./app.mjs";
import { until } from "./until.mjs";

const PROGRAM = "**/app-*_bg.wasm";
// So high that the whole page is in view: what moves anywhere is counted.
const VIEWPORTS = { narrow: { width: 360, height: 8500 }, wide: { width: 1280, height: 5200 }, widest: { width: 2560, height: 4000 } };
/** What is seen before anybody scrolls. */
const SEEN_PIXELS = 1200;
const PANELS = [".pipeline", ".settings", ".chart-panel", ".tables", ".history", ".console", ".page__inlet"];

/** Nothing moved by what anybody could see: the sum is 0.000, which is as exact as such scores are told. */
function assertStill(shifts) {
  const sum = shifts.reduce((total, { value }) => total + value, 0);
  assert.ok(sum < 0.0005, `layout shift ${sum}: ${JSON.stringify(shifts, null, 2)}`);
}

for (const [name, viewport] of Object.entries(VIEWPORTS)) {
  appTest(`nothing on the ${name} page moves until the first batch has come and a while longer`, { browser: { viewport } }, async (app) => {
    await app.context.addInitScript(observe);
    const { page } = await app.openPage();
    await page.waitForFunction(() => Number(document.querySelector('[data-testid="count-batches"]')?.textContent) > 0, null, { timeout: 25_000 });
    await page.waitForTimeout(4000);
    const { shifts } = await page.evaluate(() => globalThis.timing);
    assertStill(shifts);
  });

  appTest(`the panels of the ${name} page stand where their grey places stood`, { browser: { viewport } }, async (app) => {
    let release;
    const isReleased = new Promise((resolve) => (release = resolve));
    await app.context.route(PROGRAM, async (route) => {
      await isReleased;
      await route.continue();
    });
    const { page } = await app.openPage();
    await page.locator(".starting .pipeline").waitFor({ state: "attached" });
    const before = await places(page);
    release();
    await page.getByTestId("count-batches").waitFor();
    const after = await places(page);
    // Of those that nobody sees without scrolling, the columns must do.
    for (const [panel, [x, y]] of Object.entries(after)) {
      const [left, top] = before[panel];
      const mayDiffer = y < SEEN_PIXELS ? 8 : Infinity;
      assert.ok(Math.abs(left - x) <= 1 && Math.abs(top - y) <= mayDiffer, `${panel} moved from ${left}, ${top} to ${x}, ${y}`);
    }
  });
}

appTest("nothing moves with reduced motion either", { browser: { viewport: VIEWPORTS.wide, reducedMotion: "reduce" } }, async (app) => {
  await app.context.addInitScript(observe);
  const { page } = await app.openPage("?interval=100ms&seed=7");
  await page.waitForFunction(() => Number(document.querySelector('[data-testid="count-batches"]')?.textContent) > 4, null, { timeout: 25_000 });
  assertStill((await page.evaluate(() => globalThis.timing)).shifts);
});

appTest("name, purpose and state stand there before the program has come", {}, async (app) => {
  await app.context.route(PROGRAM, () => {});
  const { page } = await app.openPage();
  await page.getByRole("heading", { name: "millrace" }).waitFor();
  await page.getByText("A live data pipeline in this browser tab").waitFor();
  await page.getByText("Starting the pipeline").waitFor();
  assert.equal(await page.locator(".starting__late").isVisible(), false);
});

appTest("without JavaScript the page says what it needs, and nothing pretends to load", { browser: { javaScriptEnabled: false } }, async (app) => {
  const { page } = await app.openPage();
  // Not by its text: that of a <noscript> is passed over.
  await page.locator("noscript .notice").waitFor();
  assert.match(await page.locator("noscript .notice").innerText(), /needs JavaScript and WebAssembly/);
  assert.equal(await page.getByText("Starting the pipeline").isVisible(), false);
  assert.equal(await page.locator(".chart-panel").isVisible(), false);
});

for (const reducedMotion of ["no-preference", "reduce"]) {
  appTest(`a program that cannot be loaded is said, with what to do, with motion: ${reducedMotion}`, { browser: { reducedMotion } }, async (app) => {
    await app.context.route(PROGRAM, (route) => route.abort());
    const { page } = await app.openPage();
    const late = page.locator(".starting__late");
    await until("the text is shown", () => late.isVisible(), { timeoutMillis: 15_000 });
    assert.match(await late.innerText(), /takes longer than usual[^]*Reload the page/);
  });
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
