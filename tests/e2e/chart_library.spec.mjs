// The chart's library is a script of its own: whenever it comes, and even if it never does, the rest of the page works.
import assert from "node:assert/strict";
import { appTest } from "./app.mjs";

const LIBRARY = "**/uPlot.iife.min.js";
const RUN = "?interval=20ms&seed=7";

appTest("the chart is drawn when its library comes late", {}, async (app) => {
  await app.context.route(LIBRARY, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue();
  });
  const { page } = await app.open(RUN);
  await page.locator('[data-testid="chart"] canvas').waitFor({ timeout: 15_000 });
});

appTest("without the chart's library the pipeline runs and answers", {}, async (app) => {
  // As an extension blocks it. From a host that lacks it no service worker comes: it keeps all files or none.
  await app.context.route(LIBRARY, (route) => (route.request().serviceWorker() ? route.continue() : route.abort()));
  const page = await app.open(RUN);
  await page.page.waitForFunction(() => Number(document.querySelector('[data-testid="count-batches"]')?.textContent) > 2, null, { timeout: 15_000 });
  assert.equal((await page.get("latest")).latest.length, 10);
});
