// A live source's server, or the browser, is killed again and again: the source comes back, no row is there twice, and what a
// WebSocket could not send again is counted.
import { setTimeout as pause } from "node:timers/promises";
import { CHROMIUM, expect, profileTest, test } from "./fixtures.mjs";
import { EventServer } from "./support/event_process.mjs";
import { inForm } from "./support/form.mjs";
import { killsIn } from "./support/kill.mjs";
import { metric, pick, seeded } from "./support/ledger.mjs";
import { Machine } from "./support/machine.mjs";
import { holdingOf, wholeOf } from "./support/numbered.mjs";
import { untilOpen, untilQuiet } from "./support/source.mjs";
import { until } from "./support/until.mjs";

const KILLS = inForm({ short: 3, full: 20 });
const RATE = inForm({ short: 2000, full: 20_000 });
const SEED = Number(process.env.MILLRACE_CRASH_SEED ?? Date.now() % 1_000_000);
/** A round takes some two seconds more than the longest wait for the next attempt. */
const ROUND_SECONDS = 8;
const TOTAL = RATE * ROUND_SECONDS * (KILLS + 1);
const SETTINGS = `clock=utc&batch_size=1000&batch_wait=100ms&history_rows=${TOTAL}&memory_rows=200000`;

/** Waits until rows come that were not there when this was asked. */
async function untilRowsCome(page) {
  const before = await metric(page, "millrace_history_rows");
  await until("rows come", async () => (await metric(page, "millrace_history_rows")) > before, { timeoutMillis: 60_000 });
}

for (const kind of ["websocket", "sse"]) {
  test(`the server of a ${kind} source is killed ${KILLS} times`, async ({ app, figure }) => {
    test.setTimeout(120_000 + KILLS * 30_000);
    figure("MILLRACE_CRASH_SEED, which repeats the run", String(SEED));
    const chance = seeded(SEED);
    const server = await EventServer.start({ rate: RATE, total: TOTAL, perFrame: 5 });
    const page = await app.open(`?source=none&${SETTINGS}`);
    const backMillis = [];
    try {
      await page.configure({ source: kind, source_url: server.url(kind) });
      for (let round = 0; round < KILLS; round++) {
        await untilOpen(page);
        await untilRowsCome(page);
        // The moment of the end is random: this waits for no rule.
        await pause(100 + 900 * chance());
        await server.kill();
        await until("the source has noticed", async () => (await page.get("source")).state !== "open", { timeoutMillis: 20_000 });
        await pause(300 * chance());
        const started = Date.now();
        await server.restart();
        await untilOpen(page, { timeoutMillis: 60_000 });
        backMillis.push(Date.now() - started);
        expect(server.due, "the server was still sending; it needs more events on this machine").toBeLessThan(TOTAL);
      }
      await until("the server has sent all", () => server.due === TOTAL, { timeoutMillis: 60_000 + KILLS * 20_000 });
      await untilQuiet(page);
      const holding = await holdingOf(page, TOTAL);
      const runs = holding.missingRuns();
      const { counts: { gaps, refused, dropped }, retries } = await page.get("source");
      figure(`${kind}, after ${KILLS} kills of its server`, `${holding.found} of ${TOTAL} rows, ${holding.twice} twice, ${gaps} gaps counted, ${retries} retries, ${dropped} dropped, ${refused} refused`);
      figure(`${kind}, milliseconds until it is open again`, backMillis.join(", "));
      expect({ twice: holding.twice, corrupt: holding.corrupt, example: holding.example }).toEqual({ twice: 0, corrupt: 0, example: null });
      expect(retries).toBeGreaterThanOrEqual(KILLS);
      if (kind === "sse") {
        expect(holding.summary()).toEqual(wholeOf(TOTAL));
        expect(gaps, "an event stream is resumed").toBe(0);
      } else {
        expect(gaps, "each lost connection is a gap").toBe(KILLS);
        expect(runs.length, "events are missing in gaps alone").toBeLessThanOrEqual(gaps);
      }
    } finally {
      await server.kill();
    }
  });
}

profileTest(`the browser that reads an event stream is killed ${KILLS} times, and has every event once`, CHROMIUM, async ({ app, profile, browserName, figure }) => {
  profileTest.setTimeout(120_000 + KILLS * 30_000);
  figure("MILLRACE_CRASH_SEED, which repeats the run", String(SEED));
  const chance = seeded(SEED);
  const server = await EventServer.start({ rate: RATE, total: TOTAL, perFrame: 5 });
  const address = `?source=sse&source_url=${encodeURIComponent(server.url("sse"))}&${SETTINGS}`;
  const kinds = Object.entries(killsIn(browserName));
  const story = [];
  const machine = new Machine({ profile, app }, address);
  await machine.open();
  try {
    for (let round = 0; round < KILLS; round++) {
      const [kind, ways] = pick(chance, kinds);
      await untilRowsCome(machine.page);
      // The moment of the end is random: this waits for no rule.
      await pause(100 + 900 * chance());
      await machine.endAndOpen(ways);
      story.push(`${kind} at ${await metric(machine.page, "millrace_history_rows")}`);
    }
    await until("the server has sent all", () => server.due === TOTAL, { timeoutMillis: 60_000 + KILLS * 20_000 });
    await untilQuiet(machine.page);
    figure(`rows after ${KILLS} ends`, story.join(", "));
    expect((await holdingOf(machine.page, TOTAL)).summary()).toEqual(wholeOf(TOTAL));
  } finally {
    await server.kill();
  }
});
