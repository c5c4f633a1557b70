// No request holds the pipeline up, however much it asks for: batches go on, and whoever goes away ends the work.
import { MEASURED, expect, test } from "./fixtures.mjs";
import { Attacker } from "./support/attacker.mjs";
import { inForm } from "./support/form.mjs";
import { metric } from "./support/ledger.mjs";
import { Vitals } from "./support/vitals.mjs";

const ROWS = inForm({ short: 40_000, full: 200_000 });
const ROWS_A_BODY = 20_000;
const ROW_MILLIS = 700;
/** Of a query over a window that holds all rows so many are answered: the rest is work that no answer shows. */
const ROWS_ANSWERED = 20;
const WIDE = ["90000d", "2000000h"];

const PIVOTED_ROWS = inForm({ short: 100_000, full: 1_000_000 });
const AT_ONCE = inForm({ short: [5, 30, 60], full: [5, 30, 500] });
/** So many requests of many rows wait before one is refused. */
const MOST_WAITING = 32;

/** Batches come all the while. */
const RUNNING = { source: "simulated", interval: "2ms", distinct_ids: 50 };

test("a window over the whole history holds nothing up, whatever it computes, in queries and in the settings", MEASURED, async ({ app, figure }) => {
  test.setTimeout(inForm({ short: 90_000, full: 600_000 }));
  const page = await app.open("?source=none&clock=utc");
  for (let first = 0; first < ROWS; first += ROWS_A_BODY) {
    const answer = await page.send("POST", "events", lines(first, first + ROWS_A_BODY), "text/csv");
    expect(answer.status, answer.text.slice(0, 300)).toBe(202);
  }
  await page.configure(RUNNING);
  const { paths } = await page.get("openapi.json");
  const { enum: aggs } = paths["/query"].get.parameters.find(({ name }) => name === "agg").schema;
  const vitals = await Vitals.begin(app, page);
  const attacker = await Attacker.open(app);

  for (const agg of aggs.filter(Boolean)) {
    const paging = `offset=${ROWS - ROWS_ANSWERED}&limit=${ROWS_ANSWERED}`;
    const windows = WIDE.flatMap((window) => [`window=${window}&rolling_by=all`, `window=${window}&rolling_by=id`]);
    const targets = windows.map((window) => `query?start=1970-01-01&end=2200-01-01&views=latest&agg=${agg}&${window}&${paging}`);
    const answers = await Promise.all(targets.map((target) => attacker.send({ target })));
    for (const [place, { status, error, text }] of answers.entries()) expect(status, `${targets[place]}: ${error} ${text.slice(0, 300)}`).toBe(200);
    figure(`${agg} over ${ROWS.toLocaleString("en")} rows, four at once`, Math.max(...answers.map(({ millis }) => millis)), "ms");
  }
  for (const agg of aggs.filter(Boolean)) {
    await page.configure({ agg, window: "8888d" });
    const batches = await page.count("batches");
    await page.waitForCount("batches", (now) => now > batches + 20);
  }
  await vitals.expectUnharmed("windows over the whole history", figure);
});

test("pivots of the whole history that are asked for at once are all answered, and batches go on", MEASURED, async ({ app, figure }) => {
  test.setTimeout(inForm({ short: 90_000, full: 900_000 }));
  const page = await filled(app);
  const vitals = await Vitals.begin(app, page);
  const attacker = await Attacker.open(app);

  for (const times of AT_ONCE) {
    const started = Date.now();
    const answers = await attacker.sendAtOnce({ target: "query?start=1970-01-01&end=2200-01-01&views=pivoted" }, times);
    const refused = answers.filter(({ status }) => status === 503);
    figure(`${times} pivots of ${PIVOTED_ROWS.toLocaleString("en")} rows at once`, `${((Date.now() - started) / 1000).toFixed(1)} s, ${refused.length} refused`);
    expect(answers.filter(({ status, error }) => error || ![200, 503].includes(status))).toEqual([]);
    for (const { headers, text } of refused) {
      expect(headers["retry-after"]).toMatch(/^\d+$/);
      expect(JSON.parse(text).detail).toEqual(expect.any(String));
    }
    if (times <= MOST_WAITING) expect(refused).toEqual([]);
    expect(times - refused.length, "answered at once").toBeGreaterThanOrEqual(Math.min(times, MOST_WAITING));
    for (const { status, text } of answers) if (status === 200) expect(JSON.parse(text).pivoted).toHaveLength(RUNNING.distinct_ids);
  }
  await vitals.expectUnharmed("pivots at once", figure);
});

test("clients that go away end their work, also while it waits", MEASURED, async ({ app, figure }) => {
  const page = await filled(app);
  const vitals = await Vitals.begin(app, page);
  const open = await metric(page, "millrace_open_streams");
  const leaver = await Attacker.open(app);
  const heavy = "query?start=1970-01-01&views=latest,pivoted&bucket=1h&window=40000d&agg=median";

  // Some before their answer begins, some in the middle of it, some with their tab.
  const aborted = await leaver.sendAtOnce({ target: heavy, abortMillis: 40 }, 80);
  expect(aborted.filter(({ error }) => error)).toEqual([]);
  await leaver.sendAtOnce({ target: "query?start=1970-01-01", readBytes: 1 }, 20);
  leaver.sendAtOnce({ target: heavy }, 80).catch(() => {}); // it ends with its tab
  leaver.sendAtOnce({ target: "query?start=1970-01-01", standMillis: 60_000 }, 20).catch(() => {});
  await expect.poll(() => metric(page, "millrace_open_streams"), "answers are being read").toBeGreaterThan(open);
  await leaver.close();

  await expect.poll(() => metric(page, "millrace_open_streams"), { message: "no answer is read any more", timeout: 15_000 }).toBeLessThanOrEqual(open);
  const asked = Date.now();
  await page.get("query?start=2100-01-01&views=pivoted");
  const millis = Date.now() - asked;
  figure("the next query is answered after", millis, "ms");
  expect(millis, "nothing of what was given up stands before the next query").toBeLessThan(2000);
  await vitals.expectUnharmed("clients that go away", figure);
});

/** The app with a full history of recurring ids, and batches that go on. */
async function filled(app) {
  const page = await app.open(`?interval=5us&distinct_ids=${RUNNING.distinct_ids}&history_rows=${PIVOTED_ROWS}&memory_rows=${PIVOTED_ROWS}`);
  await page.waitForCount("history", (rows) => rows === PIVOTED_ROWS, { timeoutMillis: 120_000 });
  await page.configure(RUNNING);
  await page.waitForCount("queued", (queued) => queued < 100, { timeoutMillis: 30_000 });
  return page;
}

/** Rows whose values cancel, are equal, as small as can be, or as large: what makes a running sum unsure. */
function lines(from, to) {
  const start = Date.UTC(2024, 1, 29);
  const values = [(n) => (n % 2 ? 1e14 : -1e14) + n / 8, () => 0.1, () => 5e-324, (n) => n, (n) => (n % 1000 ? n / 3 : 1e300)];
  const rows = ["timestamp,id,value"];
  for (let n = from; n < to; n++) {
    const value = values[Math.floor(n / 4000) % values.length](n);
    rows.push(`${new Date(start + n * ROW_MILLIS).toISOString()},sensor ${n % 13},${value}`);
  }
  return rows.join("\n");
}
