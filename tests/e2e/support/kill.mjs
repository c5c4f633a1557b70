// Ways for the app to end in the middle of its work. Each takes the app, its page and the browser's profile; `isBrowserGone`
// says that the browser must be started again, `isPageAlive` that the tab can load the app again.

const KILLS = {
  "browser killed": { end: (app, page, profile) => profile.kill(), isBrowserGone: true },
  "content processes killed, then the browser": { end: (app, page, profile) => profile.killFromWithin(), isBrowserGone: true, only: "firefox" },
  "renderers killed": { end: (app, page, profile) => profile.killRenderers(), only: "chromium" },
  "tab crashed": { end: (app, page) => crash(page), only: "chromium" },
  "worker terminated": { end: (app, page) => page.page.evaluate(() => globalThis.e2e.worker.terminate()), isPageAlive: true },
  "tab closed": { end: (app, page) => page.page.close({ runBeforeUnload: false }) },
  "tab loaded again": { end: () => {}, isPageAlive: true },
};

/** The ways that a browser has, by their names. */
export function killsIn(browserName) {
  return Object.fromEntries(Object.entries(KILLS).filter(([, { only }]) => !only || only === browserName));
}

async function crash(page) {
  const crashed = page.page.waitForEvent("crash");
  const session = await page.page.context().newCDPSession(page.page);
  session.send("Page.crash").catch(() => {}); // a page that has crashed does not answer
  await crashed;
}
