// Ways for the app to end in the middle of its work. Each takes the app, its page and the browser's profile; `isBrowserGone`
// says that the browser must be started again, `isPageAlive` that the tab can load the app again.
import { setTimeout as pause } from "node:timers/promises";
import { pick } from "./ledger.mjs";

/** How often it is the server that is killed, where it may be a browser too. */
const SERVER_SHARE = 0.4;

const KILLS = {
  "browser killed": { end: (app, page, profile) => profile.kill(), isBrowserGone: true },
  "content processes killed, then the browser": { end: (app, page, profile) => profile.killFromWithin(), isBrowserGone: true, only: "firefox" },
  "renderers killed": { end: (app, page, profile) => profile.killRenderers(), only: "chromium" },
  "tab crashed": { end: (app, page) => crashTab(page), only: "chromium" },
  "worker terminated": { end: (app, page) => page.page.evaluate(() => globalThis.e2e.worker.terminate()), isPageAlive: true },
  "tab closed": { end: (app, page) => page.page.close({ runBeforeUnload: false }) },
  "tab loaded again": { end: () => {}, isPageAlive: true },
};

/** The ways that a browser has, by their names. */
export function killsIn(browserName) {
  return Object.fromEntries(Object.entries(KILLS).filter(([, { only }]) => !only || only === browserName));
}

/** Lets a tab crash, and waits until it has. */
export async function crashTab(page) {
  const crashed = page.page.waitForEvent("crash");
  const session = await page.page.context().newCDPSession(page.page);
  session.send("Page.crash").catch(() => {}); // a page that has crashed does not answer
  await crashed;
}

/**
 * At a random moment kills a NATS server, or the browser of one of these machines in any of its ways, and starts it again.
 * @param {() => number} chance see `seeded` in ledger.mjs
 * @returns {Promise<string>} what ended
 */
export async function killServerOrBrowser(chance, nats, machines, browserName) {
  // The moment of the end is random: this waits for no rule.
  await pause(100 + 900 * chance());
  if (chance() < SERVER_SHARE) {
    await nats.kill();
    await pause(500 * chance());
    await nats.launch();
    return "server";
  }
  const [kind, way] = pick(chance, Object.entries(killsIn(browserName)));
  await pick(chance, machines).endAndOpen(way);
  return kind;
}
