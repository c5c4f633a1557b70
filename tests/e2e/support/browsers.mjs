// The browsers that this machine has.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

export const CHROMIUM = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
export const FIREFOX = ["firefox-esr", "firefox"];

/** The path of the first of these programs that PATH has; undefined, so that Playwright says what is missing, if none. */
export function find(names) {
  const paths = process.env.PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Starts a headless Chromium for a script outside of the test runner. */
export function launch(args = []) {
  const executablePath = find(CHROMIUM);
  if (!executablePath) throw new Error("Chromium is missing; run 'make setup', which installs it.");
  return chromium.launch({ executablePath, args });
}

/** Starts a headless Chromium on a profile in a folder, so that what the app stores outlives the browser. */
export function launchProfile(folder, options = {}) {
  return chromium.launchPersistentContext(folder, { executablePath: find(CHROMIUM), ...options });
}

/** Starts a headless Chromium on a profile as users have it, with a blank tab; its process, and the debugger's address. */
export async function startPlain(folder) {
  const args = ["--headless", "--no-sandbox", "--no-first-run", `--user-data-dir=${folder}`, "--remote-debugging-port=0"];
  const browser = spawn(find(CHROMIUM), [...args, "--disable-background-timer-throttling", "about:blank"], { detached: true, stdio: ["ignore", "ignore", "pipe"] });
  const address = await new Promise((resolve, reject) => {
    browser.once("exit", () => reject(new Error("Chromium ended at once")));
    browser.stderr.on("data", (text) => {
      const [found] = /ws:\/\/\S+/.exec(text) ?? [];
      if (found) resolve(found);
    });
  });
  return { browser, address };
}

/**
 * Starts a headless Chromium without Playwright's flags that keep every tab visible and awake: only here can a tab freeze.
 * Timers of background tabs keep their pace, which the tests need.
 */
export async function launchPlainProfile(folder) {
  const { address } = await startPlain(folder);
  const [context] = (await chromium.connectOverCDP(address, { noDefaults: true })).contexts();
  return context;
}
