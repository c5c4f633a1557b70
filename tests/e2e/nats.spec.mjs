// A JetStream stream as a source: where it starts, what it says of itself, and what becomes of streams, servers and messages
// that are not as they should be.
import { SMOKE, addressOf, expect, natsMachinesTest, openWithSink, test } from "./nats_fixtures.mjs";
import { metric } from "./support/ledger.mjs";
import { publishByMqtt } from "./support/mqtt.mjs";
import { NEWEST, SERVERS, freePorts } from "./support/nats_server.mjs";
import { holdingOf, linesOf, numberOf, textOf, wholeOf } from "./support/numbered.mjs";
import { makeStream, publish, subjectOf } from "./support/publisher.mjs";
import { untilOpen, untilRows, untilSource } from "./support/source.mjs";
import { until } from "./support/until.mjs";

const QUICK = { batch_size: 10, batch_wait: "100ms" };
/** A sentence: what is wrong, and behind it what to do. */
const SENTENCE = /\w[^;:,]*[;:,] .*\w/;

/** The numbers of the events in the history, in order. */
async function numbers(page) {
  const { latest = [] } = await page.get("query?start=1970-01-01&views=latest");
  return latest.map(numberOf).sort((one, other) => one - other);
}

const range = (from, to) => Array.from({ length: to - from }, (_, place) => from + place);

for (const server of SERVERS) {
  test(`what MQTT devices publish to ${server.name} is read as it comes`, async ({ app, startNats }) => {
    const [port] = await freePorts(1);
    const more = `server_name: plant-1\nmqtt { listen: "127.0.0.1:${port}" }`;
    const nats = await startNats(server, { origins: [new URL(app.host.base).origin], more });
    await makeStream(await nats.connect(), "plant");
    const page = await app.open(addressOf(nats, { ...QUICK, nats_stream: "plant" }));
    await publishByMqtt(port, "plant/pump-1/flow", range(0, 20).map(textOf));
    await untilRows(page, 20);
    expect(await numbers(page)).toEqual(range(0, 20));
  });

  test(`a stream of ${server.name} is read to its end, and then as it grows`, SMOKE, async ({ app, startNats }) => {
    const nats = await startNats(server);
    const connection = await nats.connect();
    await makeStream(connection, "flow");
    await publish(connection, "flow", 0, 500);
    const page = await app.open(addressOf(nats, QUICK));
    await untilRows(page, 500);
    await publish(connection, "flow", 500, 600);
    await untilRows(page, 600);
    expect((await holdingOf(page, 600)).summary()).toEqual(wholeOf(600));
    const source = await untilSource(page, "it has caught up", ({ lag }) => lag.messages === 0);
    expect(source).toMatchObject({ source: "nats", state: "open", error: null, counts: { gaps: 0 }, cursor: { source: "nats:flow", position: 600, taken: 600 } });
    await page.page.reload();
    await page.waitUntilLive();
    await publish(connection, "flow", 600, 650);
    await untilRows(page, 650);
    expect((await holdingOf(page, 650)).summary()).toEqual(wholeOf(650));
    expect(app.errors).toEqual([]);
  });
}

test("a stream is read from where nats_start says", SMOKE, async ({ app, startNats }) => {
  const nats = await startNats();
  const connection = await nats.connect();
  const page = await app.open("?source=none&clock=utc");
  const starts = { all: () => "all", new: () => "new", sequence: () => "21", time: (between) => between.toISOString() };
  const expected = { all: range(0, 50), new: range(40, 50), sequence: range(20, 50), time: range(30, 50) };
  for (const [name, start] of Object.entries(starts)) {
    await test.step(name, async () => {
      // A stream of its own for each, since a cursor counts before a start.
      await makeStream(connection, name);
      await publish(connection, name, 0, 30);
      // A time in whole milliseconds between the two: the server's are finer.
      const published = Date.now();
      const between = new Date(await until("a later millisecond", () => Date.now() > published && Date.now()));
      await until("a later millisecond", () => Date.now() > between.getTime());
      await publish(connection, name, 30, 40);
      await page.configure({ source: "nats", source_url: nats.url, nats_stream: name, nats_start: start(between), ...QUICK });
      await untilSource(page, "the stream is read", ({ state, cursor }) => state === "open" && cursor?.source === `nats:${name}`);
      await publish(connection, name, 40, 50);
      await untilRows(page, expected[name].length);
      expect(await numbers(page)).toEqual(expected[name]);
      await page.configure({ source: "none" });
      await page.reset();
    });
  }
});

