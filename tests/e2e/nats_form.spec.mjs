// A JetStream source as a person starts it: tested, looked at, and started; what is missing or wrong is a sentence.
import { CHROMIUM, expect, test } from "./nats_fixtures.mjs";
import { FilesPanel } from "./pages/files_panel.mjs";
import { LivePanel } from "./pages/live_panel.mjs";
import { NEWEST } from "./support/nats_server.mjs";
import { makeStream, publish } from "./support/publisher.mjs";
import { untilRows } from "./support/source.mjs";

const QUIET = "?source=none&clock=utc&batch_size=10&batch_wait=100ms";
const TOTAL = 30;

test("a stream is tested, looked at and started, with credentials that stay in memory", CHROMIUM, async ({ app, startNats }) => {
  const token = "form-token-77";
  const nats = await startNats(NEWEST, { origins: [new URL(app.host.base).origin], more: `authorization { token: ${JSON.stringify(token)} }` });
  const connection = await nats.connect({ token });
  const manager = await makeStream(connection, "flow");
  await publish(connection, "flow", 0, TOTAL);
  const page = await app.open(QUIET);
  const [live, files] = [new LivePanel(page.page), new FilesPanel(page.page)];
  await live.show();
  await live.choose("nats");
  await live.fill({ source_url: nats.url });
  await live.test();
  await expect(live.outcome).toHaveText("Name the stream that is read.");
  await live.fill({ nats_stream: "flow" });
  await live.test();
  await expect(live.outcome).toContainText("credentials");
  await live.fillCredentials({ token });
  await live.fill({ nats_stream: "flaw" });
  await live.test();
  await expect(live.outcome).toContainText('"flaw"');

  await live.fill({ nats_stream: "flow", nats_start: "all" });
  await live.test();
  await expect(live.outcome).toContainText(`Connected; ${TOTAL} messages came`);
  await expect.poll(() => files.roles()).toEqual({ timestamp: "time", id: "id", value: "measure" });
  expect(await files.rows()).toHaveLength(20);
  await expect.poll(async () => (await manager.streams.info("flow")).state.consumer_count, "a test leaves no consumer behind").toBe(0);

  await files.preview.getByRole("button", { name: "Start this source", exact: true }).click();
  await untilRows(page, TOTAL);
  await expect(live.state).toHaveText(/: connected$/);
  await expect(live.figures).toContainText(`at ${TOTAL}`);
  expect(await page.get("source")).toMatchObject({ source: "nats", state: "open", error: null });
  await publish(connection, "flow", TOTAL, TOTAL + 10);
  await untilRows(page, TOTAL + 10);
});
