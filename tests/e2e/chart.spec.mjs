// The chart is looked at, zoomed, moved, paused, read and taken along, by pointer, wheel and keys alike.
import assert from "node:assert/strict";
import { appTest } from "./app.mjs";
import { ChartPanel } from "./pages/chart_panel.mjs";

const START = Date.parse("2025-06-01T12:00:00Z");
const FIXED = / to /;

/** Sixty rows, a second apart, of three ids: values that anybody can work out. */
const ROWS = Array.from({ length: 60 }, (_, row) => ({
  timestamp: new Date(START + row * 1000).toISOString(),
  id: ["north", "south", "east"][row % 3],
  value: row,
}));

async function openChart(app, rows = ROWS) {
  const page = await app.open("?source=none&clock=utc&persist=false");
  if (rows.length > 0) await page.post(rows);
  const chart = new ChartPanel(page.page);
  if (rows.length > 0) await chart.ready();
  return { page, chart };
}

function near(actual, expected, tolerance, what) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} is ${actual}, not about ${expected}`);
}

appTest("dragging zooms in, dragging with shift or the middle button moves, and a double click goes back", {}, async (app) => {
  const { chart } = await openChart(app);
  assert.equal(await chart.span(), "last 1 min");
  assert.ok(await chart.button("Reset zoom").isDisabled());

  await chart.drag(0.25, 0.75);
  const zoomed = await chart.waitForSpan(FIXED);
  near(zoomed[1] - zoomed[0], 30, 0.5, "the length");
  near(zoomed[0], START / 1000 + 14, 0.5, "the start");

  await chart.page.keyboard.down("Shift");
  await chart.drag(0.7, 0.2);
  await chart.page.keyboard.up("Shift");
  const moved = await chart.waitForSpan(new RegExp(`^(?!.*${new Date(zoomed[0] * 1000).toISOString().slice(11, 21)})`));
  near(moved[0] - zoomed[0], 15, 0.5, "the way");
  near(moved[1] - moved[0], zoomed[1] - zoomed[0], 0.001, "the length");

  await chart.drag(0.2, 0.7, { button: "middle" });
  await chart.waitForSpan(/12:00:1[345]/);
  await chart.point(0.5);
  const { x, y, width, height } = await chart.plot();
  await chart.page.mouse.dblclick(x + width / 2, y + height / 2);
  await chart.waitForSpan(/^last 1 min$/);
  assert.deepEqual(app.errors, []);
});

appTest("the cursor reads a column exactly, and rows of one value are points", {}, async (app) => {
  const { chart } = await openChart(app);
  await chart.point(30.6 / 60);
  await chart.waitFor("chart-time", /2025-06-01T12:00:(29|30|31)Z/);
  const time = await chart.text("chart-time");
  assert.equal(await chart.text("chart-value"), String(Number(time.slice(17, 19))));
});

appTest("the wheel is the page's until Ctrl is held or the chart has the focus", {}, async (app) => {
  const { chart } = await openChart(app);
  const scrolled = () => chart.page.evaluate(() => scrollY);
  const before = await scrolled();
  await chart.point(0.5);
  await chart.page.mouse.wheel(0, 60);
  await chart.page.waitForFunction((before) => scrollY !== before, before);
  assert.equal(await chart.span(), "last 1 min");

  await chart.point(0.5);
  await chart.page.keyboard.down("Control");
  await chart.page.mouse.wheel(0, -100);
  await chart.page.keyboard.up("Control");
  const near0 = await chart.waitForSpan(FIXED);
  near(near0[1] - near0[0], 48, 1, "the length");

  await chart.chart.focus();
  const still = await scrolled();
  await chart.page.mouse.wheel(0, -100);
  await chart.waitForSpan(new RegExp(`^(?!.*${new Date(near0[0] * 1000).toISOString().slice(11, 22)})`));
  assert.equal(await scrolled(), still);
});

appTest("with keys alone the chart is read, moved, zoomed and left as it was", {}, async (app) => {
  const { chart } = await openChart(app);
  await chart.chart.focus();
  await chart.page.keyboard.press("Home");
  await chart.waitFor("chart-announced", /^2025-06-01T12:00:00Z: value 0, moving mean 0$/);
  await chart.page.keyboard.press("ArrowRight");
  await chart.page.keyboard.press("ArrowRight");
  await chart.waitFor("chart-announced", /^2025-06-01T12:00:02Z: value 2, moving mean 1$/);
  assert.equal(await chart.text("chart-value"), "2");

  await chart.page.keyboard.press("End");
  await chart.page.keyboard.press("+");
  const zoomed = await chart.waitForSpan(FIXED);
  near(zoomed[1] - zoomed[0], 30, 0.1, "the length");
  near(zoomed[1], START / 1000 + 59, 0.1, "the end, where the cursor is");
  await chart.page.keyboard.press("Shift+ArrowLeft");
  const moved = await chart.waitForSpan(/to 2025-06-01T12:00:51/);
  near(zoomed[0] - moved[0], 7.5, 0.1, "a quarter");
  await chart.page.keyboard.press("Escape");
  await chart.waitForSpan(/^last 1 min$/);
});

appTest("a paused chart stands still while the stream goes on", {}, async (app) => {
  const page = await app.open("?interval=50ms&seed=3&clock=utc");
  const chart = new ChartPanel(page.page);
  await chart.ready();
  await page.page.getByTestId("chart-pause").click();
  await chart.waitForSpan(FIXED);
  // Events of the last moment are still to be processed.
  const batches = await page.count("batches");
  await page.waitForCount("batches", (now) => now > batches + 2);
  const [span, time] = [await chart.span(), await chart.text("chart-time")];
  await page.waitForCount("batches", (now) => now > batches + 6);
  assert.equal(await chart.span(), span);
  assert.equal(await chart.text("chart-time"), time);

  await page.page.getByTestId("chart-pause").click();
  await chart.waitForSpan(/^last 1 min$/);
  await chart.waitFor("chart-time", new RegExp(`^(?!${time})`));
});

appTest("the picker takes what the API takes, refuses the rest with the way out, and an empty range leads back", {}, async (app) => {
  const { chart } = await openChart(app);
  await chart.pick("yesterday-ish", "2025-06-01T12:00:20Z");
  const note = chart.page.locator("#chart-from-note");
  await note.filter({ hasText: '"yesterday-ish" is not an ISO 8601 date and time, such as 2025-06-01T21:15:07.5' }).waitFor();
  assert.equal(await chart.panel.getByLabel("From", { exact: true }).getAttribute("aria-invalid"), "true");
  await chart.panel.getByLabel("From", { exact: true }).fill("2025-06-01T14:00:10+02:00");
  await chart.page.keyboard.press("Enter");
  assert.deepEqual(await chart.waitForSpan(FIXED), [START / 1000 + 10, START / 1000 + 20]);
  assert.ok(!(await note.isVisible()), "the picker has closed");

  await chart.pick("2001-01-01", "2001-01-02");
  await chart.waitFor("chart-empty", /^No rows between 2001-01-01T00:00:00Z and 2001-01-02T00:00:00Z\.$/);
  await chart.button("Show everything").click();
  await chart.waitForSpan(/all that is kept/);
  await chart.waitFor("chart-value", /59/);
});

appTest("the picture and the rows of what is visible can be saved", {}, async (app) => {
  const { chart } = await openChart(app);
  await chart.pick("2025-06-01T12:00:10Z", "2025-06-01T12:00:19Z");
  await chart.waitForSpan(FIXED);
  const rows = await chart.save("CSV");
  assert.equal(rows.name, "millrace-20250601T120010.csv");
  const lines = rows.bytes.toString().trim().split("\n");
  assert.match(lines[0], /^timestamp,id,value/);
  assert.deepEqual(lines.slice(1).map((line) => Number(line.split(",")[2])), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  await chart.waitFor("chart-export", /millrace-20250601T120010\.csv: \d+ B/);

  const picture = await chart.save("PNG");
  assert.equal(picture.bytes.subarray(1, 4).toString(), "PNG");
  assert.ok(picture.bytes.length > 4000, `${picture.bytes.length} bytes are no chart`);
  assert.equal(picture.name, "millrace-20250601T120010.png");
});

appTest("chosen ids have lines, chips with values, and rows of their own", {}, async (app) => {
  const { page, chart } = await openChart(app);
  await chart.button("Lines by id…").click();
  const choice = page.page.locator("#chart-lines");
  await choice.getByRole("button", { name: "north" }).click();
  assert.equal(await choice.getByRole("button", { name: "north" }).getAttribute("aria-pressed"), "true");
  await choice.getByLabel("Add an id").fill("south");
  await page.page.keyboard.press("Enter");
  await choice.getByLabel("Add an id").fill(" ");
  await page.page.keyboard.press("Enter");
  await choice.getByText(/empty/i).waitFor();
  await page.page.keyboard.press("Escape");

  const chips = chart.panel.locator('[data-testid="chart-chip"]:visible');
  assert.deepEqual(await chips.locator(".chip__id").allInnerTexts(), ["north", "south"]);
  await chart.chart.focus();
  await page.page.keyboard.press("Home");
  await chart.waitFor("chart-chip", /north.*0/);
  const rows = await chart.save("CSV");
  assert.equal(rows.bytes.toString().trim().split("\n").length, 1 + 40);

  await chips.first().click();
  assert.deepEqual(await chips.locator(".chip__id").allInnerTexts(), ["south"]);
  assert.equal(await page.page.evaluate(() => document.activeElement.textContent), "Lines by id…");
  assert.deepEqual(app.errors, []);
});

appTest("the chart can be read as a table that stands still", {}, async (app) => {
  const { page, chart } = await openChart(app);
  await page.page.getByText("Chart as a table").click();
  const table = chart.panel.getByRole("table");
  await table.waitFor();
  const rows = await table.locator("tbody tr").allInnerTexts();
  assert.ok(rows.length >= 30 && rows.length <= 50, `${rows.length} rows`);
  assert.match(rows[0], /^2025-06-01T12:00:00Z\t0\t1\t0\.50$/);
  assert.match(await table.locator("caption").innerText(), / to /);
  assert.deepEqual(await table.locator("thead th").allInnerTexts(), ["time", "smallest", "largest", "moving"]);
});