test("a subject selects messages, and the cursor passes over the others", SMOKE, async ({ app, startNats }) => {
  const nats = await startNats();
  const connection = await nats.connect();
  await makeStream(connection, "flow");
  await publish(connection, "flow", 0, 200);
  const page = await app.open(addressOf(nats, { ...QUICK, nats_subject: subjectOf("flow", 7) }));
  await untilRows(page, 4);
  expect(await numbers(page)).toEqual([7, 57, 107, 157]);
});

test("it is paused, goes on, and is sought by sequence and by time", SMOKE, async ({ app, startNats }) => {
  const nats = await startNats();
  const connection = await nats.connect();
  await makeStream(connection, "flow");
  await publish(connection, "flow", 0, 50);
  const page = await app.open(addressOf(nats, QUICK));
  await untilRows(page, 50);
  expect((await page.fetch("source/pause", { method: "POST" })).status).toBe(200);
  await publish(connection, "flow", 50, 60);
  // What was not pulled stays at the server, whatever is asked meanwhile.
  for (let asked = 0; asked < 10; asked++) await page.get("source");
  expect(await metric(page, "millrace_history_rows")).toBe(50);
  expect((await page.fetch("source/resume", { method: "POST" })).status).toBe(200);
  await untilRows(page, 60);

  const sought = await page.send("POST", "source/seek", '{"position": 40}');
  expect(sought.status, sought.text).toBe(200);
  // A position is that of a cursor, the last sequence that was read: the events 40 to 59 come once more, as it was asked for.
  await untilRows(page, 80);
  expect(await numbers(page)).toEqual([...range(0, 40), ...range(40, 60).flatMap((number) => [number, number])]);
  const refused = await page.send("POST", "source/seek", '{"position": -1}');
  expect(refused.status).toBe(422);
});

test("a stream that is missing is named, and read once it is there", SMOKE, async ({ app, startNats }) => {
  const nats = await startNats();
  const connection = await nats.connect();
  const page = await app.open(addressOf(nats, QUICK));
  const { error } = await untilSource(page, "it says that the stream is missing", ({ error }) => /flow/.test(error ?? ""));
  expect(error).toMatch(/does not exist/);
  expect(error).toMatch(SENTENCE);
  await makeStream(connection, "flow");
  await publish(connection, "flow", 0, 20);
  await untilRows(page, 20, { timeoutMillis: 60_000 });
  expect((await page.get("source")).error).toBeNull();
});

test("a stream that was made anew, and one that has lost its beginning, are told gaps", SMOKE, async ({ app, startNats }) => {
  test.setTimeout(120_000);
  const nats = await startNats();
  const connection = await nats.connect();
  const manager = await makeStream(connection, "flow");
  await publish(connection, "flow", 0, 50);
  const page = await app.open(addressOf(nats, QUICK));
  await untilRows(page, 50);
  const before = await page.get("source");
  expect(before.counts.gaps).toBe(0);

  // Purged while nobody reads: 50 to 69 are gone.
  await page.configure({ source: "none" });
  await publish(connection, "flow", 50, 80);
  await manager.streams.purge("flow", { seq: 71 });
  await page.configure({ source: "nats" });
  await untilRows(page, 60);
  expect(await numbers(page)).toEqual([...range(0, 50), ...range(70, 80)]);
  const purged = await untilSource(page, "the gap is counted", ({ counts }) => counts.gaps > 0);
  expect(purged.cursor).toMatchObject({ epoch: before.cursor.epoch, position: 80 });

  // Made anew while it is read: what has the same sequences is another message.
  await manager.streams.delete("flow");
  await makeStream(connection, "flow");
  await publish(connection, "flow", 100, 130);
  await untilRows(page, 90, { timeoutMillis: 60_000 });
  expect(await numbers(page)).toEqual([...range(0, 50), ...range(70, 80), ...range(100, 130)]);
  const anew = await page.get("source");
  expect(anew.cursor.epoch, "another stream").not.toBe(before.cursor.epoch);
  expect(anew.counts.gaps).toBeGreaterThan(purged.counts.gaps);
});

