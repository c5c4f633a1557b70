// A JetStream stream while browsers and its server are killed at random: in `follow` every history has every message, in
// `share` the histories have them together, and no history has one twice.
import { CHROMIUM, addressOf, expect, natsMachinesTest as test } from "./nats_fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { killServerOrBrowser } from "./support/kill.mjs";
import { metric, seeded } from "./support/ledger.mjs";
import { Machine } from "./support/machine.mjs";
import { SERVERS } from "./support/nats_server.mjs";
import { holdingOf, together, wholeOf } from "./support/numbered.mjs";
import { makeStream, publish } from "./support/publisher.mjs";
import { balance } from "./support/source.mjs";
import { until } from "./support/until.mjs";

const TOTAL = inForm({ short: 12_000, full: 1_000_000 });
const KILLS = inForm({ short: 3, full: 20 });
/** A part is published around each kill, and one behind the last. */
const PART = Math.ceil(TOTAL / (KILLS + 1));
const RATE = inForm({ short: 1500, full: 20_000 });
/** What was delivered to a machine that died comes again after this; the server's default in the full form. */
const ACK_WAIT_SECONDS = inForm({ short: 4, full: 30 });
const SEED = Number(process.env.MILLRACE_CRASH_SEED ?? Date.now() % 1_000_000);
const SETTINGS = { batch_size: 500, batch_wait: "100ms", history_rows: TOTAL, memory_rows: 200_000 };

const CASES = [
  { mode: "follow", browsers: 1 },
  { mode: "follow", browsers: 2 },
  { mode: "share", browsers: 3 },
];

for (const server of SERVERS) {
  for (const { mode, browsers } of CASES) {
    const what = browsers === 1 ? "one browser" : `${browsers} browsers`;
    test(`${mode} by ${what} of ${server.name}: each of ${TOTAL.toLocaleString("en")} messages, over ${KILLS} kills`, CHROMIUM, async ({ startMachine, startNats, browserName, figure }) => {
      test.setTimeout(180_000 + KILLS * 40_000 + browsers * TOTAL * 0.2);
      figure("MILLRACE_CRASH_SEED, which repeats the run", String(SEED));
      const chance = seeded(SEED);
      const nats = await startNats(server);
      const connection = await nats.connect();
      const manager = await makeStream(connection, "flow");
      if (mode === "share") {
        const ack_wait = ACK_WAIT_SECONDS * 1e9;
        await manager.consumers.add("flow", { durable_name: "plant", ack_policy: "explicit", ack_wait, max_ack_pending: 20_000 });
      }
      const own = mode === "share" ? { nats_mode: "share", nats_durable: "plant" } : {};
      const machines = [];
      for (let count = 0; count < browsers; count++) {
        machines.push(new Machine(await startMachine(), addressOf(nats, { ...SETTINGS, ...own })));
        await machines.at(-1).open();
      }
      const part = (round) => publish(connection, "flow", round * PART, Math.min(TOTAL, (round + 1) * PART), { ratePerSec: RATE });
      const story = [];
      for (let round = 0; round < KILLS; round++) {
        const publishing = part(round);
        // It is awaited below, once the kill is over.
        publishing.catch(() => {});
        await anyRowsCome(machines);
        story.push(await killServerOrBrowser(chance, nats, machines, browserName));
        await publishing;
      }
      await part(KILLS);
      const { state } = await manager.streams.info("flow");
      expect(state.messages, "the stream has each message once").toBe(TOTAL);

      await untilAllTaken(machines, mode);
      const holdings = await Promise.all(machines.map(({ page }) => holdingOf(page, TOTAL)));
      figure(`${mode} by ${what} of nats-server ${server.version}, ended`, story.join(", "));
      for (const holding of holdings) expect({ twice: holding.twice, corrupt: holding.corrupt, example: holding.example }).toEqual({ twice: 0, corrupt: 0, example: null });
      if (mode === "follow") {
        for (const holding of holdings) expect(holding.summary()).toEqual(wholeOf(TOTAL));
        figure("messages in each history, none twice", TOTAL);
      } else {
        const { missing, copies } = together(holdings, TOTAL);
        figure("rows of each history", holdings.map(({ found }) => found).join(", "));
        figure("messages on two machines, since one died between flush and ack", copies);
        expect(missing, "messages in no history").toBe(0);
        if (!story.some((kind) => kind !== "tab loaded again")) expect(copies).toBe(0);
      }
      for (const { page } of machines) expect((await balance(page)).refused, "nothing was refused").toBe(0);
    });
  }
}

/** Waits until any of the machines has rows that it had not when this was asked. */
async function anyRowsCome(machines) {
  const counts = () => Promise.all(machines.map(({ page }) => metric(page, "millrace_history_rows")));
  const before = await counts();
  await until("rows come", async () => (await counts()).some((count, place) => count > before[place]), { timeoutMillis: 90_000 });
}

/** Waits until each machine, or all of them together, have had time to take every message. */
async function untilAllTaken(machines, mode) {
  await until("every message is taken", async () => {
    const counts = await Promise.all(machines.map(({ page }) => metric(page, "millrace_history_rows")));
    const isOver = mode === "follow" ? counts.every((count) => count >= TOTAL) : counts.reduce((sum, count) => sum + count, 0) >= TOTAL;
    if (!isOver) throw new Error(`${counts.join(", ")} rows; ${JSON.stringify(await machines[0].page.get("source"))}`);
    const lags = await Promise.all(machines.map(async ({ page }) => (await page.get("source")).lag.messages));
    // Copies count too, so that the sum alone says nothing of what is still to come.
    return lags.every((lag) => (lag ?? 0) === 0);
  }, { timeoutMillis: 120_000 + ACK_WAIT_SECONDS * 4000 + TOTAL * 0.3 });
  if (mode !== "share") return;
  // What a machine that died had not acknowledged is delivered again once its time is over.
  let [sum, since] = [-1, Date.now()];
  await until("no message comes any more", async () => {
    const counts = await Promise.all(machines.map(({ page }) => metric(page, "millrace_history_rows")));
    const now = counts.reduce((sum, count) => sum + count, 0);
    if (now !== sum) [sum, since] = [now, Date.now()];
    return Date.now() - since > (ACK_WAIT_SECONDS + 2) * 1000;
  }, { timeoutMillis: 300_000 });
}
