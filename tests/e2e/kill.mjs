// Ways for the app to end in the middle of its work. Each takes the app, its page and the browser's profile; `isBrowserGone`
// says that the browser must be started again.

export const KILLS = {
  "browser killed": { end: (app, page, profile) => profile.kill(), isBrowserGone: true },
  "renderers killed": { end: (app, page, profile) => profile.killAll("renderer") },
  "tab crashed": { end: (app, page) => crash(page) },
  "worker terminated": { end: (app, page) => page.page.evaluate(() => globalThis.e2e.worker.terminate()), isPageAlive: true },
  "tab closed": { end: (app, page) => page.page.close({ runBeforeUnload: false }) },
  "tab loaded again": { end: () => {}, isPageAlive: true },
};

async function crash(page) {
  const crashed = page.page.waitForEvent("crash");
  const session = await page.page.context().newCDPSession(page.page);
  // Nobody is left to answer this.
  session.send("Page.crash").catch(() => {});
  await crashed;
}
