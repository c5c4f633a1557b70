// 50,000 events a second over WebSocket and Server-Sent Events: every one of them is kept.
import { MEASURED, expect, test } from "./fixtures.mjs";
import { EventServer } from "./support/event_process.mjs";
import { inForm } from "./support/form.mjs";
import { metric } from "./support/ledger.mjs";
import { holdingOf, wholeOf } from "./support/numbered.mjs";
import { untilOpen, untilRows } from "./support/source.mjs";

const RATE = 50_000;
const SECONDS = inForm({ short: 4, full: 60 });
const TOTAL = RATE * SECONDS;
const SETTINGS = `?source=none&clock=utc&batch_size=1000&batch_wait=200ms&history_rows=${TOTAL}&memory_rows=200000`;

const SENDERS = [
  ["websocket", 1, "each in a frame of its own"],
  ["websocket", 50, "50 in a frame"],
  ["sse", 1, "each with an id of its own"],
];

for (const [kind, perFrame, how] of SENDERS) {
  test(`${RATE.toLocaleString("en")} events a second over ${kind}, ${how}, are all kept`, MEASURED, async ({ app, figure }) => {
    test.setTimeout(120_000 + SECONDS * 5000);
    const server = await EventServer.start({ rate: RATE, total: TOTAL, perFrame });
    const page = await app.open(SETTINGS);
    try {
      const started = Date.now();
      await page.configure({ source: kind, source_url: server.url(kind) });
      await untilOpen(page);
      await untilRows(page, TOTAL, { timeoutMillis: SECONDS * 3000 + 60_000 });
      const seconds = (Date.now() - started) / 1000;
      const { counts: { gaps }, retries, error } = await page.get("source");
      figure(`events a second over ${kind}, ${how}`, TOTAL / seconds);
      figure(`${TOTAL.toLocaleString("en")} events of ${SECONDS} s were kept after`, seconds, "s");
      expect((await holdingOf(page, TOTAL)).summary()).toEqual(wholeOf(TOTAL));
      expect({ gaps, retries, error, dropped: await metric(page, "millrace_events_dropped_total") }).toEqual({ gaps: 0, retries: 0, error: null, dropped: 0 });
      expect(app.errors).toEqual([]);
    } finally {
      await server.kill();
    }
  });
}
