// What a test of the built app starts with. `test` gives a fresh browser context; `profileTest` a profile on disk that
// outlives the browser.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect as baseExpect, test as base } from "@playwright/test";
import { App } from "./support/app.mjs";
import { launchPlainProfile } from "./support/browsers.mjs";
import { Ledger } from "./support/ledger.mjs";
import { Profile } from "./support/profile.mjs";
import { DIST, serve } from "./support/server.mjs";

export const expect = baseExpect;

/** Needs the DevTools protocol or a capability that Firefox lacks. */
export const CHROMIUM = { tag: "@chromium" };
/** Reads a clock or fills memory: runs with nothing beside it. */
export const MEASURED = { tag: ["@measured", "@chromium"] };
/** Runs in Firefox too at each change. */
export const SMOKE = { tag: "@smoke" };

export const test = base.extend({
  /** Options of {@link serve}, such as `{ path: "/some/where/" }`. */
  hostOptions: [{}, { option: true }],

  /** A static host of its own that serves the built app. */
  host: async ({ hostOptions }, use) => {
    if (!existsSync(join(DIST, "index.html"))) throw new Error("dist/ is missing; run 'make build', then this again.");
    const host = await serve(hostOptions);
    await use(host);
    await host.close();
  },

  /** The app in a context of its own. */
  app: async ({ host, context }, use) => {
    await use(new App(host, context));
  },

  /** What the pipeline acknowledged and answered, kept outside of the pages that end. */
  ledger: async ({ host, context }, use) => {
    const ledger = new Ledger(host.base);
    await ledger.listenTo(context);
    await use(ledger);
  },

  /** Records a figure, such as `figure("longest frame", 21.4, "ms")`, for the table at the end of the run. */
  figure: async ({}, use, testInfo) => {
    await use((name, value, unit = "") => {
      const number = typeof value === "number" ? Number(value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)).toLocaleString("en") : value;
      testInfo.annotations.push({ type: "figure", description: `${name}: ${number} ${unit}`.trim() });
    });
  },
});

/** A test that may end the browser and start it again on what is stored. */
export const profileTest = test.extend({
  /** Whether Chromium is started as users have it, so that its tabs can freeze; see `launchPlainProfile`. */
  isPlain: [false, { option: true }],

  /** The folder of a browser's profile, and the browser that runs on it. */
  profile: async ({ host, isPlain, playwright, browserName }, use) => {
    // The options of the project and of `test.use` apply to this launch too.
    const launch = isPlain ? launchPlainProfile : (folder) => playwright[browserName].launchPersistentContext(folder);
    const profile = await Profile.create(new Ledger(host.base), launch);
    await use(profile);
    await profile.remove();
  },

  ledger: async ({ profile }, use) => {
    await use(profile.ledger);
  },

  context: async ({ profile }, use) => {
    await use(profile.context);
  },
});

/** A test of several machines: `startMachine` starts a browser on a profile of its own, and gives it with its app. */
export const machinesTest = test.extend({
  startMachine: async ({ host, playwright, browserName }, use) => {
    const profiles = [];
    await use(async () => {
      const profile = await Profile.create(new Ledger(host.base), (folder) => playwright[browserName].launchPersistentContext(folder));
      profiles.push(profile);
      return { profile, app: new App(host, profile.context) };
    });
    for (const profile of profiles) await profile.remove();
  },
});
