// The chart's library is a script of its own: whenever it comes, and even if it never does, the rest of the page works.
import { expect, test } from "./fixtures.mjs";
import { AppPage } from "./pages/app_page.mjs";

const LIBRARY = "**/uPlot.iife.min.js";
const RUN = "?interval=20ms&seed=7";

test("the chart is drawn when its library comes late", async ({ app }) => {
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  await app.context.route(LIBRARY, async (route) => {
    await isReleased;
    await route.continue();
  });
  const page = new AppPage(await app.context.newPage(), app.host.base);
  // Not until it is loaded: the library belongs to that.
  await page.page.goto(page.base + RUN, { waitUntil: "commit" });
  await expect.poll(() => app.host.requested, "the program is requested meanwhile").toContainEqual(expect.stringMatching(/_bg\.wasm$/));
  await expect(page.page.getByText("Starting the pipeline")).toBeVisible();
  release();
  await page.waitUntilLive();
  await expect(page.element("chart").locator("canvas")).toBeVisible({ timeout: 15_000 });
});

test("without the chart's library the pipeline runs and answers", async ({ app }) => {
  // As an extension blocks it. From a host that lacks it no service worker comes: it keeps all files or none.
  await app.context.route(LIBRARY, (route) => (route.request().serviceWorker() ? route.continue() : route.abort()));
  const page = await app.open(RUN);
  await page.waitForCount("batches", (batches) => batches > 2, { timeoutMillis: 15_000 });
  expect((await page.get("latest")).latest).toHaveLength(10);
});
