// What is shown to a server stays in memory: a search of addresses, storage, journal, exports, reports and answers finds none of
// it, whatever becomes of the connection.
import { CHROMIUM, SMOKE, addressOf, expect, test } from "./nats_fixtures.mjs";
import { copied } from "./pages/clipboard.mjs";
import { LivePanel } from "./pages/live_panel.mjs";
import { HARMABLE, harm, watchWorkers } from "./support/harm.mjs";
import { CORS, serveLive, sseOf } from "./support/live_server.mjs";
import { NEWEST } from "./support/nats_server.mjs";
import { textOf } from "./support/numbered.mjs";
import { makeOperator } from "./support/operator.mjs";
import { makeStream, publish } from "./support/publisher.mjs";
import { answersOf, formsOf, placesWith, storedBy } from "./support/secrets.mjs";
import { untilRows, untilSource } from "./support/source.mjs";

const QUICK = { batch_size: 10, batch_wait: "100ms" };
const TOKEN = 'tok/en+with "quotes" & 7%=é';
const USER = "operator-Ludwig";
const PASSWORD = "p@ss:wörd/?#&+ 99";
const quoted = (text) => JSON.stringify(text);

/** Each kind: lines of the server's configuration, what is put, how the test itself connects, and what is secret. */
const KINDS = {
  "a token": async () => ({ config: `authorization { token: ${quoted(TOKEN)} }`, put: { token: TOKEN }, own: { token: TOKEN }, secrets: [TOKEN] }),
  "a user and a password": async () => ({
    config: `authorization { user: ${quoted(USER)}, password: ${quoted(PASSWORD)} }`,
    put: { user: USER, password: PASSWORD },
    own: { user: USER, pass: PASSWORD },
    secrets: [USER, PASSWORD],
  }),
  "a .creds file": async () => {
    const { config, creds, secrets } = await makeOperator();
    const { credsAuthenticator } = await import("@nats-io/transport-node");
    return { config, put: { creds }, own: { authenticator: credsAuthenticator(new TextEncoder().encode(creds)) }, secrets };
  },
};

const put = (page, credentials) => page.send("PUT", "credentials", JSON.stringify(credentials));

/** Expects that no place has a secret: answers, what the origin stores, what the page shows. */
async function expectHidden(app, page, secrets, more = {}) {
  const places = { ...(await answersOf(page)), ...(await storedBy(app, page)), ...more };
  expect(Object.keys(places).length, "places that were searched").toBeGreaterThan(20);
  expect(placesWith(secrets, places), "places that hold a secret").toEqual([]);
}

test("the search finds what it looks for", async ({ app }) => {
  const page = await app.open("?source=none&clock=utc&batch_size=1");
  // The page writes its address once it knows the settings in force, and not again.
  await page.waitUntilLive();
  const secret = 'find "me" 77&é';
  await page.page.evaluate((secret) => localStorage.setItem("kept", btoa(unescape(encodeURIComponent(`before ${secret} after`)))), secret);
  await page.post([{ id: secret, value: 1, timestamp: "2026-01-01T00:00:00Z" }]);
  const answers = await answersOf(page);
  await page.page.evaluate((secret) => history.replaceState(null, "", `?batch_size=1&kept=${encodeURIComponent(secret)}`), secret);
  const found = placesWith([secret], { ...answers, ...(await storedBy(app, page)) });
  expect(found).toEqual(expect.arrayContaining(["GET latest", "local storage", "the address", "the stream"]));
  expect(found.some((place) => place.startsWith("the file millrace/")), "the journal has it").toBe(true);
  expect(formsOf(secret).length).toBeGreaterThan(8);
});

test.describe(() => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"], hostOptions: { before: { "pipeline_worker.js": HARMABLE } } });

  for (const [name, make] of Object.entries(KINDS)) {
    test(`${name} lets the pipeline in, and is nowhere else`, CHROMIUM, async ({ app, context, startNats }) => {
      test.setTimeout(120_000);
      await watchWorkers(context);
      const { config, put: given, own, secrets } = await make();
      const nats = await startNats(NEWEST, { origins: [new URL(app.host.base).origin], more: config });
      const connection = await nats.connect(own);
      await makeStream(connection, "flow");
      await publish(connection, "flow", 0, 30);
      const page = await app.open(addressOf(nats, QUICK));
      const { error } = await untilSource(page, "the server refuses", ({ error }) => /credentials/.test(error ?? ""));
      expect(error).toMatch(/page.*PUT \/credentials/);

      const answer = await put(page, given);
      expect([answer.status, answer.text]).toEqual([204, ""]);
      await untilRows(page, 30);
      await expectHidden(app, page, secrets);

      // Exports as a person makes them.
      await page.show("storage");
      const exports = {};
      for (const form of ["NDJSON", "Arrow", "CSV", "CSV for spreadsheets"]) {
        const [download] = await Promise.all([page.page.waitForEvent("download"), page.page.getByRole("button", { name: `Export ${form}`, exact: true }).click()]);
        exports[`the export ${form}`] = Buffer.concat(await (await download.createReadStream()).toArray());
      }
      // And the report of a failure.
      await harm(page, "throw");
      const notice = page.page.getByRole("status").filter({ hasText: "The pipeline was restarted." });
      exports["the report"] = await copied(page.page, () => notice.getByRole("button", { name: "Copy report" }).click());
      await page.waitUntilLive();
      await expectHidden(app, page, secrets, exports);
    });
  }
});

