// A link is passed on: whoever opens it sees the same run and the same view.
import assert from "node:assert/strict";
import { App, appTest } from "./app.mjs";
import { launch } from "./browser.mjs";
import { ChartPanel } from "./pages/chart_panel.mjs";
import { SettingsPanel } from "./pages/settings_panel.mjs";
import { until } from "./until.mjs";

const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };
const SEEN = "#from=2025-06-01T12:00:00Z&until=2025-06-01T13:00:00Z&ids=pump-1,pump-2&request=GET%20query?limit=5";

/** What a button of the page puts into the clipboard. */
async function copied(page, name) {
  await page.page.evaluate(() => navigator.clipboard.writeText(""));
  await page.page.getByRole("button", { name, exact: true }).click();
  return until(`"${name}" copies`, () => page.page.evaluate(() => navigator.clipboard.readText()));
}

/** The first ids and values of the run. */
async function rows(page) {
  await page.waitForCount("history", (count) => count >= 20);
  const { latest } = await page.get("query?start=1970-01-01&limit=20");
  return latest.map(({ id, value }) => ({ id, value }));
}

/** The chart in words: what it shows, and over which time. */
function chartText(page) {
  return page.page.getByTestId("chart").getAttribute("aria-label");
}

/** Does something in another browser, which knows nothing of this one. */
async function elsewhere(app, act) {
  const browser = await launch();
  try {
    const other = new App(app.host, await browser.newContext({ timezoneId: "Asia/Tokyo" }));
    await act(other);
    assert.deepEqual(other.errors, []);
  } finally {
    await browser.close();
  }
}

