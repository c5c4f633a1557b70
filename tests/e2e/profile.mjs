// A browser on a profile of its own: what the app stores there outlives the tab, the browser, and its sudden end.
import { test } from "node:test";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App } from "./app.mjs";
import { launchPlainProfile, launchProfile } from "./browser.mjs";
import { Ledger } from "./ledger.mjs";
import { DIST, serve } from "./server.mjs";
import { until } from "./until.mjs";

const IN_PAGE = fileURLToPath(new URL("./pages/in_page.js", import.meta.url));

/**
 * Declares a test that gets the app in a fresh profile.
 * @param {string} name the rule, as a sentence
 * @param {{host?: object, isPlain?: boolean, timeoutMillis?: number}} options `host` for {@link serve}; plain: see
 *   `launchPlainProfile`
 * @param {(app: App, ledger: Ledger, profile: Profile) => Promise<void>} body
 */
export function profileTest(name, options, body) {
  test(name, { timeout: options.timeoutMillis ?? 120_000 }, async () => {
    if (!existsSync(join(DIST, "index.html"))) throw new Error("dist/ is missing; run 'make build' first.");
    const host = await serve(options.host);
    const ledger = new Ledger(host.base);
    const profile = await Profile.create(ledger, options.isPlain);
    try {
      await body(new App(host, profile.context), ledger, profile);
    } finally {
      await profile.remove();
      await host.close();
    }
  });
}

/** The folder of a browser's profile, and the browser that runs on it. */
class Profile {
  static async create(ledger, isPlain = false) {
    const profile = new Profile();
    profile.folder = await mkdtemp(join(tmpdir(), "millrace-profile-"));
    profile.ledger = ledger;
    profile.isPlain = isPlain;
    await profile.launch();
    return profile;
  }

  /** Starts the browser on what the last one left. */
  async launch() {
    this.context = await (this.isPlain ? launchPlainProfile(this.folder) : launchProfile(this.folder, { timezoneId: "UTC" }));
    // What a page reports is kept here, where it outlives the page.
    await this.context.exposeBinding("report", (_, entry) => this.ledger.note(entry));
    await this.context.addInitScript({ path: IN_PAGE });
    return this.context;
  }

  /** Kills the processes of one type, such as `renderer`, and waits until they are gone. */
  async killAll(type) {
    const ids = (await this.#processes()).filter((one) => one.type === type).map(({ id }) => id);
    await end(ids, ids);
  }

  /** Kills the browser with all that belongs to it, as a power cut would. */
  async kill() {
    const all = await this.#processes();
    const ids = all.map(({ id }) => id);
    // The browser is the leader of a group.
    await end([-all.find(({ type }) => type === "browser").id, ...ids], ids);
  }

  async #processes() {
    const session = await this.context.browser().newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    await session.detach();
    return processInfo;
  }

  async remove() {
    // Playwright would only leave a browser that it has not started.
    await (this.isPlain ? this.kill() : this.context.close()).catch(() => {});
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function end(targets, ids) {
  for (const target of targets) {
    try {
      process.kill(target, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }
  await until("the processes are gone", () => !ids.some(isRunning));
}

/** Whether there is such a process that has not ended yet; nobody may have asked how it ended. */
function isRunning(id) {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${id}/stat`, "utf8"));
  } catch {
    return false;
  }
}
