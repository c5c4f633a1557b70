// The pandas code that the page offers for copying makes the tables that it stands beside.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { appTest } from "./app.mjs";

const PYTHON = fileURLToPath(new URL("../../target/test-venv/bin/python", import.meta.url));
const SCRIPT = fileURLToPath(new URL("./pandas_lines.py", import.meta.url));
/** What the page may print less of: cells show six decimals. */
const SHOWN = 1e-6;
const EXACT = 1e-9;

const SETTINGS = [
  "window=500ms&closed=left&agg=std&aggfunc=count&clock=utc&distinct_ids=3",
  "window=5s&closed=both&agg=median&aggfunc=first&distinct_ids=4&min_periods=3",
  "window=1min&closed=neither&agg=sum&aggfunc=std&clock=utc",
  "window=2h&agg=var&aggfunc=sum&rolling_scope=batch&distinct_ids=2",
  "window=1d&agg=count&aggfunc=median&clock=utc&distinct_ids=5&min_periods=0",
  "aggfunc=last&agg=min&distinct_ids=3&batch_size=17",
];

appTest("the pandas lines give the page's tables in real pandas", { timeoutMillis: 180_000, browser: { permissions: ["clipboard-read", "clipboard-write"] } }, async (app) => {
  if (!existsSync(PYTHON)) return console.log("pandas lines: left out, since there is no Python with pandas");
  let cells = 0;
  for (const settings of SETTINGS) {
    const page = await app.open(`?interval=20ms&seed=8&persist=false&${settings}`);
    await page.reset();
    await page.waitForCount("batches", (batches) => batches >= 4, { timeoutMillis: 30_000 });
    await page.configure({ paused: true });
    const latest = await page.get("latest");
    // The page shows the same batch.
    await page.waitForText("table-latest", new RegExp(latest.latest.at(-1).timestamp));

    const isStream = !settings.includes("rolling_scope=batch");
    const stream = isStream ? (await page.get("query?start=1970-01-01&views=latest")).latest : latest.latest;
    const cases = [
      { code: await copied(page, "latest"), rows: stream, answer: "df" },
      { code: await copied(page, "melted"), rows: latest.latest, answer: "melted" },
      { code: await copied(page, "pivoted"), rows: latest.latest, answer: "pivoted" },
    ];
    assert.match(cases[0].code, isStream ? /^# df: all rows of the stream/ : /^# df: the rows of this batch/);
    const answers = JSON.parse(execFileSync(PYTHON, [SCRIPT], { input: JSON.stringify(cases), maxBuffer: 1 << 28 }));
    for (const [index, name] of ["latest", "melted", "pivoted"].entries()) {
      // Of the whole stream, the newest rows are the batch.
      const found = answers[index].slice(-latest[name].length);
      assert.equal(found.length, latest[name].length, `${settings}: rows of ${name}`);
      const shown = await shownRows(page, name);
      for (const [row, expected] of latest[name].entries()) {
        assert.deepEqual(Object.keys(found[row]), Object.keys(expected), `${settings}: columns of ${name}`);
        for (const [column, value] of Object.entries(expected)) {
          const place = `${settings}: ${column} of row ${row} of ${name}`;
          compare(found[row][column], value, EXACT, place);
          if (shown[row]) compare(found[row][column], shown[row][column], SHOWN, `${place} as shown`);
          cells++;
        }
      }
    }
    await page.close();
  }
  console.log(`pandas lines: ${cells} cells of ${SETTINGS.length} settings are those of pandas`);
});

/** What the button beside a table puts into the clipboard. */
async function copied(page, name) {
  const line = page.page.locator(".pandas-line", { has: page.page.getByTestId(`pandas-${name}`) });
  await line.getByRole("button").click();
  const text = await page.page.evaluate(() => navigator.clipboard.readText());
  assert.equal(text, await page.page.getByTestId(`pandas-${name}`).evaluate((element) => element.textContent));
  return text;
}

/** The rows of a table on the page, by column. */
function shownRows(page, name) {
  return page.page.getByTestId(`table-${name}`).evaluate((table) => {
    const columns = Array.from(table.querySelectorAll("th"), (cell) => cell.textContent);
    const cells = (row) => Array.from(row.cells, (cell, index) => [columns[index], cell.textContent]);
    return Array.from(table.tBodies[0].rows, (row) => Object.fromEntries(cells(row)));
  });
}

/** Whether what pandas made is what stands in an answer or a cell: a text, a number, an instant, or nothing. */
function compare(found, expected, tolerance, place) {
  if (found === null) return assert.ok(expected === null || expected === "", `${place}: pandas has none, not ${expected}`);
  if (typeof found === "object") return assert.equal(found.nanos, String(nanos(expected)), place);
  if (typeof found === "string") return assert.equal(expected, found, place);
  assert.ok(expected !== null && expected !== "", `${place}: ${found} is missing`);
  assert.ok(Math.abs(found - Number(expected)) <= tolerance * Math.max(1, Math.abs(found)), `${place}: ${found} is not ${expected}`);
}

function nanos(timestamp) {
  const [, seconds, fraction = ""] = /^(.*?)(?:\.(\d+))?Z?$/.exec(timestamp);
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
