// Events of several measures, from the post to every place that shows them; one measure called `value` is as it always was.
import { SMOKE, expect, test } from "./fixtures.mjs";
import { ChartPanel } from "./pages/chart_panel.mjs";
import { HistoryPanel } from "./pages/history_panel.mjs";

const QUIET = "?source=none&clock=utc&batch_size=4";
const ALL = "query?start=1970-01-01";
const NDJSON = "application/x-ndjson";
const TWO = { measures: "flow [l/s],level", missing: "allow", id_field: "pump" };

/** Four readings a second apart; one lacks a measure. */
const READINGS = [
  { timestamp: "2026-06-01T12:00:00Z", pump: "a", "flow [l/s]": 1, level: 10 },
  { timestamp: "2026-06-01T12:00:01Z", pump: "b", "flow [l/s]": 2, remark: "none" },
  { timestamp: "2026-06-01T12:00:02Z", pump: "a", "flow [l/s]": 3, level: 30 },
  { timestamp: "2026-06-01T12:00:03Z", pump: "a", "flow [l/s]": 8, level: null },
];
const lines = (rows) => rows.map((row) => JSON.stringify(row)).join("\n");

const LATEST = [
  ["2026-06-01T12:00:00Z", "a", 1, 10, 1, 10],
  ["2026-06-01T12:00:01Z", "b", 2, null, 1.5, 10],
  ["2026-06-01T12:00:02Z", "a", 3, 30, 2, 20],
  ["2026-06-01T12:00:03Z", "a", 8, null, 3.5, 20],
].map(([timestamp, id, flow, level, flowMean, levelMean]) => ({
  timestamp,
  id,
  "flow [l/s]": flow,
  level,
  "flow [l/s]_moving_avg": flowMean,
  level_moving_avg: levelMean,
}));
const COLUMNS = Object.keys(LATEST[0]);
const MELTED = ["timestamp", "flow [l/s]", "level"].flatMap((variable) => LATEST.map((row) => ({ id: row.id, variable, val: row[variable] })));
const PIVOTED = [
  { id: "a", timestamp: "2026-06-01T12:00:01.666666Z", "flow [l/s]": 4, level: 20 },
  { id: "b", timestamp: "2026-06-01T12:00:01Z", "flow [l/s]": 2, level: null },
];

/** The app with these events. */
async function openWithTwo(app) {
  const page = await app.open(`${QUIET}&${new URLSearchParams(TWO)}`);
  const posted = await page.send("POST", "events", lines([...READINGS, { pump: "c" }]), NDJSON);
  expect(posted.status, posted.text).toBe(202);
  expect(posted.json()).toMatchObject({ accepted: 4, rejected_count: 1, ignored: ["remark"] });
  return page;
}

test("two measures are in every table and format of the answers", SMOKE, async ({ app }) => {
  const page = await openWithTwo(app);
  expect(await page.get("latest")).toEqual({ latest: LATEST, melted: MELTED, pivoted: PIVOTED });
  expect(await page.get(ALL)).toEqual({ latest: LATEST, melted: MELTED, pivoted: PIVOTED });
  expect((await page.get(`${ALL}&agg=max&views=latest&limit=1&offset=3`)).latest).toEqual([
    { timestamp: LATEST[3].timestamp, id: "a", "flow [l/s]": 8, level: null, "flow [l/s]_moving_max": 8, level_moving_max: 30 },
  ]);
  const csv = (await page.fetch(`${ALL}&views=latest&format=csv`)).text.trim().split(/\r?\n/);
  expect(csv[0].split(",")).toEqual(COLUMNS);
  expect(csv[2].split(",").map((cell, column) => (column < 2 || cell === "" ? cell : Number(cell)))).toEqual([LATEST[1].timestamp, "b", 2, "", 1.5, 10]);
  const ndjson = (await page.fetch(`${ALL}&views=melted&format=ndjson`)).text.trim().split("\n").map((line) => JSON.parse(line));
  expect(ndjson.map(({ id, variable }) => [id, variable])).toEqual(MELTED.map(({ id, variable }) => [id, variable]));

  await page.page.reload();
  await page.waitUntilLive();
  expect(await page.get(ALL), "after a reload").toEqual({ latest: LATEST, melted: MELTED, pivoted: PIVOTED });
});

test("two measures are in the tables, the history and the chart of the page", SMOKE, async ({ app }) => {
  const page = await openWithTwo(app);
  const heads = (name) => page.page.getByTestId(`table-${name}`).evaluate((table) => Array.from(table.querySelectorAll("thead th"), (cell) => cell.textContent));
  await expect.poll(() => heads("latest")).toEqual(COLUMNS);
  await expect.poll(() => heads("pivoted")).toEqual(["id", "timestamp", "flow [l/s]", "level"]);

  const chart = new ChartPanel(page.page);
  // The first measure is the chart's own; the other one has a line with its name, which can be taken away.
  await expect(chart.chips).toHaveText([/^level/]);

  const history = new HistoryPanel(page.page);
  await history.show();
  await history.total(4);
  for (const name of COLUMNS) await expect(history.grid.getByRole("columnheader", { name }).first()).toBeVisible();
  expect((await history.shown())[0]).toContain("8.0");
});

test("rows keep the measures that they came with when these are changed", async ({ app }) => {
  const page = await openWithTwo(app);
  await page.configure({ measures: "level,power", id_field: "id" });
  const answer = await page.send("POST", "events?complete=true", lines([{ timestamp: "2026-06-01T12:00:04Z", id: "d", power: 7 }]), NDJSON);
  expect(answer.status, answer.text).toBe(202);
  const { latest } = await page.get(`${ALL}&views=latest`);
  expect(latest.map(({ id, level, power }) => [id, level, power])).toEqual([["a", 10, null], ["b", null, null], ["a", 30, null], ["a", null, null], ["d", null, 7]]);
  await page.configure({ measures: TWO.measures });
  const again = await page.get(`${ALL}&views=latest`);
  expect(again.latest.slice(0, 4).map((row) => row["flow [l/s]"]), "what came under another name is there again").toEqual([1, 2, 3, 8]);
});

test("names that no measure can have are refused by the setting, with the reason", async ({ app }) => {
  const page = await app.open(QUIET);
  for (const measures of ["timestamp", "id", "moving_avg", "a,a", Array.from({ length: 65 }, (_, at) => `m${at}`).join(), "x".repeat(65)]) {
    const answer = await page.send("PATCH", "config", JSON.stringify({ measures }));
    expect(answer.status, `${measures.slice(0, 20)}: ${answer.text}`).toBe(422);
    expect(answer.json().detail[0].loc.at(-1)).toBe("measures");
  }
  expect(await page.get("config")).toMatchObject({ measures: "value" });
});

test("one measure called value answers to the byte as it always has", SMOKE, async ({ app }) => {
  const page = await app.open(QUIET);
  const rows = READINGS.map(({ timestamp, pump, "flow [l/s]": value }) => ({ timestamp, id: pump, value: pump === "b" ? 2.5 : value }));
  const posted = await page.send("POST", "events", JSON.stringify(rows));
  expect(posted.text).toBe('{"accepted":4,"rejected_count":0,"rejected":[]}');
  const { text } = await page.fetch(`${ALL}&limit=1&offset=1&views=latest`);
  expect(text).toBe('{"latest":[{"timestamp":"2026-06-01T12:00:01Z","id":"b","value":2.5,"moving_avg":1.75}]}');
});
