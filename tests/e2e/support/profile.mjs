// A browser on a profile of its own: what the app stores there outlives the tab, the browser, and its sudden end.
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.mjs";

/** The folder of a browser's profile, and the browser that runs on it. */
export class Profile {
  /** @param {(folder: string) => Promise<import("@playwright/test").BrowserContext>} start starts a browser on the folder */
  static async create(ledger, start) {
    const profile = new Profile();
    profile.folder = await mkdtemp(join(tmpdir(), "millrace-profile-"));
    profile.ledger = ledger;
    profile.start = start;
    await profile.launch();
    return profile;
  }

  /** Starts the browser on what the last one left. */
  async launch() {
    this.context = await this.start(this.folder);
    // The ledger outlives the pages that report to it.
    await this.ledger.listenTo(this.context);
    return this.context;
  }

  /** Kills the processes of Chromium that run pages and workers, and waits until they are gone. */
  async killRenderers() {
    const session = await this.context.browser().newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    await session.detach();
    await end(processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id));
  }

  /** Kills the browser with all its processes, as a power cut would. */
  async kill() {
    await end(processesOn(this.folder));
  }

  /** Kills the processes of Firefox that run pages and workers, then the browser, which has noticed by then. */
  async killFromWithin() {
    const content = processesOn(this.folder).filter((id) => /-contentproc[ \0].*[ \0]tab\0*$/s.test(commandOf(id)));
    if (content.length === 0) throw new Error("no process of this Firefox runs pages");
    await end(content);
    await this.kill();
  }

  async remove() {
    await this.context.close().catch(() => {}); // a browser that was killed has nothing to close
    // Playwright only disconnects from a browser that it has not started.
    await this.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function end(ids) {
  for (const id of ids) {
    try {
      process.kill(id, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }
  await until("the processes are gone", () => !ids.some((id) => stateOf(id)?.isRunning));
}

/** The processes that were started on a profile's folder, and all that these started; the browser itself comes first. */
function processesOn(folder) {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map(all.map((id) => [id, stateOf(id)?.parent]));
  const found = new Set(all.filter((id) => commandOf(id).includes(folder)));
  // A child may have a lower number than its parent.
  for (let size = 0; size < found.size; ) {
    size = found.size;
    for (const [id, parent] of parents) if (found.has(parent)) found.add(id);
  }
  return [...found];
}

function commandOf(id) {
  return read(id, "cmdline") ?? "";
}

/** A process's parent, and whether it runs: one that ended stays in the list until its parent asks how. */
function stateOf(id) {
  const [, state, parent] = /^\d+ \(.*\) (\S) (\d+)/s.exec(read(id, "stat") ?? "") ?? [];
  return state && { isRunning: state !== "Z", parent: Number(parent) };
}

function read(id, name) {
  try {
    return readFileSync(`/proc/${id}/${name}`, "utf8");
  } catch {
    return undefined; // it has ended meanwhile
  }
}
