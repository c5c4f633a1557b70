// A real sensor export is posted, and everything asked of it afterwards equals a naive recomputation.
import { readFileSync } from "node:fs";
import { SMOKE, expect, test } from "./fixtures.mjs";
import { assertSame } from "./support/compare.mjs";
import { answerOf, inTimeOrder, nanosOf, textOf } from "./support/oracle.mjs";

const CSV = readFileSync(new URL("../fixtures/sensor_export.csv", import.meta.url), "utf8");
const NAIVE = readNaively(CSV);

test("every row of the export is answered as a naive recomputation answers it", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none");
  const posted = await page.send("POST", "events", CSV, "text/csv");

  expect(posted.status, posted.text).toBe(202);
  const { accepted, rejected } = posted.json();
  expect(accepted).toBe(NAIVE.rows.length);
  expect(rejected.map(({ row }) => row)).toEqual(NAIVE.broken.map(({ row }) => row));
  for (const { row, reason } of rejected) expect(reason, `why row ${row} is refused`).toMatch(/./);

  const stream = inTimeOrder(NAIVE.rows);
  expect(stream.length).toBeGreaterThanOrEqual(1_500);
  expect(stream.length % 10, "the export fills whole batches").toBe(0);
  await expectAnswer(page, stream, {});
  await expectAnswer(page, stream, { start: 300, end: 900 });
  await expectAnswer(page, stream, { start: 1_200 });
  await expectAnswer(page, stream, { end: 57 });
  await expectAnswer(page, stream, { start: 200, limit: 25 });
  await expectAnswer(page, stream, { start: 200, limit: 25, offset: 40 });
  await expectAnswer(page, stream, { start: 0, offset: stream.length - 3 });
  assertSame(await page.get("latest"), answerOf(stream.slice(-10), stream), "latest");
  expect(app.errors).toEqual([]);
});

test("ids, views and bounds between rows narrow the answer", async ({ app }) => {
  const page = await app.open("?source=none");
  await page.send("POST", "events", CSV, "text/csv");
  const stream = inTimeOrder(NAIVE.rows);
  const whole = await page.get("query?start=1970-01-01");

  for (const ids of [["roof/wind"], ["meter/power", "hall-3/humidity"], ["no/such/id"]]) {
    const kept = stream.filter((row) => ids.includes(row.id));
    const answer = await page.get(`query?start=1970-01-01&ids=${encodeURIComponent(ids.join(","))}`);
    assertSame(answer, answerOf(kept, stream), `ids ${ids}`); // an average belongs to the stream, whichever rows are shown
  }
  for (const views of ["latest", "pivoted", "melted,latest"]) {
    const answer = await page.get(`query?start=1970-01-01&views=${views}`);
    assertSame(answer, Object.fromEntries(Object.entries(whole).filter(([name]) => views.includes(name))), `views ${views}`);
  }
  const middle = stream[800].nanos;
  const before = stream.filter((row) => row.nanos < middle);
  assertSame(await page.get(`query?end=${textOf(middle - 1n)}`), answerOf(before, stream), "a bound one nanosecond before a row");
  expect(await page.get("query?start=2025-03-30T12:00:00")).toEqual({});
  expect(await page.get("query?start=2025-03-30&end=2025-03-29")).toEqual({});
});

test("broken lines are dead letters with their reason, in the answer and on the page", async ({ app }) => {
  const page = await app.open("?source=none");
  await page.send("POST", "events", CSV, "text/csv");

  const letters = await page.get("rejected");
  const text = JSON.stringify(letters);
  for (const quoted of ["n/a", "2025-02-30", "29.03.2025", "sensor timeout"]) expect(text).toContain(quoted);
  await page.waitForCount("rejected", (count) => count === NAIVE.broken.length);
});

/** Asks for the rows between two places of the stream and compares all three views. */
async function expectAnswer(page, stream, { start, end, limit, offset = 0 }) {
  const bounds = {
    start: textOf(stream[start ?? 0].nanos),
    ...(end !== undefined && { end: textOf(stream[end].nanos) }),
    ...(limit !== undefined && { limit }),
    ...(offset && { offset }),
  };
  const matched = stream.filter((row) => row.nanos >= nanosOf(bounds.start) && (!bounds.end || row.nanos <= nanosOf(bounds.end)));
  const shown = matched.slice(offset, limit === undefined ? undefined : offset + limit);
  const target = `query?${new URLSearchParams(bounds)}`;
  const answer = await page.fetch(target);
  expect(answer.status, answer.text).toBe(200);
  assertSame(answer.json(), answerOf(shown, stream), target);
  if (limit === undefined && !offset) return;
  expect(answer.headers["x-total-count"], target).toBe(String(matched.length));
  const hasMore = offset + shown.length < matched.length;
  expect(/rel="?next"?/.test(answer.headers.link ?? ""), `${target}: Link is ${answer.headers.link}`).toBe(hasMore);
}

/** Reads the export line by line; a line that is no event is broken. */
function readNaively(csv) {
  const rows = [];
  const broken = [];
  csv.trimEnd().split("\n").slice(1).forEach((line, row) => {
    const fields = [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain);
    const [timestamp, id, text] = fields;
    const value = text ? Number(text) : NaN;
    if (fields.length !== 3 || !Number.isFinite(value) || !isTime(timestamp)) broken.push({ row, line });
    else rows.push({ timestamp, id, value });
  });
  return { rows, broken };
}

function isTime(text) {
  try {
    // Date.parse takes 30 February for 2 March.
    return textOf(nanosOf(text)).length > 0 && !text.startsWith("2025-02-30");
  } catch {
    return false;
  }
}
