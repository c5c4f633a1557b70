// The table of the whole history, beside what the API answers about the same rows.
import assert from "node:assert/strict";
import { appTest } from "./app.mjs";
import { HistoryPanel } from "./pages/history_panel.mjs";
import { until } from "./until.mjs";

const ROWS = 200_000;
const EVERYTHING = "query?start=1970-01-01&views=latest";
const CLIPBOARD = { browser: { permissions: ["clipboard-read", "clipboard-write"] }, timeoutMillis: 120_000 };

/** Row `i` of the stream: 20 rows a second, of 40 sensors, with values that do not rise with time. */
const event = (i) => ({
  timestamp: new Date(Date.UTC(2025, 5, 1) + i * 50).toISOString(),
  id: `pump-${i % 40}`,
  value: ((i * 7919) % 100_003) / 8,
});

async function withRows(app, count = ROWS) {
  const page = await app.open("?source=none&batch_size=1000&queue_capacity=300000");
  const lines = Array.from({ length: count }, (_, i) => Object.values(event(i)).join(","));
  const posted = await page.send("POST", "events", ["timestamp,id,value", ...lines, ""].join("\n"), "text/csv");
  assert.equal(posted.status, 202, posted.text.slice(0, 300));
  await page.waitForCount("history", (kept) => kept === count, { timeoutMillis: 60_000 });
  const history = new HistoryPanel(page.page);
  await history.panel.scrollIntoViewIfNeeded();
  await history.total(count);
  return { page, history };
}

/** Rows as the API answers them, as the table writes them. */
function asShown(rows) {
  const number = (value) => (value === null ? "–" : String(Math.round(value * 1e6) / 1e6).replace(/^-?\d+$/, "$&.0"));
  return rows.map(({ timestamp, id, value, moving_avg }) => [timestamp, id, number(value), number(moving_avg)]);
}

const cells = (rows) => rows.map(([, ...cells]) => cells);

appTest("every place of the table shows the rows that the API answers", { timeoutMillis: 120_000 }, async (app) => {
  const { page, history } = await withRows(app);
  const assertShown = async (what) => {
    const rows = await history.shown();
    const last = rows.at(-1)[0];
    const answer = await page.get(`${EVERYTHING}&offset=${ROWS - 1 - last}&limit=${rows.length}`);
    assert.deepEqual(cells(rows), asShown(answer.latest.reverse()), what);
  };
  await assertShown("the newest rows");
  assert.equal((await history.range()).first, 1);

  await history.scrollTo((ROWS / 2) * 28);
  await until("the middle is in view", async () => (await history.range()).first === ROWS / 2 + 1);
  await assertShown("the middle");

  await history.scrollTo(1e9);
  await until("the end is in view", async () => (await history.range()).last === ROWS);
  await assertShown("the oldest rows");

  const drawn = await history.grid.getByRole("row").count();
  assert.ok(drawn < 45, `${drawn} rows are elements`);
  assert.equal(await history.grid.getAttribute("aria-rowcount"), String(ROWS + 1));
  assert.deepEqual(app.errors, []);
});

appTest("a column is sorted up, down, and back to the newest first", { timeoutMillis: 120_000 }, async (app) => {
  const { history } = await withRows(app);
  const values = Array.from({ length: ROWS }, (_, i) => event(i).value).sort((a, b) => a - b);
  const shownValues = async () => (await history.shown()).map((row) => Number(row[3]));
  const sorted = (name) => history.grid.getByRole("columnheader", { name });

  await history.grid.getByRole("button", { name: "value" }).click();
  await until("the smallest come first", async () => (await shownValues())[0] === values[0]);
  assert.deepEqual(await shownValues(), values.slice(0, (await history.range()).last));
  assert.equal(await sorted("value").getAttribute("aria-sort"), "ascending");
  assert.ok((await history.range()).isHeld);

  await history.grid.getByRole("button", { name: "value" }).click();
  await until("the largest come first", async () => (await shownValues())[0] === values.at(-1));
  assert.equal(await sorted("value").getAttribute("aria-sort"), "descending");

  await history.grid.getByRole("button", { name: "value" }).click();
  await until("the newest come first", async () => (await history.shown())[0][1].startsWith(event(ROWS - 1).timestamp.slice(0, 19)));
  assert.equal(await sorted("value").getAttribute("aria-sort"), "none");
  assert.equal(await sorted("timestamp").getAttribute("aria-sort"), "descending");
});

