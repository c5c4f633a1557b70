// The chart is looked at, zoomed, moved, frozen, read and saved, by pointer, fingers, wheel and keys alike.
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { ChartPanel } from "./pages/chart_panel.mjs";

const START = Date.parse("2025-06-01T12:00:00Z");
const FIXED = / to /;

/** Sixty rows, a second apart, of three ids: each value is the row's number. */
const ROWS = Array.from({ length: 60 }, (_, row) => ({
  timestamp: new Date(START + row * 1000).toISOString(),
  id: ["north", "south", "east"][row % 3],
  value: row,
}));

async function openChart(app, rows = ROWS, view = "") {
  const page = await app.open(`?source=none&clock=utc&persist=false${view}`);
  if (rows.length > 0) await page.post(rows);
  const chart = new ChartPanel(page.page);
  if (rows.length > 0) await chart.ready();
  return { page, chart };
}

function expectNear(actual, expected, tolerance, what) {
  expect(Math.abs(actual - expected), `${what} is ${actual}, not about ${expected}`).toBeLessThanOrEqual(tolerance);
}

/** Matches a span without this time of the day, of which the first characters up to `end` of its ISO 8601 form count. */
const without = (seconds, end) => new RegExp(`^(?!.*${new Date(seconds * 1000).toISOString().slice(11, end)})`);

test("dragging zooms in, and dragging with shift or the middle button moves", async ({ app }) => {
  const { chart } = await openChart(app);
  expect(await chart.span()).toBe("last 1 min");
  await expect(chart.button("Reset zoom")).toBeDisabled();

  await chart.drag(0.25, 0.75);
  const zoomed = await chart.waitForSpan(FIXED);
  expectNear(zoomed[1] - zoomed[0], 30, 0.5, "the length");
  expectNear(zoomed[0], START / 1000 + 14, 0.5, "the start");

  await chart.page.keyboard.down("Shift");
  await chart.drag(0.7, 0.2);
  await chart.page.keyboard.up("Shift");
  const moved = await chart.waitForSpan(without(zoomed[0], 21));
  expectNear(moved[0] - zoomed[0], 15, 0.5, "the way");
  expectNear(moved[1] - moved[0], zoomed[1] - zoomed[0], 0.001, "the length");

  await chart.drag(0.2, 0.7, { button: "middle" });
  await chart.waitForSpan(/12:00:1[345]/);
  await chart.button("Reset zoom").click();
  await chart.waitForSpan(/^last 1 min$/);
  expect(app.errors).toEqual([]);
});

// Over BiDi two clicks of Playwright make no double click.
test("a double click leaves the zoom", CHROMIUM, async ({ app }) => {
  const { chart } = await openChart(app);
  await chart.drag(0.25, 0.75);
  await chart.waitForSpan(FIXED);
  await chart.point(0.5);
  const { x, y, width, height } = await chart.plot();
  await chart.page.mouse.dblclick(x + width / 2, y + height / 2);
  await chart.waitForSpan(/^last 1 min$/);
  expect(app.errors).toEqual([]);
});

test("the cursor reads a column exactly, and rows of one value are points", async ({ app }) => {
  const { chart } = await openChart(app);
  await chart.point(30.6 / 60);
  await chart.waitFor("chart-time", /^12:00:(29|30|31)$/);
  const time = await chart.text("chart-time");
  await expect(chart.element("chart-time")).toHaveAttribute("title", `2025-06-01T${time}Z`);
  await expect(chart.element("chart-value")).toHaveText(String(Number(time.slice(6))));
});

test("a sum of floats is read without the noise of its last digits", async ({ app }) => {
  const { chart } = await openChart(app, ROWS.map((row) => ({ ...row, value: 0.1 + 0.2 })));
  await chart.chart.focus();
  await chart.page.keyboard.press("Home");
  await chart.waitFor("chart-announced", /^2025-06-01T12:00:00Z: value 0\.3, moving mean 0\.3$/);
  await expect(chart.element("chart-value")).toHaveText("0.3");
});

test("the panel has one line of controls, one of readings, and the chart below", async ({ app }) => {
  const { chart } = await openChart(app);
  const height = async (part) => (await chart.panel.locator(part).boundingBox()).height;
  expect(await height(".chart-panel__head")).toBe(36);
  expect(await height(".chart-panel__legend")).toBe(24);
  expect(await height('[data-testid="chart"]')).toBeGreaterThan(140);
  const { width, scroll } = await chart.panel.locator(".chart-panel__head").evaluate((head) => ({ width: head.clientWidth, scroll: head.scrollWidth }));
  expect(scroll, "all controls are visible").toBe(width);
});

