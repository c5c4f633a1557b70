// WebSocket, Server-Sent Events and polling as sources: one list of what each must do, held against the built app.
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { EventServer } from "./support/event_process.mjs";
import { metric } from "./support/ledger.mjs";
import { CORS, serveLive, sseOf } from "./support/live_server.mjs";
import { holdingOf, linesOf, textOf, timeOf, wholeOf } from "./support/numbered.mjs";
import { untilOpen, untilRows, untilSource } from "./support/source.mjs";
import { until } from "./support/until.mjs";

const QUIET = "?source=none&clock=utc&batch_size=10&batch_wait=100ms";
const KINDS = ["websocket", "sse", "poll"];
const TOTAL = 400;
const NDJSON = "application/x-ndjson";
const MB = 1 << 20;

/** Handlers by which each kind sends these texts, one after the other, to its first reader, and then nothing. */
function sending(kind, texts) {
  if (kind === "websocket") return { onSocket: (socket) => texts.forEach((text) => socket.send(text)) };
  if (kind === "sse") return { onStream: (response, last) => last === null && texts.forEach((text, id) => response.write(sseOf(text, id))) };
  let next = 0;
  const onPoll = (response) => {
    if (next >= texts.length) return response.writeHead(304, CORS).end();
    return response.writeHead(200, { ...CORS, "Content-Type": NDJSON, ETag: `"${next}"` }).end(texts[next++]);
  };
  return { onPoll };
}

const settingsOf = (kind, url) => ({ source: kind, source_url: url, ...(kind === "poll" && { poll_interval: "100ms" }) });

/** These events as an Arrow stream, which the pipeline itself makes; it has nothing of them afterwards. */
async function arrowOf(page, texts) {
  await page.post(texts.map((text) => JSON.parse(text)));
  const address = `${page.base}query?start=1970-01-01&views=latest&format=arrow`;
  await untilRows(page, texts.length);
  const bytes = await page.page.evaluate(async (url) => [...new Uint8Array(await (await fetch(url)).arrayBuffer())], address);
  await page.reset();
  return Buffer.from(bytes);
}

for (const kind of ["websocket", "poll"]) {
  test(`a ${kind} source takes Arrow, which another program decodes, in order with what comes around it`, SMOKE, async ({ app }) => {
    const page = await app.open(QUIET);
    const arrow = await arrowOf(page, [1, 2, 3, 4].map(textOf));
    const damaged = arrow.subarray(0, arrow.length / 2);
    const server = await serveLive(sending(kind, [textOf(0), arrow, linesOf(5, 8), damaged, linesOf(8, 10)]));
    await page.configure({ ...settingsOf(kind, server.url(kind)), source_format: "auto" });
    await untilRows(page, 10);
    expect((await holdingOf(page, 10)).summary()).toEqual(wholeOf(10));
    await until("the damaged one is counted", async () => (await page.get("rejected")).total === 1);
    await server.close();
  });
}

