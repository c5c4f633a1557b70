// The table of the whole history, compared with what the API answers about the same rows.
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { HistoryPanel, ROW_PIXELS } from "./pages/history_panel.mjs";
import { showView } from "./pages/views.mjs";

const ROWS = 200_000;
const FEW_ROWS = 20_000;
const SENSORS = 40;
/** Elements of rows besides those in view: the headings, and lines around the view. */
const SPARE_ROWS = 34;
const EVERYTHING = "query?start=1970-01-01&views=latest";

/** Row `i` of the stream: 20 rows a second, of all sensors in turn, with values that do not rise with time. */
const event = (i) => ({
  timestamp: new Date(Date.UTC(2025, 5, 1) + i * 50).toISOString(),
  id: `pump-${i % SENSORS}`,
  value: ((i * 7919) % 100_003) / 8,
});

async function withRows(app, count = ROWS) {
  const page = await app.open("?source=none&batch_size=1000&queue_capacity=300000");
  const lines = Array.from({ length: count }, (_, i) => Object.values(event(i)).join(","));
  const posted = await page.send("POST", "events", ["timestamp,id,value", ...lines, ""].join("\n"), "text/csv");
  expect(posted.status, posted.text.slice(0, 300)).toBe(202);
  await page.waitForCount("history", (kept) => kept === count, { timeoutMillis: 60_000 });
  const history = new HistoryPanel(page.page);
  await history.show();
  await history.total(count);
  return { page, history };
}

/** Rows of an answer of the API, in the form in which the table writes them. */
function asShown(rows) {
  const number = (value) => (value === null ? "–" : String(Math.round(value * 1e6) / 1e6).replace(/^-?\d+$/, "$&.0"));
  return rows.map(({ timestamp, id, value, moving_avg }) => [timestamp, id, number(value), number(moving_avg)]);
}

const cells = (rows) => rows.map(([, ...cells]) => cells);

test("every place of the table shows the rows that the API answers", async ({ app }) => {
  const { page, history } = await withRows(app);
  const expectShown = async (what) => {
    const rows = await history.shown();
    const last = rows.at(-1)[0];
    const answer = await page.get(`${EVERYTHING}&offset=${ROWS - 1 - last}&limit=${rows.length}`);
    expect(cells(rows), what).toEqual(asShown(answer.latest.reverse()));
  };
  await expectShown("the newest rows");
  expect(await history.range()).toHaveProperty("first", 1);

  await history.scrollTo((ROWS / 2) * ROW_PIXELS);
  await history.waitForRange({ first: ROWS / 2 + 1 });
  await expectShown("the middle");

  await history.scrollTo(1e9);
  await history.waitForRange({ last: ROWS });
  await expectShown("the oldest rows");

  const { first, last } = await history.range();
  const elements = await history.grid.getByRole("row").count();
  expect(elements, "rows that are elements").toBeLessThan(last - first + 1 + SPARE_ROWS);
  await expect(history.grid).toHaveAttribute("aria-rowcount", String(ROWS + 1));
  expect(app.errors).toEqual([]);
});

test("a table that comes back into view with the rows that it had waits for nothing", async ({ app }) => {
  const { page, history } = await withRows(app, 1000);
  for (let turn = 0; turn < 3; turn++) {
    await showView(page.page, "live");
    await expect(history.grid).toBeHidden();
    await history.show();
  }
  // What must not come would come after 200 ms and stay.
  await page.page.waitForTimeout(600);
  await expect(history.panel.locator(".history__waiting")).toBeHidden();
});

test("a table that is scrolled keeps its place while another view is shown", async ({ app }) => {
  const { page, history } = await withRows(app, 1000);
  await history.scrollTo(500 * ROW_PIXELS);
  await history.waitForRange({ first: 501 });
  const before = await history.shown();
  await showView(page.page, "live");
  await history.show();
  expect(await history.shown()).toEqual(before);
  expect(await history.grid.evaluate((grid) => grid.scrollTop)).toBe(500 * ROW_PIXELS);
});

test("the table has the height that the window leaves, and rows down to its end", async ({ app }) => {
  const { page, history } = await withRows(app, 1000);
  await history.scrollTo(500 * ROW_PIXELS);
  await history.waitForRange({ first: 501 });
  for (const height of [760, 1600, 900]) {
    await page.page.setViewportSize({ width: 1440, height });
    await expect
      .poll(async () => (await history.range()).last, `rows in a window of ${height} pixels`)
      .toBe(500 + Math.ceil((await history.rowsPixels()) / ROW_PIXELS));
    const numbers = (await history.shown()).map(([row]) => row);
    expect(numbers, "the elements are in the order of their rows").toEqual(numbers.toSorted((a, b) => a - b));
    const { y, height: gridHeight } = await history.grid.boundingBox();
    expect(y + gridHeight, "nothing is below the window").toBeLessThanOrEqual(height);
    expect(y + gridHeight, "no more than the padding is below the table").toBeGreaterThan(height - 64);
  }
  await history.scrollTo(1e9);
  await history.waitForRange({ last: 1000 });
});

