// A link is passed on: its recipient sees the same run and the same view.
import { CHROMIUM, expect, test } from "./fixtures.mjs";
import { ChartPanel } from "./pages/chart_panel.mjs";
import { copied } from "./pages/clipboard.mjs";
import { SettingsPanel } from "./pages/settings_panel.mjs";
import { App } from "./support/app.mjs";

const SEEN = "#from=2025-06-01T12:00:00Z&until=2025-06-01T13:00:00Z&ids=pump-1,pump-2&request=GET%20query?limit=5";

/** Returns the link that a button of the menu puts into the clipboard; the menu stays open. */
async function copiedLink(page, name) {
  await page.openMenu();
  return copied(page.page, () => page.page.getByRole("button", { name, exact: true }).click());
}

/** The first ids and values of the run. */
async function rows(page) {
  await page.waitForCount("history", (count) => count >= 20);
  const { latest } = await page.get("query?start=1970-01-01&limit=20");
  return latest.map(({ id, value }) => ({ id, value }));
}

/** The chart in words: what it shows, and over which time. */
function chartText(page) {
  return page.element("chart").getAttribute("aria-label");
}

/** The address's part after the `#`. */
function hash(page) {
  return page.page.evaluate(() => location.hash);
}

/** Opens the link in a browser context of its own, in another time zone, which shares nothing with that of the app. */
async function elsewhere(app, browser, link, act) {
  const context = await browser.newContext({ timezoneId: "Asia/Tokyo" });
  try {
    const other = new App(app.host, context);
    await act(await other.open(link.slice(app.host.base.length)));
    expect(other.errors).toEqual([]);
  } finally {
    await context.close();
  }
}

test.describe(() => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  test("a link with a seed shows the same ids, values and view on another machine", CHROMIUM, async ({ app, browser }) => {
    const page = await app.open("?interval=20ms&seed=42&distinct_ids=3#span=15min&ids=pump-1");
    await page.console.choose("GET /query");
    await page.console.field("limit").fill("5");
    await page.console.field("start").fill("1970-01-01");
    await page.console.field("end").fill("");
    await page.openMenu();
    await expect(page.page.getByText("Repeatable: seed 42")).toBeVisible();
    const once = await rows(page);
    await expect.poll(() => hash(page), "the address holds the request").toContain("&request=GET%20query?start=1970-01-01%26limit=5");
    const link = await copiedLink(page, "Copy link to this view");
    await expect(page.page.getByText("Copied, with the same ids and values")).toBeVisible();
    expect(link).toBe(await page.page.evaluate(() => location.href));
    expect(link).toMatch(/#api&span=15min&ids=pump-1&request=GET%20query/);
    const shown = await chartText(page);

    await elsewhere(app, browser, link, async (there) => {
      await expect(there.page.locator("#view-api"), "the same view is shown").toBeVisible();
      await expect(there.console.field("limit")).toHaveValue("5");
      expect(await there.console.chosen()).toBe("GET /query");
      await expect(there.console.field("start")).toHaveValue("1970-01-01");
      expect(await there.page.evaluate(() => location.href)).toBe(link);
      await there.show("live");
      expect(await rows(there)).toEqual(once);
      expect(await chartText(there)).toBe(shown);
    });
  });

  test("a run without a seed gets one, so that its link repeats it", CHROMIUM, async ({ app, browser }) => {
    const page = await app.open("?interval=20ms&distinct_ids=3");
    const link = await copiedLink(page, "Copy repeatable link");
    const [, seed] = /[?&]seed=(\d+)/.exec(link);
    await expect.poll(async () => String((await page.get("config")).seed), "the seed in force").toBe(seed);
    await page.openMenu();
    await expect(page.page.getByRole("button", { name: "Copy link to this view" })).toBeVisible();
    await expect(page.page.getByRole("button", { name: "Copy repeatable link" })).toBeHidden();
    await page.reset();

    let once;
    await elsewhere(app, browser, link, async (there) => (once = await rows(there)));
    await elsewhere(app, browser, link, async (there) => expect(await rows(there)).toEqual(once));
  });

  test("a key is in no address and no link, and outlives a reload", CHROMIUM, async ({ app }) => {
    const page = await app.open("?source=none");
    const settings = new SettingsPanel(page.page);
    await settings.open();
    const status = async () => (await page.fetch("latest")).status;
    await settings.change("api_key", "s3cret");
    await expect.poll(status, "a key is needed").toBe(401);
    await settings.step(/^Undo: api_key unset → a key$/);
    expect(await copiedLink(page, "Copy link to this view")).not.toMatch(/s3cret|api_key/);
    expect(page.page.url()).not.toMatch(/s3cret|api_key/);

    await page.page.reload();
    await expect.poll(status, { message: "it is still needed", timeout: 20_000 }).toBe(401);
    await settings.open();
    await expect(settings.field("api_key"), "the page knows it").toHaveValue("s3cret");
    expect(page.page.url()).not.toMatch(/s3cret|api_key/);
  });
});