for (const kind of KINDS) {
  test(`a ${kind} source starts, is read as it comes, and stops`, SMOKE, async ({ app }) => {
    const server = await EventServer.start({ rate: 400, total: TOTAL, pollSize: 50 });
    const page = await app.open(QUIET);
    try {
      await page.configure(settingsOf(kind, server.url(kind)));
      await untilOpen(page);
      await untilRows(page, kind === "poll" ? 50 : TOTAL);
      const holding = await holdingOf(page, TOTAL);
      // A document that was replaced before it was asked for is not there; of the others every row is, once.
      expect({ ...holding.summary(), ...(kind === "poll" && { missing: 0, found: TOTAL }) }).toEqual(wholeOf(TOTAL));
      if (kind === "poll") for (const [from, to] of holding.missingRuns()) expect([from % 50, to % 50], "documents are taken whole").toEqual([0, 0]);

      const source = await page.get("source");
      expect(source).toMatchObject({ source: kind, error: null });
      expect(source.cursor.source, "the cursor names what was read").toContain(kind);

      await page.configure({ source: "none" });
      await untilSource(page, "no source is open", ({ source, state }) => source === "none" && state === "idle");
      expect(await page.get("rejected"), "nothing was refused").toMatchObject({ rejected: [] });
      expect(app.errors).toEqual([]);
    } finally {
      await server.kill();
    }
  });

  // Firefox goes on with a request that was aborted, when a worker of a page with a service worker had sent it.
  test(`a ${kind} source that is closed asks its server for nothing more`, kind === "sse" ? CHROMIUM : SMOKE, async ({ app }) => {
    let isClosed = false;
    const server = await serveLive({
      onSocket: (socket) => socket.on("close", () => (isClosed = true)),
      onStream: (response) => response.on("close", () => (isClosed = true)),
      onPoll: (response) => response.writeHead(204, CORS).end(),
    });
    const page = await app.open(QUIET);
    await page.configure(settingsOf(kind, server.url(kind)));
    await untilOpen(page);
    await page.configure({ source: "none" });
    if (kind === "poll") {
      const [before, stopped] = [server.count(kind), Date.now()];
      await until("several of its intervals have passed", () => Date.now() - stopped > 500);
      expect(server.count(kind) - before, "a request may have been on its way").toBeLessThanOrEqual(1);
    } else await until("the connection is closed", () => isClosed);
    await server.close();
  });

  test(`a ${kind} source takes one event, several lines and an array for what they are`, SMOKE, async ({ app }) => {
    const array = `[${linesOf(5, 8).split("\n").join()}]`;
    const server = await serveLive(sending(kind, [textOf(0), linesOf(1, 5), array, `${linesOf(8, 10)}\n`]));
    const page = await app.open(QUIET);
    await page.configure({ ...settingsOf(kind, server.url(kind)), source_format: "auto" });
    await untilRows(page, 10);
    expect((await holdingOf(page, 10)).summary()).toEqual(wholeOf(10));
    await server.close();
  });

  test(`garbage and giant messages of a ${kind} source are refused and counted, and the next ones are taken`, SMOKE, async ({ app }) => {
    test.setTimeout(120_000);
    const giant = `{"value":1,"id":"${"x".repeat(8 * MB)}"}`;
    const bad = ["not JSON", "[1,2", '{"id":"a"}', '{"value":"high"}', "\u0000\u0001\u0002", '{"value":1e999}', giant, "{".repeat(10_000)];
    const texts = [textOf(0), ...bad.flatMap((text, at) => [text, textOf(at + 1)])];
    const server = await serveLive(sending(kind, texts));
    const page = await app.open(QUIET);
    const before = await metric(page, "millrace_wasm_memory_bytes");
    await page.configure({ ...settingsOf(kind, server.url(kind)), source_format: "ndjson" });
    await untilRows(page, bad.length + 1, { timeoutMillis: 60_000 });
    expect((await holdingOf(page, bad.length + 1)).summary()).toEqual(wholeOf(bad.length + 1));

    await until("all of them are counted", async () => (await metric(page, "millrace_events_rejected_total")) >= bad.length);
    const { rejected, total } = await page.get("rejected");
    expect(total, "each is refused once").toBe(bad.length);
    for (const { reason, source } of rejected) {
      expect(reason.length, "a reason is short").toBeLessThan(1000);
      expect(source).toContain(kind);
    }
    await untilOpen(page);
    expect(((await metric(page, "millrace_wasm_memory_bytes")) - before) / MB, "MB that the worker grew by").toBeLessThan(48);
    await server.close();
  });

  test(`a ${kind} source goes on after a reload and in another tab`, SMOKE, async ({ app }) => {
    test.setTimeout(120_000);
    // Sent for longer than the page takes to be loaded again and replaced.
    const total = 6000;
    const server = await EventServer.start({ rate: 300, total, pollSize: 50 });
    let page = await app.open(QUIET);
    try {
      await page.configure(settingsOf(kind, server.url(kind)));
      const address = `${QUIET.replace("source=none", `source=${kind}`)}&source_url=${encodeURIComponent(server.url(kind))}&poll_interval=100ms`;
      await untilRows(page, 200);
      await page.open(address);
      await page.waitUntilLive();
      await untilRows(page, 500);
      const second = await app.open(address);
      await second.waitForText("connection", /another tab/);
      await page.close();
      page = second;
      await page.waitUntilLive();
      expect(server.due, "the server was still sending; it needs more events on this machine").toBeLessThan(total);
      await until("the last event is taken", async () => (await page.get(`query?start=${timeOf(total - 50)}&views=latest`)).latest?.length === 50, { timeoutMillis: 30_000 });
      const holding = await holdingOf(page, total);
      expect({ twice: holding.twice, corrupt: holding.corrupt }, holding.example ?? "").toEqual({ twice: 0, corrupt: 0 });
      // What came while no tab was there: a stream sends it again, a WebSocket does not.
      if (kind === "sse") expect(holding.summary()).toEqual(wholeOf(total));
      if (kind === "websocket") expect((await page.get("source")).counts.gaps, "the gap is counted").toBeGreaterThan(0);
    } finally {
      await server.kill();
    }
  });
}

