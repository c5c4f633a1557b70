// Ways for a page's worker to fail, in every browser: a message tells the worker to throw or to hang.
import { expect } from "@playwright/test";

/** Goes before the text of the worker's script; see `before` of `serve`. */
export const HARMABLE = `addEventListener("message", (event) => {
  const harm = event.data?.harm;
  if (!harm) return;
  event.stopImmediatePropagation();
  setTimeout(() => {
    while (harm === "hang");
    throw new Error("boom");
  });
});
`;

/** Lets {@link harm} find the pipeline workers of all pages that are opened in a browser context from now on. */
export function watchWorkers(context) {
  return context.addInitScript(() => {
    globalThis.workers = { newest: null, terminated: 0 };
    globalThis.Worker = class extends Worker {
      constructor(address, options) {
        super(address, options);
        // The page has another one, which sends heartbeats.
        this.isPipeline = String(address).endsWith("pipeline_worker.js");
        if (this.isPipeline) globalThis.workers.newest = this;
      }

      terminate() {
        if (this.isPipeline) globalThis.workers.terminated++;
        super.terminate();
      }
    };
  });
}

/** Lets the page's worker "throw" an error that nothing handles, as a panic ends, or "hang" for ever; waits until it is terminated. */
export async function harm({ page }, how) {
  const terminated = () => page.evaluate(() => globalThis.workers.terminated);
  const before = await terminated();
  await page.evaluate((how) => globalThis.workers.newest.postMessage({ harm: how }), how);
  await expect.poll(terminated, { message: "the worker is terminated", timeout: 20_000 }).toBe(before + 1);
}