test("wrong credentials are refused in a sentence that repeats nothing, at a pace that does no harm, and right ones mend it", SMOKE, async ({ app, startNats }) => {
  const wrong = "not-the-Token-55";
  const nats = await startNats(NEWEST, { origins: [new URL(app.host.base).origin], more: `authorization { token: ${quoted(TOKEN)} }` });
  const connection = await nats.connect({ token: TOKEN });
  await makeStream(connection, "flow");
  await publish(connection, "flow", 0, 10);
  const page = await app.open(addressOf(nats, QUICK));
  expect((await put(page, { token: wrong })).status).toBe(204);
  const { error, retries } = await untilSource(page, "the server refuses them", ({ error }) => /refuses the credentials/.test(error ?? ""));
  expect(error).not.toContain(wrong);
  await expectHidden(app, page, [wrong]);
  expect((await page.get("source")).retries - retries, "attempts with the same credentials").toBeLessThan(8);
  expect((await put(page, { token: TOKEN })).status).toBe(204);
  await untilRows(page, 10);
  expect((await page.get("source")).error).toBeNull();

  // Taken back: the connection that they opened is not used any more.
  expect((await put(page, {})).status).toBe(204);
  await untilSource(page, "the server wants credentials", ({ error }) => /credentials/.test(error ?? ""));
});

test("a body that cannot be read is refused without repeating it, and nothing reads credentials back", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none");
  const secret = "s3cret-Value";
  const bodies = [
    `{"token":"${secret}","user":"${secret}"}`, `{"password":"${secret}"}`, `{"user":"${secret}"}`, `{"user":"${secret}","password":7}`,
    `{"token":["${secret}"]}`, `{"token":"${secret}\\n"}`, `{"key":"${secret}"}`, `{"${secret}":1}`, `{"creds":"${secret}"}`, `"${secret}"`, `{"token":"${secret}"`,
    `{"token":"${secret.repeat(2000)}"}`, `{"token":"${secret}","token":"${secret}"}`, secret, "[]", "null", "",
  ];
  for (const body of bodies) {
    const answer = await page.send("PUT", "credentials", body);
    expect([422, 413], `${body.slice(0, 80)}: ${answer.text.slice(0, 200)}`).toContain(answer.status);
    expect(answer.text).not.toContain("s3cret");
    if (answer.status === 422) expect(answer.json().detail[0]).toMatchObject({ type: expect.any(String), loc: expect.any(Array), msg: expect.any(String) });
  }
  const typed = await page.send("PUT", "credentials", `token=${secret}`, "application/x-www-form-urlencoded");
  expect([typed.status, typed.text.includes("s3cret")]).toEqual([415, false]);
  for (const method of ["GET", "POST", "DELETE", "PATCH"]) {
    const answer = await page.fetch("credentials", { method });
    expect([method, answer.status]).toEqual([method, 405]);
    expect(answer.headers.allow).toMatch(/PUT/);
  }
  expect(await page.get("config"), "it is no setting").not.toHaveProperty("credentials");
});

test("HTTP servers see them in a header, a WebSocket in its address, and nobody else does", SMOKE, async ({ app }) => {
  test.setTimeout(90_000);
  const addresses = [];
  const server = await serveLive({
    onSocket(socket, request) {
      addresses.push(request.url);
      socket.send(textOf(0));
    },
    onStream: (response) => response.write(sseOf(textOf(1), 1)),
    onPoll: (response) => response.writeHead(200, { ...CORS, ETag: '"2"', "Content-Type": "application/x-ndjson" }).end(textOf(2)),
  });
  const page = await app.open("?source=none&clock=utc&batch_size=1");
  // Headers of HTTP have no letters beyond ASCII.
  const token = TOKEN.replace("é", "");
  expect((await put(page, { token })).status).toBe(204);
  // Credentials that change open a source anew, so that rows may come from the one before.
  const header = async (kind) => {
    await expect.poll(() => server.requests.some((request) => request.kind === kind), kind).toBe(true);
    return server.requests.findLast((request) => request.kind === kind).headers.authorization;
  };
  await page.configure({ source: "sse", source_url: server.url("sse") });
  await untilRows(page, 1);
  expect(await header("sse")).toBe(`Bearer ${token}`);
  await page.configure({ source: "websocket", source_url: `${server.url("websocket")}?key={token}` });
  await untilRows(page, 2);
  expect(new URL(addresses[0], "ws://host").searchParams.get("key")).toBe(token);
  expect((await page.get("config")).source_url).toMatch(/\{token\}$/);
  await expectHidden(app, page, [token]);

  expect((await put(page, { user: USER, password: PASSWORD })).status).toBe(204);
  await page.configure({ source: "poll", source_url: server.url("poll") });
  await untilRows(page, 3);
  expect(await header("poll")).toBe(`Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`);
  await expectHidden(app, page, [token, USER, PASSWORD]);
  await server.close();
});

