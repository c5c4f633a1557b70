// Whether the pipeline goes on through an attack: its worker never ends, batches keep coming, memory stays where it was.
import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import { heapBytes } from "./heap.mjs";
import { metric } from "./ledger.mjs";
import { until } from "./until.mjs";

const IN_PAGE = fileURLToPath(new URL("../pages/vitals.js", import.meta.url));
const MB = 1 << 20;
/** So long a reader of the stream may wait for the next batch. */
const MOST_MILLIS = 2000;
/** Memory of wasm never shrinks, so that what an attack takes stays taken. */
export const MOST_GROWN_MB = 64;

export class Vitals {
  /** Begins to watch the pipeline of a page, whose source runs. Needs Chromium, for the memory. */
  static async begin(app, page) {
    const vitals = new Vitals();
    Object.assign(vitals, { app, page });
    await app.context.addInitScript({ path: IN_PAGE });
    vitals.tab = await app.type("health");
    await vitals.tab.page.evaluate((base) => globalThis.watching.watch(base), app.host.base);
    await until("batches are heard", async () => (await vitals.read()).batches > 1, { timeoutMillis: 30_000 });
    await vitals.tab.page.evaluate(() => globalThis.watching.begin());
    vitals.before = await vitals.memory();
    return vitals;
  }

  /** What the watching tab has noted; see `watch` in pages/vitals.js. */
  read() {
    return this.tab.page.evaluate(() => globalThis.watching.read());
  }

  /** MB that the worker's wasm, the worker and the service worker take, after a collection of garbage. */
  async memory() {
    const browser = this.app.context.browser();
    const bytes = {
      wasm: await metric(this.page, "millrace_wasm_memory_bytes"),
      worker: await heapBytes(browser, "worker", this.app.host.base),
      relay: await heapBytes(browser, "service_worker", this.app.host.base),
    };
    return Object.fromEntries(Object.entries(bytes).map(([place, count]) => [place, count / MB]));
  }

  /** MB that each of them has grown by since the watch began. */
  async grown() {
    const now = await this.memory();
    return Object.fromEntries(Object.entries(now).map(([place, size]) => [place, size - this.before[place]]));
  }

  /** MB that the worker's wasm has grown by: this alone costs no collection of garbage. */
  async grownWasm() {
    return (await metric(this.page, "millrace_wasm_memory_bytes")) / MB - this.before.wasm;
  }

  /** Fails when memory stays above what it was; what was sent away a moment ago may still have to be given back. */
  async expectMemory(what, mostMb = MOST_GROWN_MB) {
    let grown;
    await expect(async () => {
      grown = await this.grown();
      expect(Math.max(...Object.values(grown)), `MB that memory grew by after ${what}: ${inWords(grown)}`).toBeLessThanOrEqual(mostMb);
    }).toPass({ timeout: 15_000 });
    return grown;
  }

  /** Fails when the worker ended, a reader waited too long for a batch, or memory grew; records the figures. */
  async expectUnharmed(what, figure, { mostMillis = MOST_MILLIS, mostMb = MOST_GROWN_MB } = {}) {
    const grown = await this.expectMemory(what, mostMb);
    const { batches, longestMillis, slowestMillis, restarts, failed } = await this.read();
    figure(`${what}: longest wait for a batch`, `${longestMillis.toFixed(0)} ms of ${batches} batches, for the metrics ${slowestMillis.toFixed(0)} ms`);
    figure(`${what}: memory grew by`, inWords(grown));
    expect(restarts, "starts of the worker").toBe(0);
    expect(failed, "requests for the metrics that failed").toEqual([]);
    expect(batches, "batches that were heard").toBeGreaterThan(0);
    expect(longestMillis, "milliseconds without a batch").toBeLessThan(mostMillis);
    await expect(this.page.page.getByText(/The pipeline (was restarted|does not run)\./)).toHaveCount(0);
    await this.page.waitForText("connection", /this tab/);
  }
}

function inWords(sizes) {
  return Object.entries(sizes).map(([place, size]) => `${place} ${size.toFixed(1)} MB`).join(", ");
}
