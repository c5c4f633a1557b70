// A newer version is offered and never forced, and tabs of two versions never work on one pipeline.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { CHROMIUM, expect, test } from "./fixtures.mjs";
import { nextBuild } from "./support/builds.mjs";

const FAST = "?interval=20ms";
const SOON = { timeout: 30_000 };

const updateTest = test.extend({
  /** The next build; the host serves the old one until `app.host.dist` names the next. */
  next: async ({ host }, use) => {
    const next = await nextBuild(host.dist);
    await use(next);
    await next.remove();
  },
});

/**
 * Looks for a newer version, as a browser does by itself now and then. Within a minute of its start Chromium puts `update()`
 * off; it looks at once when the registration gets another option.
 */
const lookForUpdate = ({ page }) => page.evaluate(async () => {
  const { active, scope } = await navigator.serviceWorker.getRegistration();
  await navigator.serviceWorker.register(active.scriptURL, { scope, updateViaCache: "none" });
});

updateTest("a newer version waits until it is taken in one tab, and then all tabs have it", async ({ app, next }) => {
  const tabs = [await app.open(FAST), await app.open(FAST)];
  await tabs[0].latest();
  const old = await tabs[0].build();
  // An answer without an end holds nothing up.
  await tabs[0].page.evaluate(() => void (globalThis.source = new EventSource("stream")));
  await tabs[0].page.evaluate(async () => {
    for (const name of ["of another app", "millrace /elsewhere/ 1"]) await (await caches.open(name)).put("x", new Response("x"));
  });

  app.host.dist = next.dist;
  await lookForUpdate(tabs[0]);
  for (const tab of tabs) await expect(tab.updateOffer).toBeVisible(SOON);
  await expect(tabs[0].updateOffer).toHaveCount(1);
  // A tab that is opened or reloaded meanwhile is of the version that the others have.
  tabs.push(await app.open(FAST));
  await expect(tabs[2].updateOffer).toBeVisible(SOON);
  await tabs[2].waitForCount("batches", (batches) => batches > 0);
  expect(tabs.map((tab) => tab.loads)).toEqual([1, 1, 1]);
  for (const tab of tabs) expect(await tab.build()).toBe(old);

  await tabs[1].takeUpdate();
  // A tab that is loading has no script to name yet.
  await expect(async () => {
    for (const tab of tabs) expect(await tab.build()).toBe(next.script);
  }).toPass({ timeout: 30_000 });
  for (const tab of tabs) await tab.waitUntilLive();
  for (const tab of tabs) await tab.waitForCount("batches", (batches) => batches > 0, { timeoutMillis: 20_000 });
  expect(tabs.map((tab) => tab.loads)).toEqual([2, 2, 2]);
  for (const tab of tabs) await expect(tab.updateOffer).toHaveCount(0);

  const names = await tabs[0].page.evaluate(() => caches.keys());
  expect(names.filter((name) => !name.startsWith("millrace / ")).sort()).toEqual(["millrace /elsewhere/ 1", "of another app"]);
  expect(names, "the old version's files are gone").toHaveLength(3);
  expect(app.errors).toEqual([]);
});

updateTest("a hard reload brings a newer page, which leaves the old one's pipeline alone", CHROMIUM, async ({ app, next }) => {
  const old = await app.open(FAST);
  await old.latest();
  const page = await app.open(FAST);
  app.host.dist = next.dist;

  await page.hardReload();
  expect(await page.build()).toBe(next.script);
  await expect(page.page.getByText(/different versions\. Reload all/)).toBeVisible(SOON);
  await expect(page.updateOffer).toBeVisible(SOON);
  await expect(page.page.getByText("Another tab runs the pipeline.")).toHaveCount(0);
  expect(await page.count("batches"), "it shows nothing of a pipeline that it does not understand").toBe(0);
  const before = await old.count("batches");
  await old.waitForCount("batches", (batches) => batches > before);
  expect([old.loads, page.loads]).toEqual([1, 2]);

  await page.takeUpdate();
  for (const tab of [old, page]) {
    await expect(async () => expect(await tab.build()).toBe(next.script)).toPass({ timeout: 30_000 });
    await tab.waitUntilLive();
    await tab.waitForCount("batches", (batches) => batches > 0, { timeoutMillis: 20_000 });
  }
  expect([old.loads, page.loads]).toEqual([2, 3]);
});

updateTest("a hard reload of the only tab loads it once", CHROMIUM, async ({ app, next }) => {
  const page = await app.open(FAST);
  await page.latest();
  app.host.dist = next.dist;
  await page.hardReload();
  await page.waitUntilLive();
  await page.latest();
  expect(await page.build()).toBe(next.script);
  expect(page.loads).toBe(2);
});

updateTest("a version that is not whole on the host is not offered", async ({ app, next }) => {
  const page = await app.open(FAST);
  await page.latest();
  await rm(join(next.dist, "pipeline_worker.js"));
  app.host.dist = next.dist;
  const installed = page.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    const worker = await new Promise((resolve) => registration.addEventListener("updatefound", () => resolve(registration.installing)));
    while (worker.state === "installing") await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
    return worker.state;
  });
  await lookForUpdate(page);
  expect(await installed).toBe("redundant");
  await expect(page.updateOffer).toHaveCount(0);
  await page.page.reload();
  await page.waitUntilLive();
  await page.latest();
});
