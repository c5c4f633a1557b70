// The pandas code that the page offers for copying makes the tables that it stands beside.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "./fixtures.mjs";
import { copied } from "./pages/clipboard.mjs";

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
  "rolling_by=id&window=2s&closed=both&agg=sum&distinct_ids=4",
  "rolling_by=id&window=1min&agg=median&rolling_scope=batch&distinct_ids=3&batch_size=17",
];

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

for (const settings of SETTINGS) {
  test(`the pandas lines give the page's tables in real pandas: ${settings}`, async ({ app, figure }) => {
    test.skip(!existsSync(PYTHON), "there is no Python with pandas");
    const page = await app.open(`?interval=20ms&seed=8&persist=false&${settings}`);
    await page.waitForCount("batches", (batches) => batches >= 4, { timeoutMillis: 30_000 });
    await page.configure({ paused: true });
    const latest = await page.get("latest");
    const newest = page.page.getByTestId("table-latest").getByTitle(latest.latest.at(-1).timestamp, { exact: true });
    await expect(newest.last(), "the page shows the same batch").toBeVisible();
    await page.page.getByRole("button", { name: "pandas", exact: true }).click();

    const isStream = !settings.includes("rolling_scope=batch");
    const stream = isStream ? (await page.get("query?start=1970-01-01&views=latest")).latest : latest.latest;
    const cases = [
      { code: await copiedCode(page, "latest"), rows: stream, answer: "df" },
      { code: await copiedCode(page, "melted"), rows: latest.latest, answer: "melted" },
      { code: await copiedCode(page, "pivoted"), rows: latest.latest, answer: "pivoted" },
    ];
    expect(cases[0].code).toMatch(isStream ? /^# df: all rows of the stream/ : /^# df: the rows of this batch/);
    const answers = JSON.parse(execFileSync(PYTHON, [SCRIPT], { input: JSON.stringify(cases), maxBuffer: 1 << 28 }));
    let cells = 0;
    for (const [index, name] of ["latest", "melted", "pivoted"].entries()) {
      // Of the whole stream, the newest rows are the batch.
      const found = answers[index].slice(-latest[name].length);
      expect(found, `rows of ${name}`).toHaveLength(latest[name].length);
      const shown = await shownRows(page, name);
      for (const { text, whole } of shown.flatMap(Object.values)) expect(whole, `what a cell of ${name} is cut from`).toContain(text);
      for (const [row, expected] of latest[name].entries()) {
        expect(Object.keys(found[row]), `columns of ${name}`).toEqual(Object.keys(expected));
        for (const [column, value] of Object.entries(expected)) {
          const place = `${column} of row ${row} of ${name}`;
          compare(found[row][column], value, EXACT, place);
          if (shown[row]) compare(found[row][column], shown[row][column].whole, SHOWN, `${place} as shown`);
          cells++;
        }
      }
    }
    figure("cells that are those of pandas", cells);
  });
}

/** What the button beside a table puts into the clipboard. */
async function copiedCode({ page }, name) {
  const code = page.getByTestId(`pandas-${name}`);
  const text = await copied(page, () => page.locator(".pandas-line", { has: code }).getByRole("button").click());
  expect(text, "what the page shows").toBe(await code.textContent());
  return text;
}

/** The rows of a table on the page, by column: the text of each cell, and what it stands for where the text is cut. */
function shownRows(page, name) {
  return page.page.getByTestId(`table-${name}`).evaluate((table) => {
    const columns = Array.from(table.querySelectorAll("th"), (cell) => cell.textContent);
    const cells = (row) => Array.from(row.cells, (cell, index) => [columns[index], { text: cell.textContent, whole: cell.title || cell.textContent }]);
    return Array.from(table.tBodies[0].rows, (row) => Object.fromEntries(cells(row)));
  });
}

/** Fails unless what pandas made is what an answer or a cell has: a text, a number, an instant, or nothing. */
function compare(found, expected, tolerance, place) {
  if (found === null) return expect([null, ""], `${place}: pandas has none`).toContain(expected);
  if (typeof found === "object") return expect(found.nanos, place).toBe(String(nanos(expected)));
  if (typeof found === "string") return expect(expected, place).toBe(found);
  expect([null, ""], `${place}: pandas has ${found}`).not.toContain(expected);
  return expect(Math.abs(found - Number(expected)), `${place}: ${found} beside ${expected}`).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(found)));
}

function nanos(timestamp) {
  const [, seconds, fraction = ""] = /^(.*?)(?:\.(\d+))?Z?$/.exec(timestamp);
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
