// After a first visit the app needs no host; what is kept for that disturbs nobody else on the origin.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { appTest } from "./app.mjs";
import { DIST } from "./server.mjs";

const FAST = "?interval=20ms";

appTest("after a first visit the app works without its host: reloaded, in new tabs, under typed addresses", { host: { path: "/some/where/" } }, async (app) => {
  const page = await app.open(FAST);
  await app.host.close();

  await page.page.reload();
  await page.waitUntilLive();
  await page.latest();
  await page.page.locator('[data-testid="chart"] canvas').waitFor({ timeout: 15_000 });
  const tab = await app.type("latest");
  assert.equal(tab.status, 200);
  assert.equal(tab.json().latest.length, 10);
  const second = await app.open("index.html?seed=7");
  await second.waitForCount("batches", (batches) => batches > 0);
  assert.deepEqual(app.errors, []);
});

appTest("a first visit loads the page once", {}, async (app) => {
  const page = await app.open(FAST);
  await page.latest();
  assert.equal(page.loads, 1);
  assert.deepEqual(app.errors, []);
});

appTest("files that are not the app's come from the host each time, whatever their address looks like", {}, async (app) => {
  const page = await app.open(FAST);
  const script = await page.build();
  const asked = (name) => app.host.requested.filter((path) => path === name).length;

  const before = asked(script);
  assert.equal((await page.fetch(script)).status, 200);
  assert.equal(asked(script), before, "a file of the app comes from the cache");
  assert.equal((await page.fetch(`${script}?else`)).status, 200);
  assert.equal(asked(script), before + 1, "with a query it is another file");
  assert.equal((await page.fetch("icon-512.png")).status, 200);
  assert.equal(asked("icon-512.png"), 1, "icons are not fetched before somebody wants them");
});

appTest("the app can be installed: a manifest with its icons, in the page's colours", {}, async (app) => {
  const page = await app.open(FAST);
  const manifest = (await page.get(await page.page.locator("link[rel=manifest]").getAttribute("href")));
  assert.deepEqual([manifest.start_url, manifest.scope, manifest.display], [".", ".", "standalone"]);
  assert.ok(manifest.name && manifest.short_name.length <= 12);
  const paper = readFileSync(new URL("../../style/tokens.css", import.meta.url), "utf8").match(/--paper: (#\w+)/)[1];
  assert.deepEqual([manifest.theme_color, manifest.background_color], [paper, paper]);

  const pngs = manifest.icons.filter(({ type }) => type === "image/png");
  for (const { src, sizes } of pngs) assert.equal(sizeOf(readFileSync(join(DIST, src))), sizes, src);
  const purposes = pngs.map(({ sizes, purpose = "any" }) => `${sizes} ${purpose}`);
  assert.deepEqual(purposes, ["192x192 any", "512x512 any", "512x512 maskable"]);

  const session = await app.context.newCDPSession(page.page);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // A private window, which is what tests have, installs nothing.
  assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito"), []);
});

/** Width and height of a PNG, as its head says. */
function sizeOf(png) {
  assert.equal(png.toString("latin1", 1, 4), "PNG");
  return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;
}
