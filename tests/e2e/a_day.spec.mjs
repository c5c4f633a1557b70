// A person's day with the page, by keyboard alone: a first look, one id between two times, a consumer that is too slow, a
// link for somebody else. Nothing here clicks, and nothing knows where things stand but by their names.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { appTest } from "./app.mjs";
import { Keys } from "./pages/keys.mjs";
import { until } from "./until.mjs";

const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };
/** Each stop of a way through the page is a key. */
const MANY_KEYS = { timeoutMillis: 240_000 };

appTest("a first visit becomes a first insight, by keyboard alone; how soon is printed", MANY_KEYS, async (app) => {
  const opened = performance.now();
  const page = await app.openPage();
  const keys = new Keys(page.page);
  await keys.press("Enter", page.page.getByRole("button", { name: "1,000 sensors", exact: true }));
  await page.waitForText("chart-value", /\d/);
  await keys.press("ArrowLeft", page.page.getByTestId("chart"));
  await page.waitForText("chart-time", /\d\d:\d\d:\d\d/);
  console.log(`first insight after ${((performance.now() - opened) / 1000).toFixed(1)} s`);
});

appTest("one id's values between two times are found and saved by keyboard alone", MANY_KEYS, async (app) => {
  const page = await app.open("?source=none&clock=utc");
  const rows = Array.from({ length: 600 }, (_, second) => ({
    timestamp: new Date(Date.UTC(2025, 5, 1) + second * 1000).toISOString(),
    id: `pump-${second % 7}`,
    value: second / 4,
  }));
  await page.send("POST", "events", JSON.stringify(rows));
  const [keys, history] = [new Keys(page.page), page.page.locator("#history")];
  await keys.type("pump-3", history.getByLabel("Ids", { exact: true }));
  await keys.type("2025-06-01T00:01:00", history.getByLabel("From", { exact: true }));
  await keys.type("2025-06-01T00:02:00", history.getByLabel("To", { exact: true }));
  const wanted = await page.get("query?start=2025-06-01T00:01:00&end=2025-06-01T00:02:00&ids=pump-3&views=latest");
  await page.waitForText("history-range", new RegExp(`of ${wanted.latest.length}\\b`));
  const [download] = await Promise.all([
    page.page.waitForEvent("download"),
    keys.press("Enter", history.getByRole("button", { name: "Export as CSV" })),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").slice(1);
  assert.deepEqual(lines.map((line) => Number(line.split(",")[2])), wanted.latest.map(({ value }) => value));
});

appTest("a consumer that is too slow is seen as backpressure, by keyboard alone", MANY_KEYS, async (app) => {
  const page = await app.open("?persist=false&queue_capacity=5000");
  const keys = new Keys(page.page);
  await keys.type("1", page.page.locator("#setting-batch_size"));
  await keys.type("1us", page.page.locator("#setting-interval"));
  await page.waitForText("health-queued", /full: the source waits/, { timeoutMillis: 20_000 });
  await keys.press("Enter", page.page.getByRole("list").getByRole("button", { name: "Queue", exact: true }));
  await page.waitForText("inspector", /5.000 of 5.000|of 5.000/);
  await page.page.keyboard.press("Escape");
  // One step back at a time, until all is as it was.
  for (let steps = 2; steps > 0; steps--) {
    await keys.press("Enter", page.page.locator("#settings").getByRole("button", { name: /^Undo/ }));
  }
  await page.waitForText("health-queued", /has room/, { timeoutMillis: 30_000 });
});

appTest("a link passes the same view on, by keyboard alone", { ...MANY_KEYS, browser: CLIPBOARD }, async (app) => {
  const page = await app.open("?interval=50ms&seed=7&distinct_ids=2");
  const keys = new Keys(page.page);
  await page.waitForText("chart-value", /\d/);
  await keys.press("+", page.page.getByTestId("chart"));
  await until("the address says what is seen", () => page.page.evaluate(() => /#from=.*until=/.test(location.href)));
  await keys.press("Enter", page.page.getByRole("button", { name: "Copy link to this view", exact: true }));
  const link = await until("the link is copied", () => page.page.evaluate(() => navigator.clipboard.readText()));
  const shown = await page.page.getByTestId("chart").getAttribute("aria-label");

  const there = await app.open(link.slice(app.host.base.length));
  await until("the same is seen", async () => spanOf(await there.page.getByTestId("chart").getAttribute("aria-label")) === spanOf(shown));
  assert.equal((await there.get("config")).seed, 7);
});

/** The time that the chart's words name. */
function spanOf(words) {
  return words.split(", ")[1];
}