test("a server that sends the source elsewhere does not hand them on", async ({ app }) => {
  const other = await serveLive({ onStream: (response) => response.write(sseOf(textOf(0), 0)) });
  const onStream = (response) => response.writeHead(307, { ...CORS, Location: other.url("sse") }).end();
  onStream.isRaw = true;
  const server = await serveLive({ onStream });
  const page = await app.open("?source=none&clock=utc&batch_size=1");
  expect((await put(page, { token: "only-for-the-First" })).status).toBe(204);
  await page.configure({ source: "sse", source_url: server.url("sse") });
  // Whether it is followed or refused: the browser decides, or the source.
  await untilSource(page, "the redirect is followed, or refused", ({ state, error }) => state === "open" || error !== null);
  expect(server.requests[0].headers.authorization).toBe("Bearer only-for-the-First");
  for (const { headers } of other.requests) expect(headers.authorization).toBeUndefined();
  await other.close();
  await server.close();
});

test("a WebSocket that fails does not name the token of its address", SMOKE, async ({ app }) => {
  const token = "within-the-Address-3";
  const server = await serveLive({ onSocket: (socket) => socket.close(1008, "no") });
  const page = await app.open("?source=none&clock=utc&batch_size=1");
  expect((await put(page, { token })).status).toBe(204);
  const errors = [];
  // One that says no, one that nothing listens at, and one that the browser refuses.
  for (const host of [`127.0.0.1:${server.port}`, "closed", "127.0.0.1:1"]) {
    if (host === "closed") await server.close();
    const source_url = `ws://${host === "closed" ? `127.0.0.1:${server.port}` : host}/websocket?key={token}&from=${errors.length}`;
    await page.configure({ source: "websocket", source_url });
    const { error } = await untilSource(page, "it says what is wrong", ({ error }) => error?.includes(`from=${errors.length}`));
    errors.push(error);
  }
  expect(placesWith([token], { errors: errors.join("\n") })).toEqual([]);
  await page.show("data");
  // The browser's own console names addresses, whatever the page does.
  app.errors.length = 0;
  await expectHidden(app, page, [token]);
});

test("they end with the tab and its worker: another visit has none", SMOKE, async ({ app, startNats }) => {
  const nats = await startNats(NEWEST, { origins: [new URL(app.host.base).origin], more: `authorization { token: ${quoted(TOKEN)} }` });
  const connection = await nats.connect({ token: TOKEN });
  await makeStream(connection, "flow");
  await publish(connection, "flow", 0, 10);
  const page = await app.open(addressOf(nats, QUICK));
  expect((await put(page, { token: TOKEN })).status).toBe(204);
  await untilRows(page, 10);
  await page.page.reload();
  await page.waitUntilLive();
  await publish(connection, "flow", 10, 20);
  await untilSource(page, "the server wants credentials", ({ error }) => /credentials/.test(error ?? ""));
  await expectHidden(app, page, [TOKEN]);
  expect((await put(page, { token: TOKEN })).status).toBe(204);
  await untilRows(page, 20);
});

test("given on the page they outlive the worker, and go to the next owner with the tab that gave them", SMOKE, async ({ app, startNats }) => {
  test.setTimeout(120_000);
  const origins = [new URL(app.host.base).origin];
  const nats = await startNats(NEWEST, { origins, more: `authorization { user: ${quoted(USER)}, password: ${quoted(PASSWORD)} }` });
  const connection = await nats.connect({ user: USER, pass: PASSWORD });
  await makeStream(connection, "flow");
  await publish(connection, "flow", 0, 10);
  const address = addressOf(nats, QUICK);
  const owner = await app.open(address);
  const giver = await app.open(address);
  await giver.waitForText("connection", /another tab/);
  const live = new LivePanel(giver.page);
  await live.show();
  await live.fillCredentials({ user: USER, password: PASSWORD });
  expect(await live.secret.getAttribute("type"), "what is typed is hidden").toBe("password");
  await live.button("Start without a preview").click();
  await untilRows(giver, 10);
  await expect(live.secret, "the field is empty again").toHaveValue("");
  await expectHidden(app, giver, [USER, PASSWORD]);
  await expectHidden(app, owner, [USER, PASSWORD]);

  await owner.close();
  await giver.waitForText("connection", /this tab/, { timeoutMillis: 20_000 });
  await giver.waitUntilLive();
  await publish(connection, "flow", 10, 20);
  await untilRows(giver, 20);
  await expectHidden(app, giver, [USER, PASSWORD]);

  // A tab that was given none cannot go on with them once the giver is gone.
  const next = await app.open(address);
  await next.waitForText("connection", /another tab/);
  await giver.close();
  await next.waitForText("connection", /this tab/, { timeoutMillis: 20_000 });
  await next.waitUntilLive();
  await untilSource(next, "the server wants credentials", ({ error }) => /credentials/.test(error ?? ""));
  await expectHidden(app, next, [USER, PASSWORD]);
});