test("an event stream is asked for what follows the last id that was taken", SMOKE, async ({ app }) => {
  const asked = [];
  let next = 0;
  const server = await serveLive({
    onStream(response, last) {
      asked.push(last);
      if (last !== null) next = Number(last.split(":")[1]) + 1;
      response.write(`retry: 50\n\n: a comment\n\n${sseOf(textOf(next), `shard 7:${next}`)}`);
      response.write(`id: shard 7:${next + 1000}\ndata: not an event that ends`);
      if (next < 5) response.end();
    },
  });
  const page = await app.open(QUIET);
  await page.configure(settingsOf("sse", server.url("sse")));
  await untilRows(page, 6);
  expect((await holdingOf(page, 6)).summary()).toEqual(wholeOf(6));
  expect(asked.slice(0, 6)).toEqual([null, ...[0, 1, 2, 3, 4].map((number) => `shard 7:${number}`)]);
  expect((await page.get("rejected")).total, "an event that is cut off is no event").toBe(0);
  await server.close();
});

test("a poll sends the tag of what it has, and takes a document once", SMOKE, async ({ app }) => {
  let [document, served] = [0, 0];
  const server = await serveLive({
    onPoll(response, { headers }) {
      const etag = `W/"of ${document}"`;
      if (headers["if-none-match"] === etag) return response.writeHead(304, { ...CORS, ETag: etag }).end();
      served++;
      return response.writeHead(200, { ...CORS, ETag: etag, "Content-Type": NDJSON }).end(linesOf(document * 10, document * 10 + 10));
    },
  });
  const page = await app.open(QUIET);
  await page.configure(settingsOf("poll", server.url("poll")));
  for (const next of [1, 2, 3]) {
    await untilRows(page, 10 * next);
    const before = server.count("poll");
    await until("it is asked again", () => server.count("poll") >= before + 3);
    if (next < 3) document = next;
  }
  expect((await holdingOf(page, 30)).summary()).toEqual(wholeOf(30));
  expect(served, "what has not changed is not sent").toBe(3);
  await server.close();
});

for (const status of [429, 503]) {
  test(`a poll that is answered ${status} waits as long as Retry-After says`, SMOKE, async ({ app }) => {
    const seconds = 3;
    let answers = 0;
    const server = await serveLive({
      onPoll(response) {
        if (answers++ === 0) response.writeHead(status, { ...CORS, "Retry-After": String(seconds) }).end();
        else response.writeHead(200, { ...CORS, "Content-Type": NDJSON }).end(textOf(0));
      },
    });
    const page = await app.open(QUIET);
    await page.configure(settingsOf("poll", server.url("poll")));
    const { error } = await untilSource(page, "it waits", ({ state }) => state === "waiting");
    expect(error).toContain(String(status));
    await untilRows(page, 1);
    const [first, second] = server.requests;
    expect(second.at - first.at, "milliseconds between the two").toBeGreaterThanOrEqual(seconds * 1000 - 50);
    await server.close();
  });
}

test("Retry-After may be a date, and one that is far off is shown and not waited for for ever", SMOKE, async ({ app }) => {
  // Dates of HTTP have whole seconds.
  const dates = [() => new Date(Date.now() + 4000), () => new Date(Date.UTC(2999, 0, 1))];
  let answers = 0;
  const server = await serveLive({
    onPoll: (response) => response.writeHead(503, { ...CORS, "Retry-After": dates[Math.min(answers++, 1)]().toUTCString() }).end(),
  });
  const page = await app.open(QUIET);
  await page.configure(settingsOf("poll", server.url("poll")));
  await until("it has asked twice", () => answers === 2, { timeoutMillis: 20_000 });
  const [first, second] = server.requests;
  expect(second.at - first.at).toBeGreaterThanOrEqual(2900);
  const { next_try } = await untilSource(page, "it waits", ({ state, next_try }) => state === "waiting" && next_try !== null);
  expect(Date.parse(next_try) - Date.now(), "milliseconds until it asks again").toBeLessThanOrEqual(25 * 3_600_000);
  // A change of the settings does not wait.
  await page.configure({ poll_interval: "200ms" });
  await until("it asks at once", () => answers === 3);
  await server.close();
});