test("an event is drawn before its batch, and the chart says how far the batch is", async ({ app }) => {
  const { page, chart } = await openChart(app, []);
  const now = Date.now();
  const rows = [3, 2, 1].map((seconds) => ({ timestamp: new Date(now - seconds * 1000).toISOString(), id: "a", value: seconds }));
  await page.post(rows);
  await chart.waitFor("chart-first-batch", /^3 of 10 until the first batch$/);
  await expect(chart.element("chart-first-batch")).toBeVisible();
  await expect(chart.element("chart-empty")).toBeHidden();
  await page.post(Array.from({ length: 7 }, () => ({ ...rows[2], value: 50 })));
  await chart.waitFor("chart-value", /50/);
  await expect(chart.element("chart-first-batch")).toBeHidden();
  expect(app.errors).toEqual([]);
});

test("a row ahead of time leaves the live chart where it is, and can be shown", async ({ app }) => {
  const { page, chart } = await openChart(app, []);
  const at = (millis) => Array.from({ length: 10 }, (_, value) => ({ timestamp: new Date(millis).toISOString(), id: "a", value }));
  await page.post(at(Date.now() - 1000));
  await chart.ready();
  await page.post(at(Date.now() + 3_600_000));
  await expect(chart.element("chart-newer")).toContainText(/newer data at .*\d\d:\d\d/);
  await chart.waitFor("chart-value", /^9\.00$/);
  await chart.button("Show it").click();
  const shown = await chart.waitForSpan(FIXED);
  expectNear(shown[1], Date.now() / 1000 + 3600, 30, "the end");
  await expect(chart.element("chart-newer")).toBeHidden();
  await chart.button("Reset zoom").click();
  await chart.waitForSpan(/^last 1 min$/);
});

test("two fingers zoom", async ({ app }) => {
  const { chart } = await openChart(app);
  await chart.pinch([0.4, 0.6], [0.3, 0.7]);
  const zoomed = await chart.waitForSpan(FIXED);
  expectNear(zoomed[1] - zoomed[0], 30, 0.5, "the length");
  expectNear(zoomed[0], START / 1000 + 14, 0.5, "the start");
});

test("the wheel is the page's until Ctrl is held or the chart has the focus", async ({ app }) => {
  const { chart } = await openChart(app);
  // A window that is too low for the workspace scrolls.
  await chart.page.setViewportSize({ width: 1440, height: 600 });
  await chart.ready();
  const scrolled = () => chart.page.evaluate(() => scrollY);
  const before = await scrolled();
  await chart.point(0.5);
  await chart.page.mouse.wheel(0, 60);
  await expect.poll(scrolled, "the page scrolls").not.toBe(before);
  expect(await chart.span()).toBe("last 1 min");

  await chart.point(0.5);
  await chart.page.keyboard.down("Control");
  await chart.page.mouse.wheel(0, -100);
  await chart.page.keyboard.up("Control");
  const zoomed = await chart.waitForSpan(FIXED);
  expectNear(zoomed[1] - zoomed[0], 48, 1, "the length");

  await chart.chart.focus();
  const still = await scrolled();
  await chart.page.mouse.wheel(0, -100);
  await chart.waitForSpan(without(zoomed[0], 22));
  expect(await scrolled()).toBe(still);
});

test("with keys alone the chart is read, moved, zoomed and left as it was", SMOKE, async ({ app }) => {
  const { chart } = await openChart(app);
  await chart.chart.focus();
  await chart.page.keyboard.press("Home");
  await chart.waitFor("chart-announced", /^2025-06-01T12:00:00Z: value 0, moving mean 0$/);
  await chart.page.keyboard.press("ArrowRight");
  await chart.page.keyboard.press("ArrowRight");
  await chart.waitFor("chart-announced", /^2025-06-01T12:00:02Z: value 2, moving mean 1$/);
  await expect(chart.element("chart-value")).toHaveText("2");

  await chart.page.keyboard.press("End");
  await chart.page.keyboard.press("+");
  const zoomed = await chart.waitForSpan(FIXED);
  expectNear(zoomed[1] - zoomed[0], 30, 0.1, "the length");
  expectNear(zoomed[1], START / 1000 + 59, 0.1, "the end, where the cursor is");
  await chart.page.keyboard.press("Shift+ArrowLeft");
  const moved = await chart.waitForSpan(/to 2025-06-01T12:00:51/);
  expectNear(zoomed[0] - moved[0], 7.5, 0.1, "a quarter");
  await chart.page.keyboard.press("Escape");
  await chart.waitForSpan(/^last 1 min$/);
});

test("a frozen chart stands still while the stream goes on", async ({ app }) => {
  const page = await app.open("?interval=20ms&seed=3&clock=utc");
  const chart = new ChartPanel(page.page);
  await chart.ready();
  await page.page.getByTestId("chart-pause").click();
  await expect(page.page.getByTestId("chart-pause")).toHaveText("Follow the chart");
  await chart.waitForSpan(FIXED);
  // Events of the last moment are still to be processed.
  const batches = await page.count("batches");
  await page.waitForCount("batches", (now) => now > batches + 2);
  const [span, time] = [await chart.span(), await chart.text("chart-time")];
  await page.waitForCount("batches", (now) => now > batches + 6);
  expect(await chart.span()).toBe(span);
  expect(await chart.text("chart-time")).toBe(time);

  await page.page.getByTestId("chart-pause").click();
  await chart.waitForSpan(/^last 1 min$/);
  await chart.waitFor("chart-time", new RegExp(`^(?!${time})`));
});

