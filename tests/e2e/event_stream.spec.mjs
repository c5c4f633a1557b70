// EventSource: every batch once and in order, in every tab, also when the service worker is stopped in between.
import { setTimeout as pause } from "node:timers/promises";
import { MEASURED, SMOKE, expect, test } from "./fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { metric } from "./support/ledger.mjs";
import { until } from "./support/until.mjs";

const SECONDS = inForm({ short: 5, full: 60 });

test("two tabs get every batch once and in order at 1,000 batches a second", MEASURED, async ({ app, figure }) => {
  test.setTimeout(120_000 + SECONDS * 1000);
  const first = await app.open("?interval=100us&history_rows=100000");
  const second = await app.open();
  const tabs = [first, second];
  for (const tab of tabs) await tab.page.evaluate(follow, app.host.base);
  for (const tab of tabs) await until("batches are heard", async () => (await heardBy(tab)).batches > 0);

  const started = Date.now();
  // The stream runs for this long, with a stop of the service worker in the middle.
  await pause((SECONDS / 2) * 1000);
  await first.stopServiceWorker();
  await pause((SECONDS / 2) * 1000);
  const seconds = (Date.now() - started) / 1000;
  await first.configure({ paused: true });
  await first.waitForCount("queued", (queued) => queued < 10);
  const produced = await first.count("batches");
  for (const tab of tabs) await expect.poll(async () => (await heardBy(tab)).last, "the last batch is heard").toBe(produced);

  for (const [place, tab] of tabs.entries()) {
    const heard = await heardBy(tab);
    figure(`tab ${place + 1}, ${seconds.toFixed(0)} s`, `${heard.batches} batches, opened ${heard.opened} times, ${heard.repeated} twice, ${heard.missed} missed, ${heard.gaps} gaps`);
    expect(heard).toMatchObject({ repeated: 0, missed: 0, gaps: 0 });
    expect(heard.opened, "the service worker was stopped, so the stream was opened again").toBeGreaterThanOrEqual(2);
    expect(heard.batches).toBeGreaterThanOrEqual(900 * SECONDS);
  }
  expect(app.errors).toEqual([]);
});

test("when the tab that runs the pipeline closes, an EventSource goes on with the next one", SMOKE, async ({ app }) => {
  const first = await app.open("?interval=20ms");
  const second = await app.open("?interval=20ms");
  await second.page.evaluate(follow, app.host.base);
  await until("batches are heard", async () => (await heardBy(second)).batches > 2);

  await first.close();
  const { batches } = await heardBy(second);
  const next = expect.poll(async () => (await heardBy(second)).batches, { message: "the new pipeline's batches are heard", timeout: 30_000 });
  await next.toBeGreaterThan(batches + 5);
  expect(await heardBy(second)).toMatchObject({ opened: 1, repeated: 0, missed: 0, gaps: 0 });
});

test("a stream without batches stays open and costs nothing when it is closed", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none&batch_size=1");
  await page.page.evaluate(follow, app.host.base);
  await expect.poll(() => heardBy(page), "the stream is open").toMatchObject({ opened: 1 });
  await page.post([{ id: "a", value: 1 }]);
  await expect.poll(() => heardBy(page), "the batch is heard").toMatchObject({ last: 1 });
  await page.page.evaluate(() => globalThis.source.close());
  await expect.poll(() => metric(page, "millrace_open_streams"), "no stream is open any more").toBe(0);
});

/** What {@link follow} has counted in a tab. */
const heardBy = ({ page }) => page.evaluate(() => globalThis.heard);

/**
 * In the page: follows the stream and counts what comes. Chromium closes an EventSource for good when its service worker
 * is stopped; a new one says in its address where the old one was.
 */
function follow(base) {
  const heard = { batches: 0, last: null, position: null, repeated: 0, missed: 0, gaps: 0, opened: 0 };
  const open = (address) => {
    const source = new EventSource(address);
    globalThis.source = source;
    source.addEventListener("open", () => heard.opened++);
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) open(`${base}stream?last_event_id=${heard.position ?? 0}`);
    });
    source.addEventListener("gap", ({ lastEventId }) => {
      heard.gaps++;
      heard.position = lastEventId;
    });
    source.addEventListener("batch", ({ lastEventId, data }) => {
      // Readers send ids as they came; only this test looks into them, for the number of the batch.
      const number = Number(lastEventId.split("-")[1]);
      heard.position = lastEventId;
      if (heard.last !== null && number <= heard.last) heard.repeated++;
      if (heard.last !== null && number > heard.last + 1) heard.missed += number - heard.last - 1;
      if (!data.startsWith('{"latest":[')) heard.missed++;
      heard.last = number;
      heard.batches++;
    });
  };
  globalThis.heard = heard;
  open(`${base}stream`);
}
