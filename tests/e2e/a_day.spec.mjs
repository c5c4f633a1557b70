// A day's work with the page, by keyboard alone: a first look, one id between two times, a consumer that is too slow, a link
// for another person. No test clicks, and each finds what it uses by name only.
import { readFile } from "node:fs/promises";
import { CHROMIUM, MEASURED, expect, test } from "./fixtures.mjs";
import { copied } from "./pages/clipboard.mjs";
import { Keys } from "./pages/keys.mjs";

// Each stop of a way through the page is a key.
test.describe.configure({ timeout: 240_000 });

test("a first visit becomes a first insight, by keyboard alone; how soon is recorded", MEASURED, async ({ app, figure }) => {
  const opened = performance.now();
  const page = await app.openPage();
  const keys = new Keys(page.page);
  const settings = await keys.openSettings();
  await keys.press("Enter", settings.getByRole("button", { name: "1,000 sensors", exact: true }));
  await keys.closeSettings();
  await page.waitForText("chart-value", /\d/);
  await keys.press("ArrowLeft", page.element("chart"));
  await page.waitForText("chart-time", /\d\d:\d\d:\d\d/);
  figure("first insight by keyboard alone", (performance.now() - opened) / 1000, "s");
});

// Firefox saves the file too, but over BiDi Playwright does not report its downloads.
test("one id's values between two times are found and saved by keyboard alone", CHROMIUM, async ({ app }) => {
  const page = await app.open("?source=none&clock=utc");
  const rows = Array.from({ length: 600 }, (_, second) => ({
    timestamp: new Date(Date.UTC(2025, 5, 1) + second * 1000).toISOString(),
    id: `pump-${second % 7}`,
    value: second / 4,
  }));
  await page.send("POST", "events", JSON.stringify(rows));
  const keys = new Keys(page.page);
  const history = await keys.show("History");
  await keys.type("pump-3", history.getByLabel("Ids", { exact: true }));
  await keys.type("2025-06-01T00:01:00", history.getByLabel("From", { exact: true }));
  await keys.type("2025-06-01T00:02:00", history.getByLabel("To", { exact: true }));
  const wanted = await page.get("query?start=2025-06-01T00:01:00&end=2025-06-01T00:02:00&ids=pump-3&views=latest");
  await page.waitForText("history-range", new RegExp(`of ${wanted.latest.length}\\b`));
  await keys.press("Enter", history.getByRole("button", { name: "Export", exact: true }));
  const [download] = await Promise.all([
    page.page.waitForEvent("download"),
    keys.press("Enter", history.getByRole("button", { name: "Export as CSV" })),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").slice(1);
  expect(lines.map((line) => Number(line.split(",")[2]))).toEqual(wanted.latest.map(({ value }) => value));
});

test("a consumer that is too slow is seen as backpressure, by keyboard alone", async ({ app }) => {
  const page = await app.open("?persist=false&queue_capacity=5000");
  const keys = new Keys(page.page);
  await keys.openSettings();
  await keys.type("1", page.page.locator("#setting-batch_size"));
  await keys.type("1us", page.page.locator("#setting-interval"));
  await keys.closeSettings();
  await page.waitForText("health-queued", /full: the source waits/, { timeoutMillis: 20_000 });
  await keys.press("Enter", page.page.getByRole("list").getByRole("button", { name: "Queue", exact: true }));
  await page.waitForText("inspector", /of 5.000/);
  await page.page.keyboard.press("Escape");
  // One step back at a time, until all is as it was.
  const settings = await keys.openSettings();
  for (let steps = 2; steps > 0; steps--) {
    await keys.press("Enter", settings.getByRole("button", { name: /^Undo/ }));
  }
  await page.waitForText("health-queued", /has room/, { timeoutMillis: 30_000 });
});

test.describe(() => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  test("a link passes the same view on, by keyboard alone", CHROMIUM, async ({ app }) => {
    const page = await app.open("?interval=50ms&seed=7&distinct_ids=2");
    const keys = new Keys(page.page);
    await page.waitForText("chart-value", /\d/);
    await keys.press("+", page.element("chart"));
    await expect(page.page, "the address holds the view").toHaveURL(/#from=.*until=/);
    const menu = await keys.openMenu();
    const link = await copied(page.page, () => keys.press("Enter", menu.getByRole("button", { name: "Copy link to this view", exact: true })));
    const shown = await page.element("chart").getAttribute("aria-label");

    const there = await app.open(link.slice(app.host.base.length));
    await expect.poll(async () => spanOf(await there.element("chart").getAttribute("aria-label")), "the same time is seen").toBe(spanOf(shown));
    expect(await there.get("config")).toHaveProperty("seed", 7);
  });
});

/** The time span within the chart's accessible name. */
function spanOf(name) {
  return name.split(", ")[1];
}
