// A processor that is slower than its source: each policy of the queue slows the source, refuses or drops, and whatever it does
// is counted. What was sent is what is kept, refused and dropped.
import { CHROMIUM, addressOf, expect, test } from "./nats_fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { metric } from "./support/ledger.mjs";
import { CORS, serveLive, sseOf } from "./support/live_server.mjs";
import { holdingOf, linesOf, wholeOf } from "./support/numbered.mjs";
import { makeStream, publish } from "./support/publisher.mjs";
import { balance, untilOpen, untilSource } from "./support/source.mjs";
import { until } from "./support/until.mjs";

const TOTAL = inForm({ short: 60_000, full: 400_000 });
const CAPACITY = 1000;
const PER_MESSAGE = 20;
/** A batch for each event, and the median of a long window, are more work than a source needs to send one. */
const SLOW = `clock=utc&batch_size=1&agg=median&window=1h&queue_capacity=${CAPACITY}&history_rows=${TOTAL}&memory_rows=${TOTAL}`;
const POLICIES = ["block", "reject", "drop_oldest", "drop_newest"];
const NDJSON = "application/x-ndjson";
/** What a server holds for a reader that does not read on. */
const MAX_BUFFERED = 1 << 20;

/** Sends all events as fast as they are taken. */
function sendAll(write, isFull) {
  let sent = 0;
  const step = () => {
    while (sent < TOTAL && !isFull()) {
      const to = Math.min(TOTAL, sent + PER_MESSAGE);
      write(sent, to);
      sent = to;
    }
    if (sent < TOTAL) setTimeout(step, 1);
  };
  step();
}

/** With a field that is ignored, so that they fill what waits to be read. */
const padded = (lines) => lines.replaceAll("}", `,"note":"${"x".repeat(1000)}"}`);

/** Starts a source of each kind, and returns its settings and how to end it. */
const SOURCES = {
  async websocket() {
    const server = await serveLive({ onSocket: (socket) => sendAll((from, to) => socket.send(padded(linesOf(from, to))), () => socket.bufferedAmount > MAX_BUFFERED) });
    return { settings: { source: "websocket", source_url: server.url("websocket") }, close: () => server.close() };
  },
  async sse() {
    let isSent = false;
    const onStream = (response) => {
      // A stream that was opened anew would be a second one.
      if (isSent) return;
      isSent = true;
      sendAll((from, to) => response.write(sseOf(linesOf(from, to), to)), () => response.writableLength > MAX_BUFFERED);
    };
    const server = await serveLive({ onStream });
    return { settings: { source: "sse", source_url: server.url("sse") }, close: () => server.close() };
  },
  async poll() {
    const onPoll = (response, { headers }) => {
      if (headers["if-none-match"] === '"all"') return response.writeHead(304, CORS).end();
      return response.writeHead(200, { ...CORS, ETag: '"all"', "Content-Type": NDJSON }).end(linesOf(0, TOTAL));
    };
    const server = await serveLive({ onPoll });
    return { settings: { source: "poll", source_url: server.url("poll"), poll_interval: "1s" }, close: () => server.close() };
  },
  async nats(startNats) {
    const nats = await startNats();
    const connection = await nats.connect();
    await makeStream(connection, "flow");
    await publish(connection, "flow", 0, TOTAL);
    return { settings: { source: "nats", source_url: nats.url, nats_stream: "flow", nats_start: "all" }, nats, close: async () => {} };
  },
};

for (const kind of Object.keys(SOURCES)) {
  for (const overflow of POLICIES) {
    test(`a ${kind} source under overflow=${overflow} with a slow processor`, CHROMIUM, async ({ app, startNats, figure }) => {
      test.setTimeout(120_000 + TOTAL);
      const { settings, nats, close } = await SOURCES[kind](startNats);
      const page = await app.open(`?source=none&overflow=${overflow}&${SLOW}`);
      const before = await metric(page, "millrace_wasm_memory_bytes");
      await page.configure(settings);
      await untilOpen(page);

      // All is accounted for once the queue is empty.
      let most = 0;
      const counts = await until("every event is kept, refused or dropped", async () => {
        const counts = await balance(page);
        most = Math.max(most, counts.queued);
        if (counts.sum < TOTAL || counts.queued > 0) throw new Error(`${JSON.stringify(counts)}, ${JSON.stringify(await page.get("source"))}`);
        return counts;
      }, { timeoutMillis: 60_000 + TOTAL });
      figure(`${kind}, ${overflow}: of ${TOTAL}`, `${counts.kept} kept, ${counts.refused} refused, ${counts.dropped} dropped, at most ${most} queued`);
      expect(counts.sum, "nothing is lost without being counted, nothing counted twice").toBe(TOTAL);
      expect(most, "the queue keeps its capacity").toBeLessThanOrEqual(CAPACITY);
      expect(((await metric(page, "millrace_wasm_memory_bytes")) - before) / 2 ** 20, "MB that the worker grew by").toBeLessThan(96 + TOTAL / 2000);
      const holding = await holdingOf(page, TOTAL);
      expect({ found: holding.found, twice: holding.twice, corrupt: holding.corrupt }).toEqual({ found: counts.kept, twice: 0, corrupt: 0 });
      if (overflow === "block" && kind !== "websocket") expect(holding.summary(), "the source waited").toEqual(wholeOf(TOTAL));
      if (overflow !== "reject") expect(counts.refused, "nothing is refused").toBe(0);
      if (overflow === "reject") expect(counts.dropped, "what a full queue refuses is among the refused rows").toBe(0);
      if (nats) {
        // Whatever the policy: it pulls what there is room for.
        expect(holding.summary()).toEqual(wholeOf(TOTAL));
        await untilSource(page, "the cursor has passed all", ({ cursor }) => cursor?.position === TOTAL);
      }
      expect(app.errors).toEqual([]);
      await close();
    });
  }
}

test("backpressure reaches a JetStream server: what there is no room for waits there", CHROMIUM, async ({ app, startNats, figure }) => {
  test.setTimeout(120_000);
  const nats = await startNats();
  const connection = await nats.connect();
  const manager = await makeStream(connection, "flow");
  await publish(connection, "flow", 0, 20_000);
  await manager.consumers.add("flow", { durable_name: "plant", ack_policy: "explicit", max_ack_pending: 20_000 });
  const page = await app.open(`${addressOf(nats, { nats_mode: "share", nats_durable: "plant" })}&${SLOW.replace("clock=utc&", "")}`);
  let most = 0;
  await until("all of it is taken", async () => {
    const { delivered } = await manager.consumers.info("flow", "plant");
    const { kept } = await balance(page);
    most = Math.max(most, delivered.consumer_seq - kept);
    if (kept < 20_000) throw new Error(`${kept} rows`);
    return true;
  }, { timeoutMillis: 90_000 });
  figure(`messages that were sent ahead, of a queue for ${CAPACITY}`, most);
  expect(most).toBeLessThanOrEqual(4 * CAPACITY);
  expect((await holdingOf(page, 20_000)).summary()).toEqual(wholeOf(20_000));
});