test("on a narrow page value is in view beside a short timestamp", CHROMIUM, async ({ app }) => {
  const { page, history } = await withRows(app, 1000);
  await page.page.setViewportSize({ width: 390, height: 844 });
  const cell = (column) => history.grid.getByRole("row").nth(1).getByRole("gridcell").nth(column);
  await expect(cell(0)).toHaveText(/^\d\d:\d\d:\d\d\.\d\d\d$/);
  await expect(cell(0)).toHaveAttribute("title", /^2025-06-01T/);
  await history.panel.scrollIntoViewIfNeeded();
  const { x, width } = await cell(2).boundingBox();
  expect(x + width).toBeLessThanOrEqual(390);
});

test("one selected row is shown whole beside the table, and takes no room before", CHROMIUM, async ({ app }) => {
  const { page, history } = await withRows(app, 1000);
  await page.page.setViewportSize({ width: 1440, height: 900 });
  const detail = history.panel.getByRole("group", { name: "Selected row" });
  const width = async () => (await history.grid.boundingBox()).width;
  const before = await width();
  await expect(detail).toBeHidden();
  await history.grid.focus();
  await page.page.keyboard.press("ArrowDown");
  await expect(detail).toContainText(event(999).id);
  await expect(detail).toContainText("2025-06-01T00:00:49.950");
  expect(await width()).toBeLessThan(before);
  await page.page.keyboard.press("Escape");
  await expect(detail).toBeHidden();
  expect(await width()).toBe(before);
});

test("a column is sorted up, down, and back to the newest first", async ({ app }) => {
  const { history } = await withRows(app);
  const values = Array.from({ length: ROWS }, (_, i) => event(i).value).sort((a, b) => a - b);
  const shownValues = async () => (await history.shown()).map((row) => Number(row[3]));
  const header = (name) => history.grid.getByRole("columnheader", { name });
  const sort = () => history.grid.getByRole("button", { name: "value" }).click();

  await sort();
  await expect.poll(async () => (await shownValues())[0], "the smallest come first").toBe(values[0]);
  expect(await shownValues()).toEqual(values.slice(0, (await history.range()).last));
  await expect(header("value")).toHaveAttribute("aria-sort", "ascending");
  expect(await history.range()).toHaveProperty("isHeld", true);

  await sort();
  await expect.poll(async () => (await shownValues())[0], "the largest come first").toBe(values.at(-1));
  await expect(header("value")).toHaveAttribute("aria-sort", "descending");

  await sort();
  const newest = event(ROWS - 1).timestamp.slice(0, 19);
  await expect.poll(async () => (await history.shown())[0][1].slice(0, 19), "the newest come first").toBe(newest);
  await expect(header("value")).toHaveAttribute("aria-sort", "none");
  await expect(header("timestamp")).toHaveAttribute("aria-sort", "descending");
});

test("one id between two times is found", async ({ app }) => {
  const { page, history } = await withRows(app, FEW_ROWS);
  await history.fill("Ids", "pump-9");
  await history.total(FEW_ROWS / SENSORS);
  const { latest } = await filter(page, history);
  await history.grid.focus();
  expect(cells(await history.shown())).toEqual(asShown(latest.toReversed()).slice(0, (await history.range()).last));

  await history.fill("From", "noon");
  await expect(history.panel.getByText('"noon" is not an ISO 8601 date and time')).toBeVisible();
  expect(await history.range(), "what cannot be read changes nothing").toHaveProperty("total", latest.length);

  await history.fill("Ids", "pump-99");
  await expect(history.panel.getByText("No row matches: 0 of 20\u202f000 rows have the id pump-99 within this time.")).toBeVisible();
  await history.button("Clear filters").last().click();
  await history.total(FEW_ROWS);
  await expect(history.field("Ids")).toHaveValue("");
  await expect(history.field("From")).toHaveValue("");
});

test("the filter takes ids as one record, in which a comma and blanks can be part of an id", async ({ app }) => {
  const page = await app.open("?source=none&batch_size=1");
  await page.post(["a,b", " a ", "a"].map((id, value) => ({ timestamp: event(value).timestamp, id, value })));
  const history = new HistoryPanel(page.page);
  await history.show();
  await history.total(3);
  for (const [text, value] of [['"a,b"', "0.0"], ['" a "', "1.0"], ["a", "2.0"]]) {
    await history.fill("Ids", text);
    await history.total(1);
    await expect.poll(async () => cells(await history.shown()).map((row) => row[2]), text).toEqual([value]);
  }
  await history.fill("Ids", 'a,"b');
  await expect(history.panel.getByText('the quote before "b" never ends')).toBeVisible();
  expect(await history.range(), "what cannot be read changes nothing").toHaveProperty("total", 1);
  await history.button("Clear filters").last().click();
  await history.total(3);
  await expect(history.field("Ids")).toHaveValue("");
});

// Firefox saves the file too, but over BiDi Playwright does not report its downloads.
test("the rows that are found are exported as the API answers them", CHROMIUM, async ({ app }) => {
  const { page, history } = await withRows(app, FEW_ROWS);
  const { query } = await filter(page, history);
  expect(await history.export("CSV")).toBe((await page.fetch(`${query}&format=csv`)).text);
  await expect(page.page.getByText(/millrace\.csv holds/).filter({ visible: true }).first()).toBeVisible();
});

