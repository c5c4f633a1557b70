// EventSource: every batch once and in order, in every tab, also when the service worker is stopped in between.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { appTest } from "./app.mjs";
import { until } from "./until.mjs";

const SECONDS = 60;

appTest("two tabs get every batch once and in order at 1,000 batches a second", { timeoutMillis: 180_000 }, async (app) => {
  const first = await app.open("?interval=100us&history_rows=100000");
  const second = await app.open();
  const tabs = [first, second];
  for (const tab of tabs) await tab.page.evaluate(follow, app.host.base);
  await until("both tabs hear batches", async () => {
    const heard = await Promise.all(tabs.map((tab) => tab.page.evaluate(() => globalThis.heard.batches)));
    return heard.every((batches) => batches > 0);
  });

  const started = Date.now();
  await pause((SECONDS / 2) * 1000);
  await first.stopServiceWorker();
  await pause((SECONDS / 2) * 1000);
  const seconds = (Date.now() - started) / 1000;
  await first.configure({ paused: true });
  await until("the queue is worked off", async () => (await first.count("queued")) < 10);
  const produced = await first.count("batches");
  await until("both tabs have heard the last batch", async () => {
    const last = await Promise.all(tabs.map((tab) => tab.page.evaluate(() => globalThis.heard.last)));
    return last.every((number) => number === produced);
  });

  for (const [place, tab] of tabs.entries()) {
    const heard = await tab.page.evaluate(() => globalThis.heard);
    console.log(
      `event stream: tab ${place + 1} heard ${heard.batches} batches in ${seconds.toFixed(0)} s, opened ${heard.opened} times, ` +
        `${heard.repeated} twice, ${heard.missed} missed, ${heard.gaps} gaps`,
    );
    assert.deepEqual([heard.repeated, heard.missed, heard.gaps], [0, 0, 0]);
    assert.ok(heard.opened >= 2, "the service worker was stopped, so the stream was opened again");
    assert.ok(heard.batches >= 900 * SECONDS, `${heard.batches} batches`);
  }
  assert.deepEqual(app.errors, []);
});

appTest("when the tab that runs the pipeline closes, an EventSource goes on with the next one", {}, async (app) => {
  const first = await app.open("?interval=20ms");
  const second = await app.open("?interval=20ms");
  await second.page.evaluate(follow, app.host.base);
  const heard = () => second.page.evaluate(() => globalThis.heard);
  await until("batches are heard", async () => (await heard()).batches > 2);

  await first.close();
  const { batches } = await heard();
  await until("the new pipeline's batches are heard", async () => {
    const now = await heard();
    return now.batches > batches + 5;
  }, { timeoutMillis: 30_000 });
  const { opened, repeated, missed, gaps } = await heard();
  assert.deepEqual({ opened, repeated, missed, gaps }, { opened: 1, repeated: 0, missed: 0, gaps: 0 });
});

appTest("a stream without batches stays open and costs nothing when it is closed", {}, async (app) => {
  const page = await app.open("?source=none&batch_size=1");
  await page.page.evaluate(follow, app.host.base);
  await until("the stream is open", () => page.page.evaluate(() => globalThis.heard.opened === 1));
  await page.post([{ id: "a", value: 1 }]);
  await until("the batch is heard", () => page.page.evaluate(() => globalThis.heard.last === 1));
  await page.page.evaluate(() => globalThis.source.close());
  await until("nobody reads any more", async () => /^millrace_open_streams 0$/m.test((await page.fetch("metrics")).text));
});

/**
 * In the page: follows the stream and counts what comes. Chromium closes an EventSource for good when its service worker
 * is stopped; a new one says in its address where the old one was.
 */
function follow(base) {
  const heard = { batches: 0, last: null, repeated: 0, missed: 0, gaps: 0, opened: 0 };
  const open = (address) => {
    const source = new EventSource(address);
    globalThis.source = source;
    source.addEventListener("open", () => heard.opened++);
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) open(`${base}stream?last_event_id=${heard.last}`);
    });
    source.addEventListener("gap", () => heard.gaps++);
    source.addEventListener("batch", ({ lastEventId, data }) => {
      const number = Number(lastEventId);
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
