// Live sources that fail: each has a state with a sentence that says what to do, tries again at a pace that does no harm, and
// nothing is taken by halves.
import { createServer } from "node:net";
import { SMOKE, expect, test } from "./fixtures.mjs";
import { metric } from "./support/ledger.mjs";
import { CORS, serveLive, sseOf } from "./support/live_server.mjs";
import { linesOf, textOf } from "./support/numbered.mjs";
import { untilOpen, untilRows, untilSource } from "./support/source.mjs";
import { until } from "./support/until.mjs";

const QUIET = "?source=none&clock=utc&batch_size=1";
const KINDS = ["websocket", "sse", "poll"];
const scheme = (kind) => (kind === "websocket" ? "ws" : "http");
/** A port that browsers refuse to speak to, whatever listens there. */
const REFUSED = "127.0.0.1:1";
/** A sentence: what is wrong, and behind it what to do. */
const SENTENCE = /\w[^;:,]*[;:,] .*\w/;
/** While so many seconds pass, more attempts would be a storm. */
const SECONDS = 6;
const MAX_ATTEMPTS = 8;
/** So often a browser repeats a request by itself whose connection was reset: Firefox's `network.http.request.max-attempts`. */
const MAX_CONNECTIONS = 10;

const settingsOf = (kind, url) => ({ source: kind, source_url: url, ...(kind === "poll" && { poll_interval: "100ms" }) });

/** Waits until the source has failed to connect and waits for the next attempt. */
const untilWaiting = (page, options) => untilSource(page, "the source waits", ({ state, error }) => state === "waiting" && error !== null, options);

for (const kind of KINDS) {
  test(`a ${kind} source whose server is not there says so, and goes on once it is`, SMOKE, async ({ app }) => {
    test.setTimeout(120_000);
    const page = await app.open(QUIET);
    const handlers = {
      onSocket: (socket) => socket.send(textOf(0)),
      onStream: (response) => response.write(sseOf(textOf(0), 0)),
      onPoll: (response) => response.writeHead(200, { ...CORS, ETag: '"0"', "Content-Type": "application/x-ndjson" }).end(textOf(0)),
    };
    const server = await serveLive(handlers);
    await server.close();
    await page.configure(settingsOf(kind, server.url(kind)));
    const failed = await untilWaiting(page);
    expect(failed.error).toMatch(SENTENCE);
    expect(failed.error, "the sentence names the address").toContain(String(server.port));
    await untilSource(page, "it tries again", ({ retries }) => retries >= 2);
    await server.start();
    const { error } = await untilOpen(page, { timeoutMillis: 60_000 });
    expect(error, "all is well again").toBeNull();
    await untilRows(page, 1);
    await server.close();
  });

  test(`a ${kind} source that is refused at once makes no storm`, SMOKE, async ({ app, figure }) => {
    test.setTimeout(60_000);
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.on("error", () => {}).resetAndDestroy();
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const page = await app.open(QUIET);
    await page.configure(settingsOf(kind, `${scheme(kind)}://127.0.0.1:${server.address().port}/`));
    const before = { connections, retries: (await untilWaiting(page)).retries };
    const started = Date.now();
    // The pace is what is tested: the clock has to move.
    await until(`${SECONDS} s have passed`, () => Date.now() - started > SECONDS * 1000, { timeoutMillis: 30_000 });
    const { retries } = await untilWaiting(page);
    const attempts = retries - before.retries;
    figure(`attempts of a ${kind} source in ${SECONDS} s`, attempts);
    figure("connections of them", connections - before.connections);
    expect(attempts, "it goes on trying").toBeGreaterThan(0);
    expect(attempts).toBeLessThanOrEqual(MAX_ATTEMPTS);
    expect(connections - before.connections).toBeLessThanOrEqual(MAX_CONNECTIONS * (attempts + 1));
    await new Promise((resolve) => server.close(resolve));
  });
}

const ANSWERS = {
  "404": { says: /404/, answer: (response) => response.writeHead(404, CORS).end() },
  "500": { says: /500/, answer: (response) => response.writeHead(500, CORS).end("boom") },
  "401": { says: /401/, answer: (response) => response.writeHead(401, { ...CORS, "WWW-Authenticate": "Bearer" }).end() },
  "no leave for other origins": { says: /Access-Control-Allow-Origin|CORS|origin/i, answer: (response) => response.writeHead(200, { "Content-Type": "text/plain" }).end(textOf(0)) },
};

for (const kind of ["sse", "poll"]) {
  for (const [name, { says, answer }] of Object.entries(ANSWERS)) {
    test(`a ${kind} source that is answered with ${name} says so`, async ({ app }) => {
      const handler = (response) => answer(response);
      handler.isRaw = true;
      const server = await serveLive({ onStream: handler, onPoll: handler });
      const page = await app.open(QUIET);
      await page.configure(settingsOf(kind, server.url(kind)));
      const { error } = await untilSource(page, "the source says what is wrong", ({ error }) => error !== null);
      expect(error).toMatch(says);
      expect(error).toMatch(SENTENCE);
      expect(await page.get("latest"), "nothing was taken").toEqual({});
      await server.close();
    });
  }
}