appTest("a link with a seed shows the same ids, values and view on another machine", { browser: CLIPBOARD }, async (app) => {
  const page = await app.open("?interval=20ms&seed=42&distinct_ids=3#span=15min&ids=pump-1");
  await page.console.choose("GET /query");
  await page.console.field("limit").fill("5");
  await page.console.field("start").fill("1970-01-01");
  await page.console.field("end").fill("");
  await page.page.getByText("Repeatable: seed 42").waitFor();
  const once = await rows(page);
  await until("the address follows", () => page.page.evaluate(() => location.hash.includes("request=")));
  const link = await copied(page, "Copy link to this view");
  await page.page.getByText("Copied, with the same ids and values").waitFor();
  assert.equal(link, await page.page.evaluate(() => location.href));
  assert.match(link, /#span=15min&ids=pump-1&request=GET%20query/);
  const shown = await chartText(page);

  await elsewhere(app, async (other) => {
    const there = await other.open(link.slice(app.host.base.length));
    assert.deepEqual(await rows(there), once);
    await until("the console asks the same", async () => (await there.console.field("limit").inputValue()) === "5");
    assert.equal(await there.console.field("Endpoint").evaluate((list) => list.selectedOptions[0].label), "GET /query");
    assert.equal(await there.console.field("start").inputValue(), "1970-01-01");
    assert.equal(await there.page.evaluate(() => location.href), link);
    assert.equal(await chartText(there), shown);
  });
});

appTest("a run without a seed gets one, so that its link repeats it", { browser: CLIPBOARD }, async (app) => {
  const page = await app.open("?interval=20ms&distinct_ids=3");
  const link = await copied(page, "Copy repeatable link");
  const [, seed] = /[?&]seed=(\d+)/.exec(link);
  await until("the seed is in force", async () => String((await page.get("config")).seed) === seed);
  assert.equal(await page.page.getByRole("button", { name: "Copy repeatable link" }).isVisible(), false);
  await page.reset();

  let once;
  await elsewhere(app, async (other) => (once = await rows(await other.open(link.slice(app.host.base.length)))));
  await elsewhere(app, async (other) => assert.deepEqual(await rows(await other.open(link.slice(app.host.base.length))), once));
});

appTest("the range of the address fills start and end of the console, and Send asks for it", {}, async (app) => {
  const page = await app.open("?source=none&batch_size=2" + SEEN.replace(/&request.*/, ""));
  await page.post(["2025-06-01T11:59:00Z", "2025-06-01T12:30:00Z"].map((timestamp, value) => ({ timestamp, id: "pump-1", value })));
  await page.console.choose("GET /query");
  assert.equal(await page.console.field("start").inputValue(), "2025-06-01T12:00:00Z");
  assert.equal(await page.console.field("end").inputValue(), "2025-06-01T13:00:00Z");
  const answer = await page.console.send("GET /query", {}, { keep: true });
  assert.deepEqual([answer.status, JSON.parse(answer.text).latest.length], [200, 1]);

  await page.page.evaluate(() => (location.hash = "#from=2025-06-01T11:00:00Z&until=2025-06-01T12:00:00Z"));
  await until("another range is filled in", async () => (await page.console.field("end").inputValue()) === "2025-06-01T12:00:00Z");
  await page.console.field("start").fill("2025-01-01");
  await page.page.evaluate(() => (location.hash = "#from=2025-06-01T10:00:00Z&until=2025-06-01T11:30:00Z"));
  await until("what nobody typed follows", async () => (await page.console.field("end").inputValue()) === "2025-06-01T11:30:00Z");
  assert.equal(await page.console.field("start").inputValue(), "2025-01-01", "what somebody typed stays");
});

appTest("who zooms the chart asks for what is left in it", {}, async (app) => {
  const page = await app.open("?source=none&clock=utc#span=all");
  await page.post(Array.from({ length: 60 }, (_, minute) => ({ timestamp: new Date(Date.UTC(2025, 5, 1, 12, minute)).toISOString(), id: "pump-1", value: minute })));
  await page.console.choose("GET /query");
  const chart = new ChartPanel(page.page);
  await chart.ready();
  await chart.drag(0.25, 0.75);

  await until("the address holds the range", () => page.page.evaluate(() => /#from=.*&until=/.test(location.hash)));
  const { status, text } = await page.console.send("GET /query", {}, { keep: true });
  const { latest } = JSON.parse(text);
  assert.equal(status, 200);
  assert.ok(latest.length > 20 && latest.length < 40, `${latest.length} rows`);
});

appTest("an address that is not understood tells so, and the rest of it holds", {}, async (app) => {
  const page = await app.open("?source=none#console&span=soon&colour=red&request=GET%20nowhere&ids=pump-1");
  await page.waitForText("problems", /"GET nowhere"/);
  const problems = await page.text("problems");
  assert.match(problems, /span "soon"/);
  assert.match(problems, /"colour=red"/);
  await until("the address keeps what holds", () => page.page.evaluate(() => location.hash === "#console&ids=pump-1"));
  assert.equal(await page.page.evaluate(() => document.activeElement.id), "console");
});

appTest("a link within the page leaves the view alone", {}, async (app) => {
  const page = await app.open("?source=none" + SEEN);
  await page.page.evaluate(() => (location.hash = "#storage"));
  await until("both stand in the address", () => page.page.evaluate((seen) => location.hash === `#storage&${seen}`, SEEN.slice(1)));
});

appTest("a key is in no address and no link, and outlives a reload", { browser: CLIPBOARD }, async (app) => {
  const page = await app.open("?source=none");
  const settings = new SettingsPanel(page.page);
  await settings.openMore();
  await settings.change("api_key", "s3cret");
  await until("a key is needed", async () => (await page.fetch("latest")).status === 401);
  await settings.step(/^Undo: api_key unset → a key$/);
  assert.doesNotMatch(await copied(page, "Copy link to this view"), /s3cret|api_key/);
  assert.doesNotMatch(page.page.url(), /s3cret|api_key/);

  await page.page.reload();
  await until("it is needed still", async () => (await page.fetch("latest")).status === 401, { timeoutMillis: 20_000 });
  await until("the page knows it", async () => (await settings.field("api_key").inputValue()) === "s3cret");
  assert.doesNotMatch(page.page.url(), /s3cret|api_key/);
});