test("a server that is restarted, and one that is replaced by an empty one, are gone on with", SMOKE, async ({ app, startNats }) => {
  test.setTimeout(120_000);
  const nats = await startNats();
  const connection = await nats.connect();
  await makeStream(connection, "flow");
  await publish(connection, "flow", 0, 50);
  const page = await app.open(addressOf(nats, QUICK));
  await untilRows(page, 50);
  await nats.stop();
  const waiting = await untilSource(page, "it waits", ({ state }) => state === "waiting");
  expect(waiting.error).toMatch(SENTENCE);
  await nats.launch();
  await publish(connection, "flow", 50, 80);
  await untilRows(page, 80);
  expect((await holdingOf(page, 80)).summary()).toEqual(wholeOf(80));
  expect(await page.get("source")).toMatchObject({ error: null, counts: { gaps: 0 } });

  await nats.replace();
  await untilSource(page, "the stream is missing", ({ error }) => /does not exist/.test(error ?? ""), { timeoutMillis: 60_000 });
  await makeStream(connection, "flow");
  await publish(connection, "flow", 80, 100);
  await untilRows(page, 100, { timeoutMillis: 60_000 });
  expect((await holdingOf(page, 100)).summary(), "what has the same sequences is another message").toEqual(wholeOf(100));
  expect((await page.get("source")).counts.gaps, "the gap is counted").toBeGreaterThan(0);
});

test("a page of another origin is refused by the server, and the sentence says where to let it in", SMOKE, async ({ app, startNats }) => {
  const nats = await startNats(NEWEST, { origins: ["http://127.0.0.1:1"] });
  const page = await app.open(addressOf(nats));
  const { error } = await untilSource(page, "it says what is wrong", ({ error }) => error !== null);
  expect(error).toMatch(/allowed_origins/);
});

test("an address where something else than a NATS server answers is named", SMOKE, async ({ app }) => {
  // The static host speaks HTTP, and takes no WebSocket.
  const page = await app.open(addressOf({ url: `ws://${new URL(app.host.base).host}` }));
  const { error } = await untilSource(page, "it says what is wrong", ({ error }) => error !== null);
  expect(error).toMatch(/source_url|websocket/);
  expect(error).toMatch(SENTENCE);
});