appTest("one id between two times is found and exported", { ...CLIPBOARD }, async (app) => {
  const { page, history } = await withRows(app, 20_000);
  await history.fill("Ids", "pump-9");
  await history.total(500);
  await history.fill("From", "2025-06-01T00:00:10");
  await history.fill("To", "2025-06-01T00:01:00");
  const query = `${EVERYTHING.replace("1970-01-01", "2025-06-01T00:00:10")}&end=2025-06-01T00:01:00&ids=pump-9`;
  const { latest } = await page.get(query);
  assert.ok(latest.length > 10 && latest.length < 30);
  await history.total(latest.length);
  await history.grid.focus();
  assert.deepEqual(cells(await history.shown()), asShown(latest.toReversed()).slice(0, (await history.range()).last));

  const csv = await history.export("CSV");
  assert.equal(csv, (await page.fetch(`${query}&format=csv`)).text);
  await page.page.getByText(/millrace\.csv holds/).first().waitFor();

  await history.fill("From", "noon");
  await history.panel.getByText('"noon" is not an ISO 8601 date and time').waitFor();
  assert.equal((await history.range()).total, latest.length, "what cannot be read changes nothing");

  await history.fill("Ids", "pump-99");
  await history.panel.getByText("No row matches: 0 of 20 000 rows have the id pump-99 within this time.".replace("20 000", "20\u202f000")).waitFor();
  await history.panel.getByRole("button", { name: "Clear filters" }).last().click();
  await history.total(20_000);
  assert.deepEqual([await history.field("Ids").inputValue(), await history.field("From").inputValue()], ["", ""]);
});

appTest("who scrolls keeps one moment while rows come, until they ask for the newer ones", {}, async (app) => {
  const { page, history } = await withRows(app, 2_000);
  const post = (from, count) => page.post(Array.from({ length: count }, (_, i) => event(from + i)));
  await post(2_000, 1_000);
  await history.total(3_000);
  assert.equal((await history.range()).isHeld, false, "who stands at the top follows");

  await history.scrollTo(28 * 100);
  await until("the table is held", async () => (await history.range()).isHeld);
  const before = await history.shown();
  await post(3_000, 2_000);
  const newer = history.panel.getByRole("button", { name: /2\s000 newer rows: show them/ });
  await newer.waitFor();
  assert.deepEqual(await history.shown(), before);
  assert.equal((await history.range()).total, 3_000);

  await newer.click();
  await history.total(5_000);
  await until("the stream is followed again", async () => (await history.range()).isHeld === false);
  assert.equal((await history.range()).first, 1);
  assert.equal(await newer.isVisible(), false);
});

appTest("rows are chosen and copied with the keyboard alone", CLIPBOARD, async (app) => {
  const { page, history } = await withRows(app, 20_000);
  await history.button("Export as JSON").focus();
  await page.page.keyboard.press("Tab");
  assert.ok(await history.grid.evaluate((grid) => grid === document.activeElement), "the table is the next stop");
  const active = () => history.grid.evaluate((grid) => document.getElementById(grid.getAttribute("aria-activedescendant"))?.ariaRowIndex);
  const press = async (key, row) => {
    await page.page.keyboard.press(key);
    await until(`${key} leads to row ${row}`, async () => (await active()) === String(row + 2));
  };
  await press("ArrowDown", 0);
  await press("ArrowDown", 1);
  await press("PageDown", 16);
  await press("End", 19_999);
  assert.equal((await history.range()).last, 20_000);
  await press("ArrowUp", 19_998);
  await press("Home", 0);
  await press("Shift+ArrowDown", 1);
  await press("Shift+ArrowDown", 2);

  const newest = (await page.get(`${EVERYTHING}&offset=19997&limit=3`)).latest.reverse();
  const tsv = await history.copied(() => page.page.keyboard.press("Control+c"));
  const lines = tsv.trimEnd().split("\n").map((line) => line.split("\t"));
  assert.deepEqual(lines[0], ["timestamp", "id", "value", "moving_avg"]);
  assert.deepEqual(lines.slice(1).map(([timestamp, id, value]) => ({ timestamp, id, value: Number(value) })), newest.map(({ timestamp, id, value }) => ({ timestamp, id, value })));
  await page.page.getByText("Copied 3 rows").waitFor();

  await press("Shift+End", 19_999);
  const many = await history.copied(() => page.page.keyboard.press("Control+c"));
  assert.equal(many.trimEnd().split("\n").length, 10_001);
  await page.page.getByText(/Copied the first 10\s000 rows of 20\s000/).waitFor();
  await page.page.keyboard.press("Escape");
  assert.equal(await history.grid.getAttribute("aria-activedescendant"), "");
  assert.deepEqual(app.errors, []);
});

appTest("columns can be left out, and long ids are cut unless somebody wants them whole", CLIPBOARD, async (app) => {
  const page = await app.open("?source=none&batch_size=1");
  const id = "0d9bb1f4-7cb7-4bd2-8a14-2f0e9a8b6f0a";
  await page.post([{ ...event(0), id }]);
  const history = new HistoryPanel(page.page);
  await history.panel.scrollIntoViewIfNeeded();
  await history.total(1);
  const cell = history.grid.getByRole("gridcell").nth(1);
  assert.equal(await cell.innerText(), "0d9bb1f4…");
  assert.equal(await cell.getAttribute("title"), id);
  await history.field("Full ids").check();
  await until("the id is whole", async () => (await cell.innerText()) === id);

  await history.panel.getByText("Columns", { exact: true }).click();
  await history.field("timestamp").uncheck();
  assert.equal(await history.grid.getByRole("columnheader").first().innerText(), "id");
  const tsv = await history.copied(() => history.button("Copy rows in view").click());
  assert.deepEqual(tsv.trimEnd().split("\n")[0], "id\tvalue\tmoving_avg");
});