/** Narrows the table to one id between two times, and returns what the API answers to the same question. */
async function filter(page, history) {
  await history.fill("Ids", "pump-9");
  await history.fill("From", "2025-06-01T00:00:10");
  await history.fill("To", "2025-06-01T00:01:00");
  const query = "query?start=2025-06-01T00:00:10&views=latest&end=2025-06-01T00:01:00&ids=pump-9";
  const { latest } = await page.get(query);
  expect(latest.length).toBeGreaterThan(10);
  expect(latest.length).toBeLessThan(30);
  await history.total(latest.length);
  return { query, latest };
}

test("a table that is scrolled keeps one moment while rows come, until the newer ones are asked for", SMOKE, async ({ app }) => {
  const { page, history } = await withRows(app, 2_000);
  const post = (from, count) => page.post(Array.from({ length: count }, (_, i) => event(from + i)));
  await post(2_000, 1_000);
  await history.total(3_000);
  expect(await history.range(), "at its top the table follows the stream").toHaveProperty("isHeld", false);

  // Rows that were not fetched beside those at the top: they come with the snapshot, which then is taken.
  await history.scrollTo(ROW_PIXELS * 1_000);
  await history.waitForRange({ isHeld: true });
  const before = await history.shown();
  await post(3_000, 2_000);
  const newer = history.panel.getByRole("button", { name: /2\s000 newer rows: show them/ });
  await expect(newer).toBeVisible();
  expect(await history.shown()).toEqual(before);
  expect(await history.range()).toHaveProperty("total", 3_000);

  await newer.click();
  await history.total(5_000);
  await history.waitForRange({ isHeld: false });
  expect(await history.range()).toHaveProperty("first", 1);
  await expect(newer).toBeHidden();
});

test.describe(() => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  test("rows are chosen and copied with the keyboard alone", CHROMIUM, async ({ app }) => {
    const { page, history } = await withRows(app, FEW_ROWS);
    const pageRows = await history.pageRows();
    await history.button("Export").focus();
    await page.page.keyboard.press("Tab");
    await expect(history.grid, "the table is the next stop").toBeFocused();
    const active = () => history.grid.evaluate((grid) => document.getElementById(grid.getAttribute("aria-activedescendant"))?.ariaRowIndex);
    const press = async (key, row) => {
      await page.page.keyboard.press(key);
      await expect.poll(active, `${key} leads to row ${row}`).toBe(String(row + 2));
    };
    await press("ArrowDown", 0);
    await press("ArrowDown", 1);
    await press("PageDown", 1 + pageRows);
    await press("End", 19_999);
    expect(await history.range()).toHaveProperty("last", 20_000);
    await press("ArrowUp", 19_998);
    await press("Home", 0);
    await press("Shift+ArrowDown", 1);
    await press("Shift+ArrowDown", 2);

    const newest = (await page.get(`${EVERYTHING}&offset=19997&limit=3`)).latest.reverse();
    const tsv = await history.copied(() => page.page.keyboard.press("Control+c"));
    const [names, ...lines] = tsv.trimEnd().split("\n").map((line) => line.split("\t"));
    expect(names).toEqual(["timestamp", "id", "value", "moving_avg"]);
    expect(lines.map(([timestamp, id, value]) => [timestamp, id, Number(value)])).toEqual(newest.map(({ timestamp, id, value }) => [timestamp, id, value]));
    await expect(page.page.getByText("Copied 3 rows")).toBeVisible();

    await press("Shift+End", 19_999);
    const many = await history.copied(() => page.page.keyboard.press("Control+c"));
    expect(many.trimEnd().split("\n")).toHaveLength(10_001);
    await expect(page.page.getByText(/Copied the first 10\s000 rows of 20\s000/)).toBeVisible();
    await page.page.keyboard.press("Escape");
    await expect(history.grid).toHaveAttribute("aria-activedescendant", "");
    expect(app.errors).toEqual([]);
  });

  test("columns can be left out, and long ids are cut unless they are wanted whole", CHROMIUM, async ({ app }) => {
    const page = await app.open("?source=none&batch_size=1");
    const id = "0d9bb1f4-7cb7-4bd2-8a14-2f0e9a8b6f0a";
    await page.post([{ ...event(0), id }]);
    const history = new HistoryPanel(page.page);
    await history.show();
    await history.total(1);
    const cell = history.grid.getByRole("gridcell").nth(1);
    await expect(cell).toHaveText("0d9bb1f4…");
    await expect(cell).toHaveAttribute("title", id);
    await history.field("Full ids").check();
    await expect(cell).toHaveText(id);

    await history.panel.getByText("Columns", { exact: true }).click();
    await history.field("timestamp").uncheck();
    await expect(history.grid.getByRole("columnheader").first()).toHaveText("id", { useInnerText: true });
    const tsv = await history.copied(() => history.button("Copy rows in view").click());
    expect(tsv.trimEnd().split("\n")[0]).toBe("id\tvalue\tmoving_avg");
  });
});
