// A newer version is offered and never forced, and tabs of two versions never work on one pipeline.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { appTest } from "./app.mjs";
import { nextBuild } from "./builds.mjs";
import { until } from "./until.mjs";
import { DIST } from "./server.mjs";

const FAST = "?interval=20ms";
const SOON = { timeout: 30_000 };

/** A test with the next build at hand; the host serves the old one until it is told otherwise. */
function updateTest(name, body) {
  appTest(name, { timeoutMillis: 240_000 }, async (app) => {
    const next = await nextBuild(DIST);
    try {
      await body(app, next);
    } finally {
      await next.remove();
    }
  });
}

/** What a browser does by itself now and then. Chromium, once it is started, takes a minute for the first such look. */
const lookForUpdate = ({ page }) => page.evaluate(async () => {
  await (await navigator.serviceWorker.getRegistration()).update();
});

updateTest("a newer version waits until somebody takes it, and then all tabs have it", async (app, next) => {
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
  for (const tab of tabs) await tab.updateOffer.waitFor(SOON);
  assert.equal(await tabs[0].updateOffer.count(), 1);
  // A tab that is opened or reloaded meanwhile is of the version that the others have.
  tabs.push(await app.open(FAST));
  await tabs[2].updateOffer.waitFor(SOON);
  await tabs[2].waitForCount("batches", (batches) => batches > 0);
  assert.deepEqual(tabs.map((tab) => tab.loads), [1, 1, 1]);
  for (const tab of tabs) assert.equal(await tab.build(), old);

  await tabs[1].takeUpdate();
  await until("all tabs are of the next build", async () => {
    const builds = await Promise.all(tabs.map((tab) => tab.build()));
    return builds.every((build) => build === next.script);
  }, { timeoutMillis: 30_000 });
  for (const tab of tabs) await tab.waitUntilLive();
  for (const tab of tabs) await tab.waitForCount("batches", (batches) => batches > 0, { timeoutMillis: 20_000 });
  assert.deepEqual(tabs.map((tab) => tab.loads), [2, 2, 2]);
  for (const tab of tabs) assert.equal(await tab.updateOffer.count(), 0);

  const names = await tabs[0].page.evaluate(() => caches.keys());
  assert.deepEqual(names.filter((name) => !name.startsWith("millrace / ")).sort(), ["millrace /elsewhere/ 1", "of another app"]);
  assert.equal(names.length, 3, `the old version's files are gone: ${names}`);
  assert.deepEqual(app.errors, []);
});

updateTest("a hard reload brings a newer page, which leaves the old one's pipeline alone", async (app, next) => {
  const old = await app.open(FAST);
  await old.latest();
  const page = await app.open(FAST);
  app.host.dist = next.dist;

  await page.hardReload();
  assert.equal(await page.build(), next.script);
  await page.page.getByText(/different versions\. Reload all/).waitFor(SOON);
  await page.updateOffer.waitFor(SOON);
  assert.equal(await page.page.getByText("Another tab runs the pipeline.").count(), 0);
  assert.equal(await page.count("batches"), 0, "it shows nothing of a pipeline that it does not understand");
  const before = await old.count("batches");
  await old.waitForCount("batches", (batches) => batches > before);
  assert.deepEqual([old.loads, page.loads], [1, 2]);

  await page.takeUpdate();
  for (const tab of [old, page]) {
    await until("the tab is of the next build", async () => (await tab.build()) === next.script, { timeoutMillis: 30_000 });
    await tab.waitUntilLive();
    await tab.waitForCount("batches", (batches) => batches > 0, { timeoutMillis: 20_000 });
  }
  assert.deepEqual([old.loads, page.loads], [2, 3]);
});

updateTest("a hard reload of the only tab loads it once", async (app, next) => {
  const page = await app.open(FAST);
  await page.latest();
  app.host.dist = next.dist;
  await page.hardReload();
  await page.waitUntilLive();
  await page.latest();
  assert.equal(await page.build(), next.script);
  assert.equal(page.loads, 2);
});

updateTest("a version that is not whole on the host is not offered", async (app, next) => {
  const page = await app.open(FAST);
  await page.latest();
  await rm(join(next.dist, "pipeline_worker.js"));
  app.host.dist = next.dist;
  const state = await page.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    const coming = new Promise((resolve) => registration.addEventListener("updatefound", () => resolve(registration.installing)));
    await registration.update();
    const worker = await coming;
    while (worker.state === "installing") await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
    return worker.state;
  });
  assert.equal(state, "redundant");
  assert.equal(await page.updateOffer.count(), 0);
  await page.page.reload();
  await page.waitUntilLive();
  await page.latest();
});