test("the range of the address fills start and end of the console, and Send asks for it", async ({ app }) => {
  const page = await app.open("?source=none&batch_size=2" + SEEN.replace(/&request.*/, ""));
  await page.post(["2025-06-01T11:59:00Z", "2025-06-01T12:30:00Z"].map((timestamp, value) => ({ timestamp, id: "pump-1", value })));
  await page.console.choose("GET /query");
  const [start, end] = [page.console.field("start"), page.console.field("end")];
  await expect(start).toHaveValue("2025-06-01T12:00:00Z");
  await expect(end).toHaveValue("2025-06-01T13:00:00Z");
  const answer = await page.console.send("GET /query", {}, { keep: true });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text).latest).toHaveLength(1);

  await page.page.evaluate(() => (location.hash = "#from=2025-06-01T11:00:00Z&until=2025-06-01T12:00:00Z"));
  await expect(end, "another range is filled in").toHaveValue("2025-06-01T12:00:00Z");
  await start.fill("2025-01-01");
  await page.page.evaluate(() => (location.hash = "#from=2025-06-01T10:00:00Z&until=2025-06-01T11:30:00Z"));
  await expect(end, "a field that was filled in follows").toHaveValue("2025-06-01T11:30:00Z");
  await expect(start, "a field that was typed into stays").toHaveValue("2025-01-01");
});

test("when the chart is zoomed, the console asks for what is left in it", async ({ app }) => {
  const page = await app.open("?source=none&clock=utc#span=all");
  await page.post(Array.from({ length: 60 }, (_, minute) => ({ timestamp: new Date(Date.UTC(2025, 5, 1, 12, minute)).toISOString(), id: "pump-1", value: minute })));
  await page.console.choose("GET /query");
  await page.show("live");
  const chart = new ChartPanel(page.page);
  await chart.ready();
  await chart.drag(0.25, 0.75);

  await expect.poll(() => hash(page), "the address holds the range").toMatch(/#from=.*&until=/);
  const { status, text } = await page.console.send("GET /query", {}, { keep: true });
  const { latest } = JSON.parse(text);
  expect(status).toBe(200);
  expect(latest.length).toBeGreaterThan(20);
  expect(latest.length).toBeLessThan(40);
});

test("what is not understood in an address is named, and the rest of it holds", async ({ app }) => {
  const page = await app.open("?source=none#console&span=soon&colour=red&request=GET%20nowhere&ids=pump-1");
  await page.waitForText("problems", /"GET nowhere"/);
  const problems = await page.text("problems");
  expect(problems).toMatch(/span "soon"/);
  expect(problems).toMatch(/"colour=red"/);
  await expect.poll(() => hash(page), "the address keeps what holds").toBe("#api&ids=pump-1");
  await expect(page.page.locator("#console-title")).toBeFocused();
});

test("a link within the page leaves the view alone", async ({ app }) => {
  const page = await app.open("?source=none" + SEEN);
  await page.page.evaluate(() => (location.hash = "#storage"));
  await expect.poll(() => hash(page), "the address holds both").toBe(`#storage&${SEEN.slice(1)}`);
  await expect(page.page.locator("#storage-title")).toBeFocused();
});
