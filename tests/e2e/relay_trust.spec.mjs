// What the relay trusts: pages of the app alone, whatever else its origin holds.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { AppPage } from "./pages/app_page.mjs";
import { fetchIn } from "./pages/fetch_in.mjs";
import { DIST } from "./support/server.mjs";

const KEY = "mill-Pond_7";
const BLANK = "<!doctype html><title>blank</title>";
/** Answers a service worker's port as a pipeline would. */
const FAKE = `<!doctype html><title>fake</title><script>
  navigator.serviceWorker.onmessage = ({ ports: [port] }) => {
    document.title = "knocked at";
    port.onmessage = ({ data: { version, json } }) => {
      const { hello, request } = JSON.parse(json);
      const say = (message) => port.postMessage({ version, json: JSON.stringify(message), body: new TextEncoder().encode('{"latest":"forged"}').buffer });
      if (hello) say("welcome");
      if (request) say({ response: { id: request.id, status: 200, headers: [["content-type", "application/json"]], stream: null } });
    };
  };
</script>`;
const PAGES = { "/outside.html": BLANK, "/app/inside.html": BLANK, "/app/fake/index.html": FAKE, "/app/index.htm": FAKE };

test.use({ hostOptions: { path: "/app/", pages: PAGES } });

/** The protocol's version, as the service worker names it. */
const protocolVersion = () => Number(/\bVERSION\s*=\s*(\d+)/.exec(readFileSync(join(DIST, "sw.js"), "utf8"))[1]);

/** A text in a page's message, which is in postcard: its length goes before it. A message begins with the number of its variant. */
const text = (value) => [value.length, ...Buffer.from(value)];

/** A handshake and a request as a page of a build, or of none, sends them; a test of src/protocol/mod.rs knows these bytes. */
const messagesOf = (build) => [
  [0, ...(build === null ? [0] : [1, ...text(build)]), 0],
  [4, 7, ...text("GET"), ...text("config"), 0, 0, 0],
];
const [WELCOME, REFUSED] = [[1], [2]];
const settings = (query) => [9, ...text(query)];
/** The number of the request and the status, of which each byte holds seven bits. */
const OK = [5, 7, (200 & 0x7f) | 0x80, 200 >> 7];

/** In any page: has the service worker of the app attach a port, and sends messages of a page on it. */
async function attach({ base, version, messages }) {
  const heard = [];
  globalThis.heard = heard;
  const { active } = (await navigator.serviceWorker.getRegistrations()).find(({ scope }) => scope === base);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => void heard.push([...new Uint8Array(data.bytes)]);
  active.postMessage({ kind: "attach" }, [port2]);
  for (const message of messages) port1.postMessage({ version, bytes: new Uint8Array(message).buffer });
}

const heard = (page) => page.evaluate(() => globalThis.heard);

for (const [place, address] of [["outside of the base", "../outside.html"], ["below the base", "inside.html"]]) {
  test(`a page ${place} gets no port, and its messages count for nothing`, SMOKE, async ({ app }) => {
    const page = await app.open("?source=none");
    await page.configure({ api_key: KEY });
    const names = await page.page.evaluate(() => caches.keys());
    const stranger = await app.context.newPage();
    await stranger.goto(new URL(address, app.host.base).href);
    const messages = messagesOf(await page.build());
    await stranger.evaluate(attach, { base: app.host.base, version: protocolVersion(), messages });
    await stranger.evaluate(async (base) => {
      const { active } = (await navigator.serviceWorker.getRegistrations()).find(({ scope }) => scope === base);
      for (const message of [{ kind: "owner", at: Date.now() + 1e6 }, { kind: "restarted" }, { kind: "forget" }]) active.postMessage(message);
    }, app.host.base);

    // The service worker serves a page of the app that asks after all that.
    const second = await app.openPage();
    await expect(second.page.getByText("Another tab runs the pipeline.")).toBeVisible({ timeout: 20_000 });
    await expect.poll(async () => (await second.fetch("latest", { headers: { Authorization: `Bearer ${KEY}` } })).status).toBe(200);
    expect(await heard(stranger)).toEqual([]);
    expect(await page.page.evaluate(() => caches.keys()), "the caches are there").toEqual(names);
    expect(await page.page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).active.state)).toBe("activated");
  });
}

test("a port of a page has the rights of one after this build's handshake only", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none");
  const version = protocolVersion();
  for (const build of [null, "app-0123456789abcdef.js", ""]) {
    await page.page.evaluate(attach, { base: app.host.base, version, messages: messagesOf(build) });
    await expect.poll(() => heard(page.page), `as ${build}`).toEqual([REFUSED, REFUSED]);
  }
  await page.configure({ api_key: KEY });
  await page.page.evaluate(attach, { base: app.host.base, version, messages: messagesOf(await page.build()) });
  await expect.poll(async () => (await heard(page.page)).map((message, at) => (at === 2 ? message.slice(0, OK.length) : message))).toEqual([
    WELCOME,
    // Only such a page learns the key, to go on with it when its own worker takes over.
    settings(`source=none&api_key=${KEY}`),
    OK,
  ]);
});

