// Ways for the app to end in the middle of its work. Each takes the app, its page and the browser's profile; `isBrowserGone`
// says that the browser must be started again, `isPageAlive` that the tab can load the app again.

const KILLS = {
  "browser killed": { end: (app, page, profile) => profile.kill(), isBrowserGone: true },
  "renderers killed": { end: (app, page, profile) => profile.killRenderers(), isChromiumOnly: true },
  "tab crashed": { end: (app, page) => crash(page), isChromiumOnly: true },
  "worker terminated": { end: (app, page) => page.page.evaluate(() => globalThis.e2e.worker.terminate()), isPageAlive: true },
  "tab closed": { end: (app, page) => page.page.close({ runBeforeUnload: false }) },
  "tab loaded again": { end: () => {}, isPageAlive: true },
};

/** The ways that a browser has, by their names. */
export function killsIn(browserName) {
  return Object.fromEntries(Object.entries(KILLS).filter(([, { isChromiumOnly }]) => browserName === "chromium" || !isChromiumOnly));
}

async function crash(page) {
  const crashed = page.page.waitForEvent("crash");
  const session = await page.page.context().newCDPSession(page.page);
  session.send("Page.crash").catch(() => {}); // a page that has crashed does not answer
  await crashed;
}
