// A real sensor export is posted, and everything asked of it afterwards equals a naive recomputation.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { appTest } from "./app.mjs";
import { assertSame } from "./compare.mjs";
import { answerOf, inTimeOrder, nanosOf, textOf } from "./oracle.mjs";

const CSV = readFileSync(new URL("../fixtures/sensor_export.csv", import.meta.url), "utf8");
const NAIVE = readNaively(CSV);

appTest("every row of the export is answered as a naive recomputation answers it", {}, async (app) => {
  const page = await app.open("?source=none");
  const posted = await page.send("POST", "events", CSV, "text/csv");

  assert.equal(posted.status, 202, posted.text);
  const { accepted, rejected } = posted.json();
  assert.equal(accepted, NAIVE.rows.length);
  assert.deepEqual(rejected.map(({ row }) => row), NAIVE.broken.map(({ row }) => row));
  assert.ok(rejected.every(({ reason }) => reason.length > 0), "every refusal has a reason");

  const stream = inTimeOrder(NAIVE.rows);
  assert.ok(stream.length >= 1_500 && stream.length % 10 === 0, "the export fills whole batches");
  await assertAnswer(page, stream, {});
  await assertAnswer(page, stream, { start: 300, end: 900 });
  await assertAnswer(page, stream, { start: 1_200 });
  await assertAnswer(page, stream, { end: 57 });
  await assertAnswer(page, stream, { start: 200, limit: 25 });
  await assertAnswer(page, stream, { start: 200, limit: 25, offset: 40 });
  await assertAnswer(page, stream, { start: 0, offset: stream.length - 3 });
  assertSame(await page.get("latest"), answerOf(stream.slice(-10), stream), "latest");
  assert.deepEqual(app.errors, []);
});

appTest("ids, views and bounds between rows narrow the answer", {}, async (app) => {
  const page = await app.open("?source=none");
  await page.send("POST", "events", CSV, "text/csv");
  const stream = inTimeOrder(NAIVE.rows);
  const whole = await page.get("query?start=1970-01-01");

  for (const ids of [["roof/wind"], ["meter/power", "hall-3/humidity"], ["nobody"]]) {
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
  assert.deepEqual(await page.get("query?start=2025-03-30T12:00:00"), {});
  assert.deepEqual(await page.get("query?start=2025-03-30&end=2025-03-29"), {});
});

appTest("broken lines are dead letters with their reason, in the answer and on the page", {}, async (app) => {
  const page = await app.open("?source=none");
  await page.send("POST", "events", CSV, "text/csv");

  const letters = await page.get("rejected");
  const text = JSON.stringify(letters);
  for (const telling of ["n/a", "2025-02-30", "29.03.2025", "sensor timeout"]) assert.ok(text.includes(telling), `${telling} is quoted`);
  await page.waitForCount("rejected", (count) => count === NAIVE.broken.length);
});

/** Asks for the rows between two places of the stream and compares all three views. */
async function assertAnswer(page, stream, { start, end, limit, offset = 0 }) {
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
  assert.equal(answer.status, 200, answer.text);
  assertSame(answer.json(), answerOf(shown, stream), target);
  if (limit === undefined && !offset) return;
  assert.equal(answer.headers["x-total-count"], String(matched.length), target);
  const hasMore = offset + shown.length < matched.length;
  assert.equal(/rel="?next"?/.test(answer.headers.link ?? ""), hasMore, `${target}: Link is ${answer.headers.link}`);
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