test("a static page below the base is taken for no pipeline", CHROMIUM, async ({ app }) => {
  const page = await app.open("?source=none&batch_size=1");
  await page.post([{ id: "true", value: 1 }]);
  const fakes = [];
  for (const address of ["fake/index.html", "index.htm"]) {
    const fake = await app.context.newPage();
    await fake.goto(app.host.base + address);
    fakes.push(fake);
  }
  // A service worker that starts anew looks for the pipeline.
  await page.stopServiceWorker();
  for (let round = 0; round < 10; round++) expect((await page.get("latest")).latest).toMatchObject([{ id: "true" }]);
  await page.close();
  for (const fake of fakes) {
    await expect.poll(async () => (await fetchIn(fake, `${app.host.base}latest`)).status, "no pipeline is left").toBe(503);
    expect(await fake.title()).toBe("fake");
  }
});

/** What a worker may send in place of an answer. */
const NO_ANSWERS = {
  "no status": { headers: [] },
  "a status below 200": { status: 101, headers: [] },
  "a status above 599": { status: 600, headers: [] },
  "a status that is a text": { status: "200", headers: [] },
  "a status that is no whole number": { status: 200.5, headers: [] },
  "a status that would wrap around": { status: 65736, headers: [] },
  "no headers": { status: 200 },
  "headers that are no list": { status: 200, headers: { a: "b" } },
  "a header with a blank in its name": { status: 200, headers: [["a b", "c"]] },
  "a header with a line break in its value": { status: 200, headers: [["a", "b\nc: d"]] },
  "a header of three": { status: 200, headers: [["a", "b", "c"]] },
  "a stream that is no number": { status: 200, headers: [], stream: "1" },
};

test("what is no answer becomes a refusal, and no answer lacks nosniff", SMOKE, async ({ app }) => {
  // In place of the page's script, which would pass the port on to its worker.
  await app.context.addInitScript(() => {
    navigator.serviceWorker?.addEventListener("message", (event) => {
      event.stopImmediatePropagation();
      const [port] = event.ports;
      port.onmessage = ({ data: { version, json } }) => {
        const { hello, request } = JSON.parse(json);
        const say = (message) => port.postMessage({ version, json: JSON.stringify(message), body: new ArrayBuffer(0) });
        if (hello) say("welcome");
        if (request) say({ response: { id: request.id, stream: null, ...globalThis.reply } });
      };
    });
  });
  const page = await app.openPage("?source=none");
  await page.page.waitForFunction(() => navigator.serviceWorker.controller, null, { timeout: 20_000, polling: 50 });
  const answer = async (reply) => {
    await page.page.evaluate((reply) => void (globalThis.reply = reply), reply);
    return page.fetch("latest");
  };
  for (const [what, reply] of Object.entries(NO_ANSWERS)) {
    const { status, headers, json } = await answer(reply);
    expect([status, headers["content-type"], headers["x-content-type-options"]], what).toEqual([502, "application/json", "nosniff"]);
    expect(json().detail, what).toMatch(/is not HTTP/);
  }
  for (const given of [[], [["X-Content-Type-Options", "sniff"]]]) {
    const { status, headers } = await answer({ status: 200, headers: [["Content-Type", "text/html"], ...given] });
    expect([status, headers["x-content-type-options"]]).toEqual([200, "nosniff"]);
  }
});

test.describe(() => {
  test.use({ hostOptions: { path: "/a/", twin: "/b/" } });

  test("erasing everything under one path leaves the other's caches alone", SMOKE, async ({ app }) => {
    const page = await app.open("?source=none");
    const twin = new AppPage(await app.context.newPage(), new URL("../b/", app.host.base).href);
    await twin.open("?source=none&batch_size=1");
    await twin.waitUntilLive();
    await twin.post([{ id: "kept", value: 1 }]);
    const cachesBelow = (path) => twin.page.evaluate(async (path) => (await caches.keys()).filter((name) => name.startsWith(`millrace ${path} `)), path);
    await twin.page.evaluate(() => caches.open("millrace /a/ planted"));
    const kept = await cachesBelow("/b/");
    expect(kept).toHaveLength(1);

    await page.show("storage");
    const button = (name) => page.page.locator("#view-storage").getByRole("button", { name, exact: true });
    await button("Reset everything…").click();
    await Promise.all([page.page.waitForEvent("load"), button("Erase all").click()]);
    await expect.poll(() => cachesBelow("/a/"), "its own caches are gone").not.toContain("millrace /a/ planted");
    await page.waitUntilLive();
    expect(await cachesBelow("/b/")).toEqual(kept);
    expect((await twin.get("latest")).latest).toMatchObject([{ id: "kept" }]);
  });
});