test("a user with the rights that docs/sources.md lists reads, shares and publishes", async ({ app, startNats }) => {
  const publishable = ["$JS.API.STREAM.INFO.flow", "$JS.API.CONSUMER.*.flow.>", "$JS.API.CONSUMER.MSG.NEXT.flow.>", "$JS.ACK.flow.>", "results.flow", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.MSG.GET.results"];
  const rights = `permissions: { publish: ${JSON.stringify(publishable)}, subscribe: ["_INBOX.>"] }`;
  const more = `authorization { users: [{ user: all, password: a }, { user: page, password: p, ${rights} }] }`;
  const nats = await startNats(NEWEST, { origins: [new URL(app.host.base).origin], more });
  const connection = await nats.connect({ user: "all", pass: "a" });
  await makeStream(connection, "flow");
  const results = await makeStream(connection, "results");
  await publish(connection, "flow", 0, 100);
  const page = await openWithSink(app, addressOf(nats, QUICK), "results.flow");
  expect((await page.send("PUT", "credentials", '{"user": "page", "password": "p"}')).status).toBe(204);
  await untilRows(page, 100);
  await until("ten batches are published", async () => (await results.streams.info("results")).state.messages === 10);
  await page.configure({ nats_mode: "share", nats_durable: "plant" });
  await untilSource(page, "the shared consumer is read", ({ state, cursor }) => state === "open" && cursor?.source === "nats:flow/plant");
  expect((await page.get("source")).error).toBeNull();

  // And what it may not do is named.
  await makeStream(connection, "other");
  await page.configure({ nats_stream: "other", nats_mode: "follow" });
  const { error } = await untilSource(page, "it says what it may not do", ({ error }) => error !== null);
  expect(error).toMatch(/other|allow/);
});

test("garbage and giant messages are refused by subject and sequence, and none of them stops the stream", SMOKE, async ({ app, startNats }) => {
  test.setTimeout(90_000);
  const nats = await startNats();
  const connection = await nats.connect();
  await makeStream(connection, "flow");
  const giant = `{"value":1,"id":"${"x".repeat(900_000)}"}`;
  const bad = ["", "not JSON", '{"value":"high"}', new Uint8Array([0, 255, 254, 1]), giant];
  for (const [place, body] of bad.entries()) {
    await publish(connection, "flow", place, place + 1);
    connection.publish(subjectOf("flow", place), body);
    await connection.flush();
  }
  const page = await app.open(addressOf(nats, QUICK));
  await untilRows(page, bad.length);
  expect(await numbers(page)).toEqual(range(0, bad.length));
  const { position } = (await untilSource(page, "the cursor has passed all", ({ cursor }) => cursor?.position === 2 * bad.length)).cursor;
  expect(position).toBe(2 * bad.length);
  const { total, rejected } = await page.get("rejected");
  // Nothing is in an empty message: it may be passed over.
  expect(total).toBeGreaterThanOrEqual(bad.length - 1);
  for (const { source } of rejected) expect(source).toContain("nats:flow");
});

test("messages of many rows are taken row by row, each once, also when the page is loaded again within one", SMOKE, async ({ app, startNats }) => {
  test.setTimeout(90_000);
  const [messages, rows] = [40, 500];
  const nats = await startNats();
  const connection = await nats.connect();
  await makeStream(connection, "flow");
  for (let message = 0; message < messages; message++) connection.publish(subjectOf("flow"), linesOf(message * rows, (message + 1) * rows));
  await connection.flush();
  // A message has more rows than the queue has room for.
  const page = await app.open(addressOf(nats, { ...QUICK, queue_capacity: 100, source_format: "ndjson", history_rows: 100_000 }));
  for (const share of [0.1, 0.3, 0.6]) {
    await untilRows(page, share * messages * rows);
    await page.page.reload();
    await page.waitUntilLive();
  }
  await untilRows(page, messages * rows);
  expect((await holdingOf(page, messages * rows)).summary()).toEqual(wholeOf(messages * rows));
  const { cursor } = await untilSource(page, "the cursor has passed all", ({ cursor }) => cursor?.position === messages);
  expect(cursor.taken).toBe(messages * rows);
});

test("when the tab that reads is closed, another goes on at the cursor", SMOKE, async ({ app, startNats }) => {
  const nats = await startNats();
  const connection = await nats.connect();
  await makeStream(connection, "flow");
  await publish(connection, "flow", 0, 300);
  const address = addressOf(nats, QUICK);
  const first = await app.open(address);
  await untilRows(first, 300);
  const second = await app.open(address);
  await second.waitForText("connection", /another tab/);
  await publish(connection, "flow", 300, 400);
  await first.close();
  await publish(connection, "flow", 400, 500);
  await second.waitUntilLive();
  await untilRows(second, 500);
  expect((await holdingOf(second, 500)).summary()).toEqual(wholeOf(500));
});

natsMachinesTest("a machine that stops reading gives back what it had not taken, and another takes it at once", async ({ startMachine, startNats }) => {
  natsMachinesTest.setTimeout(120_000);
  const nats = await startNats();
  const connection = await nats.connect();
  const manager = await makeStream(connection, "flow");
  // Far longer than the test takes: only what is given back comes again.
  await manager.consumers.add("flow", { durable_name: "plant", ack_policy: "explicit", ack_wait: 600e9 });
  const address = addressOf(nats, { ...QUICK, nats_mode: "share", nats_durable: "plant", history_rows: 20_000 });
  const [one, other] = [(await startMachine()).app, (await startMachine()).app];
  const [leaving, staying] = [await one.open(address), await other.open(address)];
  for (const page of [leaving, staying]) await untilSource(page, "the stream is read", ({ state }) => state === "open");
  const publishing = publish(connection, "flow", 0, 4000);
  for (const page of [leaving, staying]) await untilRows(page, 100);
  // A tab that is closed does the same, if its browser lets it.
  await leaving.configure({ source: "none" });
  await publishing;
  await until("every message is acknowledged", async () => {
    const { num_pending, num_ack_pending } = await manager.consumers.info("flow", "plant");
    if (num_pending + num_ack_pending > 0) throw new Error(`${num_pending} wait, ${num_ack_pending} are not acknowledged`);
    return true;
  }, { timeoutMillis: 60_000 });
  const holdings = [await holdingOf(leaving, 4000), await holdingOf(staying, 4000)];
  for (let number = 0; number < 4000; number++) expect(holdings.filter((holding) => holding.has(number)).length, `event ${number}`).toBe(1);
});

natsMachinesTest("of two machines on a pinned consumer one reads and the other stands by, until it is needed", async ({ startMachine, startNats }) => {
  natsMachinesTest.setTimeout(120_000);
  const nats = await startNats();
  const connection = await nats.connect();
  const manager = await makeStream(connection, "flow");
  const pinned = { priority_policy: "pinned_client", priority_groups: ["desks"], priority_timeout: 2e9 };
  await manager.consumers.add("flow", { durable_name: "plant", ack_policy: "explicit", ...pinned });
  const address = addressOf(nats, { ...QUICK, nats_mode: "share", nats_durable: "plant" });
  const machines = [(await startMachine()).app, (await startMachine()).app];
  const pages = [await machines[0].open(address), await machines[1].open(address)];
  for (const page of pages) await untilOpen(page);
  const counts = () => Promise.all(pages.map((page) => metric(page, "millrace_history_rows")));
  for (let published = 0; published < 600; published += 100) {
    await publish(connection, "flow", published, published + 100);
    await until("all are taken", async () => Math.max(...(await counts())) === published + 100);
    expect(Math.min(...(await counts())), "the standby has none").toBe(0);
  }
  const [one, other] = await counts();
  const [reading, standby] = one > other ? pages : pages.toReversed();
  await reading.close();
  await publish(connection, "flow", 600, 700);
  await untilRows(standby, 100, { timeoutMillis: 30_000 });
  expect(await numbers(standby)).toEqual(range(600, 700));
});

test("what is delivered again comes late in event time, and is not refused for it", SMOKE, async ({ app, startNats }) => {
  test.setTimeout(120_000);
  const nats = await startNats();
  const connection = await nats.connect();
  const manager = await makeStream(connection, "flow");
  await manager.consumers.add("flow", { durable_name: "plant", ack_policy: "explicit", ack_wait: 5e9 });
  await publish(connection, "flow", 0, 10);
  // Delivered to a client that dies with them.
  const client = await nats.connect({ reconnect: false });
  const { jetstream } = await import("@nats-io/jetstream");
  const consumer = await jetstream(client).consumers.get("flow", "plant");
  for await (const message of await consumer.fetch({ max_messages: 10, expires: 5000 })) expect(message.seq).toBeLessThanOrEqual(10);
  await client.close();
  await publish(connection, "flow", 10, 20);
  // Two hours later by their own time.
  connection.publish(subjectOf("flow", 0), textOf(2 * 3_600_000));
  await connection.flush();
  const page = await app.open(addressOf(nats, { ...QUICK, nats_mode: "share", nats_durable: "plant", late: "reject", lateness: "1h" }));
  await untilRows(page, 21, { timeoutMillis: 60_000 });
  expect(await numbers(page)).toEqual([...range(0, 20), 2 * 3_600_000]);
  expect((await page.get("rejected")).total).toBe(0);
});
