// What a small request costs on its way through the service worker, beside the least that it can cost.
import { fileURLToPath } from "node:url";
import { MEASURED, expect, test } from "./fixtures.mjs";
import { serve } from "./support/server.mjs";

const RELAY = fileURLToPath(new URL("./relay/", import.meta.url));
const REQUESTS = 400;

test("point queries beside a plain relay", MEASURED, async ({ app, figure }) => {
  const page = await app.open("?interval=100us&history_rows=200000");
  await page.waitForCount("history", (rows) => rows >= 100_000, { timeoutMillis: 60_000 });
  await page.configure({ paused: true });
  const { latest } = await page.get("latest");
  const host = await serve({ dist: RELAY });
  try {
    const relay = await app.context.newPage();
    await relay.goto(host.base);
    await relay.waitForSelector("body[data-ready]", { state: "attached" });
    await relay.waitForFunction(() => navigator.serviceWorker.controller);
    const measure = (tab, address) => tab.evaluate(medianMillis, { address, requests: REQUESTS });

    const targets = { "GET /latest": "latest", "GET /query of one instant": `query?start=${latest[0].timestamp}&end=${latest[0].timestamp}&window=100ms` };
    for (const [name, target] of Object.entries(targets)) {
      const plain = await measure(relay, `${host.base}echo`);
      const ours = await measure(page.page, app.host.base + target);
      expect(ours.status).toBe(200);
      figure(name, `${ours.millis.toFixed(2)} ms, plain relay ${plain.millis.toFixed(2)} ms, ratio ${(ours.millis / plain.millis).toFixed(2)}`);
    }
  } finally {
    await host.close();
  }
});

/** In the page: the median of requests that follow one another. */
async function medianMillis({ address, requests }) {
  const millis = [];
  let status;
  for (let request = 0; request < requests; request++) {
    const started = performance.now();
    const response = await fetch(address);
    await response.text();
    millis.push(performance.now() - started);
    status = response.status;
  }
  return { status, millis: millis.sort((a, b) => a - b)[requests / 2] };
}
