// Each processed batch is published to a subject, once, however often browser and server are killed meanwhile.
import { CHROMIUM, SMOKE, addressOf, expect, natsMachinesTest, openWithSink, test } from "./nats_fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { killServerOrBrowser } from "./support/kill.mjs";
import { metric, seeded } from "./support/ledger.mjs";
import { Machine } from "./support/machine.mjs";
import { numberOf } from "./support/numbered.mjs";
import { makeStream, publish, readAll } from "./support/publisher.mjs";
import { untilRows, untilSource } from "./support/source.mjs";
import { until } from "./support/until.mjs";

const BATCHES = inForm({ short: 400, full: 10_000 });
const KILLS = inForm({ short: 3, full: 20 });
const BATCH_SIZE = 10;
const TOTAL = BATCHES * BATCH_SIZE;
/** A part is published around each kill, and one behind the last. */
const PART = Math.ceil(TOTAL / (KILLS + 1));
const RATE = inForm({ short: 500, full: 2000 });
const SEED = Number(process.env.MILLRACE_CRASH_SEED ?? Date.now() % 1_000_000);
const SINK = { sink_subject: "processed.batches", batch_size: BATCH_SIZE };

/** Waits until the stream has so many messages. */
async function untilPublished(manager, stream, count, { timeoutMillis = 60_000 } = {}) {
  await until(`${count} messages are in ${stream}`, async () => {
    const { messages } = (await manager.streams.info(stream)).state;
    if (messages < count) throw new Error(`${messages} messages`);
    return true;
  }, { timeoutMillis });
}

/** What is wrong with the batches of a stream, as sentences: each of the events 0 up to `total` is to be in one of them. */
function faults(messages, total) {
  const wrong = [];
  const ids = new Set();
  const rows = new Map();
  for (const { seq, id, text } of messages) {
    if (id === "") wrong.push(`message ${seq} has no Nats-Msg-Id`);
    else if (ids.has(id)) wrong.push(`${id} is there again, as message ${seq}`);
    ids.add(id);
    for (const row of JSON.parse(text).latest) rows.set(numberOf(row), (rows.get(numberOf(row)) ?? 0) + 1);
  }
  for (let number = 0; number < total; number++) {
    if (rows.get(number) !== 1) wrong.push(`event ${number} is in ${rows.get(number) ?? 0} batches`);
  }
  return wrong.slice(0, 5);
}

test("each batch is published as it is answered, from posts too", SMOKE, async ({ app, startNats }) => {
  const nats = await startNats();
  const connection = await nats.connect();
  const manager = await makeStream(connection, "processed");
  // The sink of a pipeline whose events are posted.
  const address = `?source=none&clock=utc&batch_size=2&source_url=${encodeURIComponent(nats.url)}`;
  const page = await openWithSink(app, address, SINK.sink_subject);
  await page.post([1, 2, 3, 4].map((value) => ({ timestamp: `2026-01-01T00:00:0${value}Z`, id: "pump", value })));
  await untilPublished(manager, "processed", 2);
  const messages = await readAll(connection, "processed");
  expect(messages.map(({ subject }) => subject)).toEqual(["processed.batches", "processed.batches"]);
  expect(JSON.parse(messages[1].text).latest, "the newest batch is what GET latest answers").toEqual((await page.get("latest")).latest);
  expect(JSON.parse(messages[0].text).latest.map(({ value }) => value)).toEqual([1, 2]);
});

test("a sink whose stream is missing says so, holds nothing up, and publishes what it owes later", SMOKE, async ({ app, startNats }) => {
  test.setTimeout(120_000);
  const nats = await startNats();
  const connection = await nats.connect();
  await makeStream(connection, "flow");
  await publish(connection, "flow", 0, 50);
  const page = await openWithSink(app, addressOf(nats, { batch_size: BATCH_SIZE }), SINK.sink_subject);
  await untilRows(page, 50);
  const { sink } = await untilSource(page, "the sink says what is wrong", ({ sink }) => sink?.error);
  expect(sink.error).toMatch(/processed\.batches/);
  const manager = await makeStream(connection, "processed");
  await untilPublished(manager, "processed", 5);
  expect(faults(await readAll(connection, "processed"), 50)).toEqual([]);
});

natsMachinesTest(`${BATCHES.toLocaleString("en")} batches over ${KILLS} kills are each once on the subject`, CHROMIUM, async ({ startMachine, startNats, browserName, figure }) => {
  natsMachinesTest.setTimeout(180_000 + KILLS * 40_000 + BATCHES * 20);
  figure("MILLRACE_CRASH_SEED, which repeats the run", String(SEED));
  const chance = seeded(SEED);
  const nats = await startNats();
  const connection = await nats.connect();
  await makeStream(connection, "flow");
  const manager = await makeStream(connection, "processed");
  const address = addressOf(nats, { batch_size: BATCH_SIZE, history_rows: TOTAL });
  const machine = new Machine(await startMachine(), addressOf(nats, { ...SINK, history_rows: TOTAL }));
  machine.page = await openWithSink(machine.app, address, SINK.sink_subject);
  const part = (round) => publish(connection, "flow", round * PART, Math.min(TOTAL, (round + 1) * PART), { ratePerSec: RATE });
  const story = [];
  for (let round = 0; round < KILLS; round++) {
    const before = await metric(machine.page, "millrace_batches_total");
    const publishing = part(round);
    // It is awaited below, once the kill is over.
    publishing.catch(() => {});
    await until("batches come", async () => (await metric(machine.page, "millrace_batches_total")) > before, { timeoutMillis: 60_000 });
    story.push(await killServerOrBrowser(chance, nats, [machine], browserName));
    await publishing;
  }
  await part(KILLS);
  await untilRows(machine.page, TOTAL, { timeoutMillis: 120_000 + TOTAL });
  await untilPublished(manager, "processed", BATCHES, { timeoutMillis: 120_000 });
  const messages = await readAll(connection, "processed");
  figure(`batches on the subject, after ${story.join(", ")}`, messages.length);
  expect(faults(messages, TOTAL)).toEqual([]);
  expect(messages.length, "each batch is one message").toBe(await metric(machine.page, "millrace_batches_total"));
});
