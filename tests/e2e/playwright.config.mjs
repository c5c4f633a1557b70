// How the built app is tested; `scripts/e2e.sh` runs these projects one after the other.
import { defineConfig } from "@playwright/test";
import { CHROMIUM, FIREFOX, find } from "./support/browsers.mjs";
import { isFull } from "./support/form.mjs";

const chromium = { browserName: "chromium", launchOptions: { executablePath: find(CHROMIUM) } };
// Debian's Firefox as it is, driven over WebDriver BiDi: Playwright's own patched build is not needed.
const firefox = { browserName: "firefox", channel: "moz-firefox", launchOptions: { executablePath: find(FIREFOX) } };
/** Tests that use the DevTools protocol, or a capability that Firefox lacks. */
const CHROMIUM_ONLY = /@chromium/;
/** Tests that read a clock or fill memory: nothing else may run beside them. */
const MEASURED = /@measured/;

/** A run clears the folders of its own projects alone, so that what an earlier one left of its failures stays. */
const project = (name, options) => ({ name, outputDir: `../../test-results/${name}`, ...options });

export default defineConfig({
  testDir: ".",
  reporter: [["list"], ["./support/figures_reporter.mjs"]],
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 90_000,
  expect: { timeout: 10_000 },
  use: {
    timezoneId: "UTC",
    // The window that the workspace is laid out for.
    viewport: { width: 1440, height: 900 },
    // A trace of the full form would hold minutes of requests. Snapshots of the page at each step would double the time of
    // tests that press many keys.
    trace: isFull ? "off" : { mode: "retain-on-failure", screenshots: false, snapshots: false },
    screenshot: "only-on-failure",
  },
  projects: [
    project("chromium", { use: chromium, grepInvert: MEASURED }),
    // A trace would take part of the time and memory that these tests measure.
    project("chromium-measured", { use: { ...chromium, trace: "off" }, grep: MEASURED, workers: 1 }),
    project("firefox-smoke", { use: firefox, grep: /@smoke/, grepInvert: CHROMIUM_ONLY }),
    project("firefox", { use: firefox, grepInvert: CHROMIUM_ONLY, workers: 1 }),
    // Their full form beside the short one of all specs.
    project("firefox-kills", { use: firefox, testMatch: /(crash|file_kills)\.spec\.mjs$/, workers: 1 }),
  ],
});
