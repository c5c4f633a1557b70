// A live source as a person starts it: chosen, filled in, tested, its first messages looked at and corrected, started,
// watched while it fails, and stopped.
import { SMOKE, expect, test } from "./fixtures.mjs";
import { FilesPanel } from "./pages/files_panel.mjs";
import { LivePanel } from "./pages/live_panel.mjs";
import { CORS, serveLive, sseOf } from "./support/live_server.mjs";
import { untilRows } from "./support/source.mjs";

const QUIET = "?source=none&clock=utc&batch_size=10&batch_wait=100ms";
/** Messages as somebody else writes them: none of the names is ours. */
const messageOf = (number) => JSON.stringify({ at: `2026-01-01T00:00:${String(number % 60).padStart(2, "0")}Z`, pump: `p${number % 3}`, flow: number / 2, note: "ok" });
const MESSAGES = Array.from({ length: 20 }, (_, number) => messageOf(number));

/** Servers that send the messages to each reader. */
const SERVERS = {
  websocket: { onSocket: (socket) => MESSAGES.forEach((text) => socket.send(text)) },
  sse: { onStream: (response) => MESSAGES.forEach((text, id) => response.write(sseOf(text, id))) },
  poll: {
    onPoll: (response, { headers }) => {
      if (headers["if-none-match"] === '"1"') return response.writeHead(304, CORS).end();
      response.writeHead(200, { ...CORS, ETag: '"1"', "Content-Type": "application/x-ndjson" }).end(MESSAGES.join("\n"));
    },
  },
};

for (const [kind, handlers] of Object.entries(SERVERS)) {
  test(`a ${kind} source is tested, corrected and started without a word of the API`, SMOKE, async ({ app }) => {
    const server = await serveLive(handlers);
    const page = await app.open(QUIET);
    const [live, files] = [new LivePanel(page.page), new FilesPanel(page.page)];
    try {
      await live.show();
      await live.choose(kind);
      await live.fill({ source_url: server.url(kind) });
      await live.test();
      await expect(live.outcome).toContainText("Connected");
      expect(await page.get("source"), "a test takes nothing").toMatchObject({ source: "none" });

      await expect(files.standing).toHaveText(/A sample of \d+ messages?: .*Of its .*20 rows/);
      await expect.poll(() => files.roles()).toEqual({ at: "time", pump: "id", flow: "measure", note: "left out" });
      const [first] = await files.rows();
      expect(first.raw).toEqual(["2026-01-01T00:00:00Z", "p0", "0", "ok"]);
      expect(first.parsed).toEqual(["2026-01-01T00:00:00Z", "p0", "0.0"]);

      await files.preview.getByRole("button", { name: "Start this source", exact: true }).click();
      await untilRows(page, MESSAGES.length);
      const settings = { source: kind, source_url: server.url(kind), measures: "flow", timestamp_field: "at", id_field: "pump" };
      expect(await page.get("config")).toMatchObject(settings);
      await expect(live.state).toHaveText(/connected|asks again|waits/);

      await live.button("Stop this source").click();
      await expect(live.state).toBeHidden();
      expect(await page.get("config")).toMatchObject({ source: "none" });
      expect(app.errors).toEqual([]);
    } finally {
      await server.close();
    }
  });
}

test("a server that is gone is named with the time of the next attempt, and comes back by itself", SMOKE, async ({ app }) => {
  const server = await serveLive({ onSocket: (socket) => socket.send(messageOf(1)) });
  const page = await app.open(QUIET);
  const live = new LivePanel(page.page);
  try {
    await live.show();
    await live.choose("websocket");
    await live.fill({ source_url: server.url("websocket") });
    await page.configure({ measures: "flow", id_field: "pump", timestamp_field: "at" });
    await live.button("Start without a preview").click();
    await expect(live.state).toHaveText(/: connected$/);
    await server.kill();
    await expect(live.state).toHaveText(/: not connected; tries again at \d\d:\d\d:\d\d$/, { timeout: 20_000 });
    await expect(live.problem).not.toBeEmpty();
    await server.start();
    await expect(live.state).toHaveText(/: connected$/, { timeout: 40_000 });
    await expect(live.problem).toBeEmpty();
    await expect(live.figures).toContainText("1 gap");
  } finally {
    await server.close();
  }
});

test("what cannot work is said before or instead of a connection", SMOKE, async ({ app }) => {
  const page = await app.open(QUIET);
  const live = new LivePanel(page.page);
  const server = await serveLive({ onSocket: () => {} });
  try {
    await live.show();
    await live.choose("websocket");
    await live.test();
    await expect(live.outcome, "no address").toHaveText("Name the address of the server.");

    await live.fill({ source_url: "example.org" });
    await expect(live.refusal("source_url")).toContainText('"example.org"');
    await live.fill({ source_url: "http://127.0.0.1:9/" });
    await expect(live.refusal("source_url")).toContainText("ws://");

    await live.choose("poll");
    await live.fill({ source_url: "http://192.0.2.1/now.json" });
    await live.test();
    await expect(live.outcome, "the policy of the page").toContainText("connect-src");

    await live.fill({ source_url: server.url("poll") });
    await live.test();
    await expect(live.outcome, "nothing is at this address").toContainText("404");

    await live.choose("websocket");
    await live.fill({ source_url: `ws://127.0.0.1:${server.port}/websocket` });
    await live.test();
    await expect(live.outcome, "a server that is silent").toContainText("no message came");
    await server.kill();
    await live.test();
    await expect(live.outcome).toContainText(`127.0.0.1:${server.port}`);
    expect(await page.get("config"), "nothing was changed").toMatchObject({ source: "none", source_url: null });
  } finally {
    await server.close();
  }
});

test("credentials that are typed reach the server, and no field or setting afterwards", SMOKE, async ({ app }) => {
  const token = "t0ken with 7% & more";
  const onPoll = (response, { headers }) => {
    if (headers.authorization !== `Bearer ${token}`) return response.writeHead(401, CORS).end();
    SERVERS.poll.onPoll(response, { headers });
  };
  const server = await serveLive({ onPoll });
  const page = await app.open(QUIET);
  const [live, files] = [new LivePanel(page.page), new FilesPanel(page.page)];
  try {
    await live.show();
    await live.choose("poll");
    await live.fill({ source_url: server.url("poll") });
    await live.test();
    await expect(live.outcome).toContainText("credentials");
    await live.fillCredentials({ token });
    await live.test();
    await expect(live.outcome).toContainText("Connected");
    await files.preview.getByRole("button", { name: "Start this source", exact: true }).click();
    await untilRows(page, MESSAGES.length);
    const stored = await page.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]));
    expect(stored + JSON.stringify(await page.get("config"))).not.toContain(token);
  } finally {
    await server.close();
  }
});
