// Starts the Chromium that this machine has.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Starts a headless Chromium; Playwright leaves the sandbox off, which it must be for root. */
export function launch(args = []) {
  return chromium.launch({ executablePath: find(), args });
}

/** The same on a profile in a folder, so that what the app stores outlives the browser. */
export function launchProfile(folder, options = {}) {
  return chromium.launchPersistentContext(folder, { executablePath: find(), ...options });
}

/**
 * The same, but left as users have it, where Playwright would keep every tab visible and awake: only here can one freeze.
 * Its timers keep their pace in tabs that are not in front, which the tests need.
 */
export async function launchPlainProfile(folder) {
  const args = ["--headless", "--no-sandbox", "--no-first-run", `--user-data-dir=${folder}`, "--remote-debugging-port=0"];
  const browser = spawn(find(), [...args, "--disable-background-timer-throttling", "about:blank"], { detached: true, stdio: ["ignore", "ignore", "pipe"] });
  const address = await new Promise((resolve, reject) => {
    browser.once("exit", () => reject(new Error("Chromium ended at once")));
    browser.stderr.on("data", (text) => {
      const [found] = /ws:\/\/\S+/.exec(text) ?? [];
      if (found) resolve(found);
    });
  });
  const [context] = (await chromium.connectOverCDP(address, { noDefaults: true })).contexts();
  return context;
}

function find() {
  const paths = process.env.PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const path = paths.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (!path) throw new Error("Chromium is missing; run '.ci/setup.sh test', which installs it.");
  return path;
}
