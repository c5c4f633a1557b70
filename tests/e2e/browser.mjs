// Starts the Chromium that this machine has.
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
