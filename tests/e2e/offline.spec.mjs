// After a first visit the app needs no host; the files that it keeps for that do not disturb other apps of the origin.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { DIST } from "./support/server.mjs";

const FAST = "?interval=20ms";

test.describe(() => {
  test.use({ hostOptions: { path: "/some/where/" } });

  test("after a first visit the app works without its host: reloaded, in new tabs, under typed addresses", SMOKE, async ({ app }) => {
    const page = await app.open(FAST);
    await app.host.close();

    await page.page.reload();
    await page.waitUntilLive();
    await page.latest();
    await expect(page.page.getByTestId("chart").locator("canvas")).toBeVisible({ timeout: 15_000 });
    const tab = await app.type("latest");
    expect(tab.status).toBe(200);
    expect(tab.json().latest).toHaveLength(10);
    const second = await app.open("index.html?seed=7");
    await second.waitForCount("batches", (batches) => batches > 0);
    expect(app.errors).toEqual([]);
  });
});

test("a first visit loads the page once", SMOKE, async ({ app }) => {
  const page = await app.open(FAST);
  await page.latest();
  expect(page.loads).toBe(1);
  expect(app.errors).toEqual([]);
});

test("files that are not the app's come from the host each time, whatever their address looks like", async ({ app }) => {
  const page = await app.open(FAST);
  const script = await page.build();
  const asked = (name) => app.host.requested.filter((path) => path === name).length;

  const before = asked(script);
  expect((await page.fetch(script)).status).toBe(200);
  expect(asked(script), "a file of the app comes from the cache").toBe(before);
  expect((await page.fetch(`${script}?else`)).status).toBe(200);
  expect(asked(script), "with a query it is another file").toBe(before + 1);
  expect((await page.fetch("icon-512.png")).status).toBe(200);
  expect(asked("icon-512.png"), "icons are fetched when they are asked for, not before").toBe(1);
});

test("the app's manifest has its icons and the page's colours", async ({ app }) => {
  const page = await app.open(FAST);
  const manifest = await page.get(await page.page.locator("link[rel=manifest]").getAttribute("href"));
  expect([manifest.start_url, manifest.scope, manifest.display]).toEqual([".", ".", "standalone"]);
  expect(manifest.name).toMatch(/./);
  expect(manifest.short_name).toMatch(/^.{1,12}$/);
  const paper = readFileSync(new URL("../../style/tokens.css", import.meta.url), "utf8").match(/--paper: light-dark\((#\w+)/)[1];
  expect([manifest.theme_color, manifest.background_color]).toEqual([paper, paper]);

  const pngs = manifest.icons.filter(({ type }) => type === "image/png");
  for (const { src, sizes } of pngs) expect(sizeOf(readFileSync(join(DIST, src))), src).toBe(sizes);
  const purposes = pngs.map(({ sizes, purpose = "any" }) => `${sizes} ${purpose}`);
  expect(purposes).toEqual(["192x192 any", "512x512 any", "512x512 maskable"]);
});

test("the app can be installed", CHROMIUM, async ({ app }) => {
  const page = await app.open(FAST);
  const session = await app.context.newCDPSession(page.page);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // A private window, which is what tests have, installs nothing.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual([]);
});

/** Width and height of a PNG, as its head says. */
function sizeOf(png) {
  expect(png.toString("latin1", 1, 4)).toBe("PNG");
  return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;
}
