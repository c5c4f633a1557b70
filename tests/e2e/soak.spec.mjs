// A long run at 100,000 events a second: what the page and its worker keep in memory stays the same.
import { setTimeout as pause } from "node:timers/promises";
import { MEASURED, expect, test } from "./fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { heapBytes } from "./support/heap.mjs";
import { metric } from "./support/ledger.mjs";

const { seconds: SECONDS, rowsKept: ROWS_KEPT, window: WINDOW } = inForm({
  short: { seconds: 20, rowsKept: 200_000, window: "500ms" },
  full: { seconds: 600, rowsKept: 1_000_000, window: "5s" },
});
const EVENTS_A_SECOND = 100_000;
// So many readings in the middle and at the end are compared. Before the middle, what is taken for a moment may still find the
// memory too small: the most that is needed at once is found out within minutes, while what is never given back adds up.
const COMPARED = 8;
const READINGS = 5 * COMPARED;
const MB = 1 << 20;
const MOST_GROWN = {
  page: 2 * MB,
  worker: 2 * MB,
  // Memory of wasm never shrinks: a journal's end at a bad moment costs a few for good.
  wasm: 8 * MB,
};

test(`memory stays flat over ${SECONDS} s at ${EVENTS_A_SECOND.toLocaleString("en")} events a second`, MEASURED, async ({ app, figure }) => {
  test.setTimeout(120_000 + SECONDS * 2000);
  const page = await app.open(`?interval=10us&batch_size=1000&distinct_ids=100&history_rows=${ROWS_KEPT}&window=${WINDOW}`);
  await page.page.locator(".chart-panel").getByLabel("All", { exact: true }).check({ force: true });
  // Beyond a full history, so that old rows go and the caches have their size.
  await page.waitForCount("arrived", (count) => count >= 2 * ROWS_KEPT, { timeoutMillis: 60_000 });

  const produced = await page.count("arrived");
  const started = Date.now();
  const readings = [];
  for (let place = 1; place <= READINGS; place++) {
    readings.push(await memory(app, page));
    await pause(Math.max(0, started + (place * SECONDS * 1000) / READINGS - Date.now()));
  }
  const seconds = (Date.now() - started) / 1000;

  figure(`events a second over ${seconds.toFixed(0)} s`, Math.round(((await page.count("arrived")) - produced) / seconds));
  for (const [place, most] of Object.entries(MOST_GROWN)) {
    const at = (part) => median(part.map((reading) => reading[place]));
    const [first, middle, last] = [0, 2, 4].map((fifth) => at(readings.slice(fifth * COMPARED, (fifth + 1) * COMPARED)));
    const shown = [first, middle, last].map((bytes) => (bytes / MB).toFixed(2));
    figure(`memory of ${place}, first, middle and last fifth`, `${shown.slice(0, 2).join(", ")} and ${shown[2]} MB`);
    expect.soft(last - middle, `bytes that ${place} grew by, from ${middle} to ${last}`).toBeLessThan(most);
  }
  expect(app.errors).toEqual([]);
});

/** Bytes after a collection of garbage. */
async function memory(app, page) {
  const browser = app.context.browser();
  return {
    page: await heapBytes(browser, "page", app.host.base),
    worker: await heapBytes(browser, "worker", app.host.base),
    wasm: await metric(page, "millrace_wasm_memory_bytes"),
  };
}

function median(numbers) {
  return [...numbers].sort((one, other) => one - other)[numbers.length >> 1];
}