test("the picker takes what the API takes, refuses the rest with the way out, and an empty range leads back", async ({ app }) => {
  const { chart } = await openChart(app);
  await chart.pick("yesterday-ish", "2025-06-01T12:00:20Z");
  const note = chart.page.locator("#chart-from-note");
  const from = chart.panel.getByLabel("From", { exact: true });
  await expect(note).toContainText('"yesterday-ish" is not an ISO 8601 date and time, such as 2025-06-01T21:15:07.5');
  await expect(note).toBeVisible();
  await expect(from).toHaveAttribute("aria-invalid", "true");
  await from.fill("2025-06-01T14:00:10+02:00");
  await chart.page.keyboard.press("Enter");
  expect(await chart.waitForSpan(FIXED)).toEqual([START / 1000 + 10, START / 1000 + 20]);
  await expect(note, "the picker has closed").toBeHidden();

  await chart.pick("2001-01-01", "2001-01-02");
  await chart.waitFor("chart-empty", /^No rows between 2001-01-01T00:00:00Z and 2001-01-02T00:00:00Z\.$/);
  await chart.button("Show everything").click();
  await chart.waitForSpan(/all that is kept/);
  await chart.waitFor("chart-value", /59/);
});

// Firefox saves the files too, but over BiDi Playwright does not report its downloads.
test("the picture and the rows of what is visible can be saved", CHROMIUM, async ({ app }) => {
  const { chart } = await openChart(app);
  await chart.pick("2025-06-01T12:00:10Z", "2025-06-01T12:00:19Z");
  await chart.waitForSpan(FIXED);
  const rows = await chart.save("CSV");
  expect(rows.name).toBe("millrace-20250601T120010.csv");
  const lines = rows.bytes.toString().trim().split("\n");
  expect(lines[0]).toMatch(/^timestamp,id,value/);
  expect(lines.slice(1).map((line) => Number(line.split(",")[2]))).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  await chart.waitFor("chart-export", /millrace-20250601T120010\.csv: \d+ B/);

  const picture = await chart.save("PNG");
  expect(picture.bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(picture.bytes.length, "bytes, too few for a chart").toBeGreaterThan(4000);
  expect(picture.name).toBe("millrace-20250601T120010.png");
  const plotPixels = await chart.chart.locator("canvas").evaluate((canvas) => canvas.height);
  expect(picture.bytes.readUInt32BE(20), "pixels: a title and a line of the legend above the plot").toBe(plotPixels + 64);
});

test("chosen ids have lines and chips with values", async ({ app }) => {
  const { page, chart } = await openChart(app);
  await chart.button("Lines by id…").click();
  const choice = page.page.locator("#chart-lines");
  await choice.getByRole("button", { name: "north" }).click();
  await expect(choice.getByRole("button", { name: "north" })).toHaveAttribute("aria-pressed", "true");
  await choice.getByLabel("Add an id").fill("south");
  await page.page.keyboard.press("Enter");
  await choice.getByLabel("Add an id").fill(" ");
  await page.page.keyboard.press("Enter");
  await expect(choice.getByText(/empty/i)).toBeVisible();
  await page.page.keyboard.press("Escape");

  const { chips } = chart;
  await expect(chips.locator(".chip__id")).toHaveText(["north", "south"]);
  await chart.chart.focus();
  await page.page.keyboard.press("Home");
  await chart.waitFor("chart-chip", /north.*0/);

  await chips.first().click();
  await expect(chips.locator(".chip__id")).toHaveText(["south"]);
  await expect(page.page.locator(":focus")).toHaveText("Lines by id…");
  expect(app.errors).toEqual([]);
});

test("the rows of chosen ids alone are saved", CHROMIUM, async ({ app }) => {
  const { chart } = await openChart(app, ROWS, "#ids=north,south");
  await expect(chart.chips.locator(".chip__id")).toHaveText(["north", "south"]);
  const { bytes } = await chart.save("CSV");
  const ids = bytes.toString().trim().split("\n").slice(1).map((line) => line.split(",")[1]);
  expect(ids).toHaveLength(40);
  expect(new Set(ids)).toEqual(new Set(["north", "south"]));
});

test("the chart can be read as a table that stands still", async ({ app }) => {
  const { chart } = await openChart(app);
  const table = await chart.table();
  await expect(table).toBeVisible();
  const rows = await table.locator("tbody tr").count();
  expect(rows).toBeGreaterThanOrEqual(30);
  expect(rows).toBeLessThanOrEqual(50);
  await expect(table.locator("tbody tr").first().locator("td")).toHaveText(["2025-06-01T12:00:00Z", "0", "1", "0.50"]);
  await expect(table.locator("caption")).toHaveText(/ to /);
  await expect(table.locator("thead th")).toHaveText(["time", "smallest", "largest", "moving"]);
  await chart.page.keyboard.press("Escape");
  await expect(table).toBeHidden();
});