test("a page of HTML is no event stream, and the sentence says what came instead", async ({ app }) => {
  const onStream = (response) => response.writeHead(200, { ...CORS, "Content-Type": "text/html" }).end(`<html>${sseOf(textOf(0), 0)}`);
  onStream.isRaw = true;
  const server = await serveLive({ onStream });
  const page = await app.open(QUIET);
  await page.configure(settingsOf("sse", server.url("sse")));
  const { error } = await untilSource(page, "the source says what is wrong", ({ error }) => error !== null);
  expect(error).toMatch(/text\/html/);
  expect(error).toMatch(/text\/event-stream/);
  expect(await page.get("latest")).toEqual({});
  await server.close();
});

test("an answer of a poll that breaks off is taken once, when it comes whole", SMOKE, async ({ app }) => {
  let answers = 0;
  const text = `${linesOf(0, 50)}\n`;
  const server = await serveLive({
    onPoll(response) {
      const head = { ...CORS, ETag: '"1"', "Content-Type": "application/x-ndjson", "Content-Length": Buffer.byteLength(text) };
      if (answers++ > 1) return response.writeHead(200, head).end(text);
      response.writeHead(200, head).write(text.slice(0, text.length / 2));
      // Once the half of it is on its way.
      return setTimeout(() => response.destroy(), 100);
    },
  });
  const page = await app.open(QUIET);
  await page.configure(settingsOf("poll", server.url("poll")));
  await untilRows(page, 50);
  await until("it is asked again", () => answers > 4);
  expect(await metric(page, "millrace_history_rows"), "each row once").toBe(50);
  await server.close();
});

test("addresses that cannot be read are refused by name, with the mend", SMOKE, async ({ app }) => {
  const page = await app.open(QUIET);
  const refused = {
    "127.0.0.1:9222": /does not begin with ws:\/\//,
    "ftp://127.0.0.1/": /does not begin with ws:\/\//,
    "javascript:alert(1)": /does not begin with/,
    "ws://": /host/,
    "ws://127.0.0.1:99999/": /port/,
    [`ws://127.0.0.1/${"a".repeat(3000)}`]: /characters/,
    "ws://user:s3cret@127.0.0.1/": /credentials/,
  };
  for (const [source_url, says] of Object.entries(refused)) {
    const answer = await page.send("PATCH", "config", JSON.stringify({ source: "websocket", source_url }));
    expect(answer.status, source_url).toBe(422);
    expect(answer.text).toMatch(says);
    expect(answer.text, "a password is not repeated").not.toContain("s3cret");
    expect(answer.text.length, "what is named is cut").toBeLessThan(2000);
  }
  for (const [source, source_url] of [["websocket", "http://127.0.0.1/"], ["nats", "https://127.0.0.1/"], ["sse", "ws://127.0.0.1/"], ["poll", "wss://127.0.0.1/"]]) {
    const answer = await page.send("PATCH", "config", JSON.stringify({ source, source_url }));
    expect(answer.status, `${source} at ${source_url}`).toBe(422);
  }
  expect(await page.get("config"), "nothing was changed").toMatchObject({ source: "none", source_url: null });
});

test("a source without an address says what is missing", SMOKE, async ({ app }) => {
  const page = await app.open(QUIET);
  for (const kind of [...KINDS, "nats"]) {
    await page.configure({ source: kind });
    const { error } = await untilSource(page, `${kind} says what is missing`, ({ source, error }) => source === kind && error !== null);
    expect(error).toMatch(/source_url/);
  }
});

test("a server that says goodbye with a reason has it shown, cut and as text", async ({ app }) => {
  const reason = `<b>maintenance</b> ${"until noon ".repeat(9)}`.slice(0, 120);
  const server = await serveLive({ onSocket: (socket) => socket.close(4001, reason) });
  const page = await app.open(QUIET);
  await page.configure(settingsOf("websocket", server.url("websocket")));
  const { error } = await untilWaiting(page);
  expect(error).toContain("4001");
  expect(error).toContain("<b>maintenance</b>");
  await page.show("data");
  await expect(page.page.locator("#view-data"), "as text, not as markup").toContainText("<b>maintenance</b>");
  await server.close();
});

test("a server that takes a connection and never answers is given up", async ({ app }) => {
  test.setTimeout(150_000);
  const held = new Set();
  const server = createServer((socket) => held.add(socket.on("error", () => {})));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const page = await app.open(QUIET);
  // An event stream may be silent for longer: some servers send its head with the first event.
  for (const kind of ["websocket", "poll"]) {
    await page.configure(settingsOf(kind, `${scheme(kind)}://127.0.0.1:${server.address().port}/`));
    const { error } = await untilWaiting(page, { timeoutMillis: 45_000 });
    expect(error, kind).toMatch(SENTENCE);
  }
  for (const socket of held) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test("an address that the browser itself refuses is named in the sentence, on the page too", SMOKE, async ({ app }) => {
  const page = await app.open(QUIET);
  for (const kind of KINDS) {
    await page.configure(settingsOf(kind, `${scheme(kind)}://${REFUSED}/`));
    const { error } = await untilSource(page, `${kind} says what is wrong`, ({ source, error }) => source === kind && error !== null);
    expect(error).toContain(REFUSED);
    await page.show("data");
    await expect(page.page.locator("#view-data")).toContainText(error.slice(0, 60));
  }
});
