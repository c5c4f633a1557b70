// No body ends the pipeline: limits are met while it comes, memory stays where it was, and answers to bad input are small.
import { MEASURED, expect, test } from "./fixtures.mjs";
import { Attacker } from "./support/attacker.mjs";
import { inForm } from "./support/form.mjs";
import { heapBytes } from "./support/heap.mjs";
import { metric } from "./support/ledger.mjs";
import { MOST_GROWN_MB, Vitals } from "./support/vitals.mjs";

const MB = 1 << 20;
/** As large as a body may be, or nearly; the short form reads less of what costs something for each row. */
const NEARLY_ALL = inForm({ short: 4, full: 62 }) * MB;
/** Beyond what any body may have. */
const TOO_LARGE = inForm({ short: 80, full: 1024 }) * MB;
/** An answer to bad input stays below this, names no more of a value than so many characters, and lists no more rows. */
const MOST_BYTES = 1_000_000;
const MOST_CHARACTERS = 200;
const MOST_ROWS = 1000;
/** A sentence that names values, and what is kept of a refused row. */
const LONGEST_TEXT = 5 * MOST_CHARACTERS;

const RUNNING = "?interval=5ms&history_rows=20000&clock=utc";
const NDJSON = "application/x-ndjson";
const JSON_TYPE = "application/json";

const READERS = inForm({ short: 30, full: 150 });
const READERS_BATCH = 5000;

/** So many repetitions of a text, within as many bytes as nearly all. */
const filling = (text, bytes = NEARLY_ALL) => [text, Math.floor(bytes / text.length)];
const events = (type, ...body) => ({ method: "POST", target: "events", headers: [["Content-Type", type]], body });
const settings = (...body) => ({ method: "PATCH", target: "config", headers: [["Content-Type", JSON_TYPE]], body });

const VALID = events(NDJSON, ['{"id":"d","value":4}\n', 10]);

/** Bodies, and the statuses that are right for them. */
const BODIES = {
  "lines that are no JSON": [[422], events(NDJSON, filling("?\n"))],
  "lines that are no event": [[422], events("application/jsonl", filling("null\n"))],
  "lines without an end": [[413, 422], events(NDJSON, ["{"], filling("\t"))],
  "an array of numbers": [[413, 422], events(JSON_TYPE, ["["], filling("7,"), ["7]"])],
  "an array of empty objects": [[413, 422], events(JSON_TYPE, ["["], filling("{},"), ["{}]"])],
  "an array that never ends": [[413, 422], events(JSON_TYPE, ["["], filling('{"id":"b","value":2},'))],
  "arrays within arrays": [[413, 422], events(JSON_TYPE, filling("["))],
  "objects within objects": [[413, 422], events(JSON_TYPE, filling('{"id":'))],
  "an event of many members": [[202, 413, 422], events(JSON_TYPE, ['{"value":1'], filling(',"member":0'), ["}"])],
  "an id without an end": [[413, 422], events(JSON_TYPE, ['[{"value":1,"id":"'], filling("Z"), ['"}]'])],
  "a number of many digits": [[413, 422], events(JSON_TYPE, ['[{"value":'], filling("8"), ["}]"])],
  "nothing but blanks": [[413, 422], events(JSON_TYPE, filling(" "))],
  "a header of delimiters": [[413, 422], events("text/csv", filling(";"))],
  "a header of names": [[413, 422], events("text/csv", filling("n,"), ["\n1\n"])],
  "rows of delimiters": [[422], events("text/csv", ["id,value\n"], filling(",\n"))],
  "a quote that never ends": [[413, 422], events("text/csv", ['id,value\n"'], filling("q\n"))],
  "rows of quotes": [[422], events("text/tab-separated-values", ["id\tvalue\n"], filling('""\t""\n'))],
  "UTF-16 cut in the middle": [[422], events("text/csv", [[0xff, 0xfe]], [[0x78, 0xd8], Math.floor(NEARLY_ALL / 2)], [[0x78]])],
  "settings that come again and again": [[413, 422], settings(["{"], filling('"agg":"std",'), ['"agg":"std"}'])],
  "settings that nobody knows": [[413, 422], settings(["{"], filling('"b":2,'), ['"b":2}'])],
  "settings within settings": [[413, 422], settings(filling('{"window":'))],
  "a setting that is long": [[413, 422], settings(['{"window":"'], filling("5s"), ['"}'])],
  "more than fits": [[413], events(JSON_TYPE, filling(" ", TOO_LARGE))],
  "more lines than fit": [[413], events(NDJSON, filling(" ", TOO_LARGE))],
  "more of what is not read": [[413, 415], events("application/xml", filling("<", TOO_LARGE))],
  "more settings than fit": [[413], settings(filling(" ", TOO_LARGE))],
  "more than fits once it is decoded": [[413], coded("gzip", events(NDJSON, filling(" ", TOO_LARGE)))],
  "more settings once they are decoded": [[413, 415], coded("gzip", settings(filling(" ", TOO_LARGE)))],
  "lines that are no JSON, in a coding": [[422], coded("deflate", events(NDJSON, filling("?\n")))],
  "a coding that is none": [[415, 422], { ...events(NDJSON, filling("?\n")), headers: [["Content-Type", NDJSON], ["Content-Encoding", "gzip"]] }],
  "a body for an endpoint that takes none": [[405], { method: "POST", target: "latest", body: [filling("a", TOO_LARGE)] }],
  "a body for a query": [[405], { method: "PUT", target: "query?start=1970-01-01", body: [filling("a", TOO_LARGE)] }],
  "a body for health": [[405], { method: "DELETE", target: "health", body: [filling("a", TOO_LARGE)] }],
  "a body for options": [[204], { method: "OPTIONS", target: "events", body: [filling("a", TOO_LARGE)] }],
};

/** The same body, compressed. */
function coded(coding, { headers, ...request }) {
  return { ...request, coding, headers: [...headers, ["Content-Encoding", coding]] };
}

test("bodies up to the limit and beyond are refused in little memory, and batches go on", MEASURED, async ({ app, figure }) => {
  test.setTimeout(inForm({ short: 120_000, full: 1_200_000 }));
  const page = await app.open(RUNNING);
  const vitals = await Vitals.begin(app, page);
  const attacker = await Attacker.open(app);
  let slowest = { millis: 0 };
  for (const [name, [statuses, request]] of Object.entries(BODIES)) {
    await test.step(name, async () => {
      const answer = await attacker.send(request);
      expect(statuses, `${name}: ${answer.error} ${answer.status} ${answer.text.slice(0, 300)}`).toContain(answer.status);
      expectSmall(name, answer);
      if (answer.millis > slowest.millis) slowest = { name, millis: answer.millis };
      // What each leaves behind is seen at once where it can never be given back.
      expect(await vitals.grownWasm(), `MB that ${name} made the worker grow by`).toBeLessThanOrEqual(MOST_GROWN_MB);
    });
  }
  figure("the slowest of these bodies", `${(slowest.millis / 1000).toFixed(1)} s, ${slowest.name}`);
  expect(await attacker.send(VALID), "a good body is taken afterwards").toHaveProperty("status", 202);
  await vitals.expectUnharmed("hostile bodies", figure);
});

test("hostile bodies that come at once, and that are cancelled, are answered or given up in little memory", MEASURED, async ({ app, figure }) => {
  const page = await app.open(RUNNING);
  const vitals = await Vitals.begin(app, page);
  const attacker = await Attacker.open(app);
  const answers = await attacker.sendAtOnce(events(NDJSON, filling("?\n", 2 * MB)), 16);
  for (const { status, error, headers } of answers) {
    expect([422, 503], `${error}`).toContain(status);
    if (status === 503) expect(headers["retry-after"]).toMatch(/^\d+$/);
  }
  expect(answers.map(({ status }) => status), "some are read").toContain(422);
  const large = events(JSON_TYPE, ["["], filling('{"id":"cancelled","value":3},', 60 * MB));
  await attacker.sendAtOnce({ ...large, abortMillis: 60 }, 12);
  await vitals.expectMemory("bodies that are cancelled");
  await expect.poll(async () => (await attacker.send(VALID)).status, "a good body is taken afterwards").toBe(202);
  await vitals.expectUnharmed("bodies at once", figure);
});

test("readers of the stream that stand still cost little, and their end ends them", MEASURED, async ({ app, figure }) => {
  test.setTimeout(inForm({ short: 90_000, full: 240_000 }));
  const page = await app.open(`?interval=20us&batch_size=${READERS_BATCH}&history_rows=100000`);
  await page.waitForCount("history", (rows) => rows === 100_000, { timeoutMillis: 60_000 });
  await page.configure({ interval: "100us" });
  const vitals = await Vitals.begin(app, page);
  const open = await metric(page, "millrace_open_streams");
  const attacker = await Attacker.open(app);

  const statuses = await attacker.stand("stream?last_event_id=0", READERS);
  expect(statuses.filter((status) => ![200, 503].includes(status))).toEqual([]);
  expect(statuses).toContain(200);
  const batches = await page.count("batches");
  await page.waitForCount("batches", (now) => now > batches + 10);
  const relay = await heapBytes(app.context.browser(), "service_worker", app.host.base);
  figure(`${READERS} readers that stand still, service worker`, relay / MB, "MB");
  await vitals.expectMemory("readers that stand still");

  await attacker.leave();
  await expect.poll(() => metric(page, "millrace_open_streams"), { message: "none is open", timeout: 15_000 }).toBeLessThanOrEqual(open);
  await vitals.expectUnharmed("readers that stand still", figure);
});

/** Values that an answer would name, in each place of a request. */
// A browser takes no longer address than five of these.
const LONG = "L".repeat(150_000);
/** Settings are 64 KiB at most. */
const LONG_SETTING = LONG.slice(0, 50_000);
const VALUES = {
  "an id": events(JSON_TYPE, [JSON.stringify([{ id: LONG, value: 1 }])]),
  "a timestamp": events(NDJSON, [JSON.stringify({ timestamp: LONG, value: 1 })]),
  "a value": events("text/csv", [`id,value\na,${LONG}\n`]),
  "a column": events("text/csv", [`id,${LONG}\na,1\n`]),
  "many columns": events("text/csv", ["L,", 100_000]),
  "many rows": events(NDJSON, ["L\n", 20_000]),
  "many long rows": events(NDJSON, [`{"timestamp":"${"L".repeat(500)}","id":"${"L".repeat(500)}","value":"${"L".repeat(500)}"}\n`, 3000]),
  "a content type": events(`text/${LONG}`, ["a"]),
  "a coding": { ...events(JSON_TYPE, ["[]"]), headers: [["Content-Type", JSON_TYPE], ["Content-Encoding", LONG]] },
  "a key": { ...events(JSON_TYPE, ['[{"id":"a","value":1}]']), headers: [["Content-Type", JSON_TYPE], ["Idempotency-Key", LONG]] },
  "a setting": settings([JSON.stringify({ window: LONG_SETTING })]),
  "the name of a setting": settings([JSON.stringify({ [LONG_SETTING]: 1 })]),
  "many settings": settings([JSON.stringify(Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`L${n}`, "L".repeat(20)])))]),
  "a parameter": { target: `query?start=${LONG}&end=${LONG}&views=${LONG}&window=${LONG}&cursor=${LONG}` },
  "a position": { target: `stream?last_event_id=${LONG}` },
  "a header": { target: "stream", headers: [["Last-Event-ID", LONG]] },
};

test("what an answer names of a long value is cut, and a refusal is small", async ({ app }) => {
  const page = await app.open("?source=none&clock=utc");
  const attacker = await Attacker.open(app);
  for (const [name, request] of Object.entries(VALUES)) {
    const answer = await attacker.send(request);
    expect([413, 415, 422], `${name}: ${answer.error} ${answer.status} ${answer.text.slice(0, 300)}`).toContain(answer.status);
    expectSmall(name, answer);
  }
  const rows = await attacker.send(VALUES["many rows"]);
  expect(JSON.parse(rows.text)).toMatchObject({ accepted: 0, rejected_count: 20_000 });
  const { total, rejected } = await page.get("rejected");
  expect(total, "all that were refused are counted").toBeGreaterThan(40_000);
  expect(rejected).toHaveLength(MOST_ROWS);
  expectCut("GET rejected", rejected);
  await page.post([{ id: "e", value: 5 }]);
});

/** Expects that an answer is small, and that it repeats no more of what was sent than allowed. */
function expectSmall(name, { bytes, text }) {
  expect(bytes, `bytes of the answer to ${name}`).toBeLessThan(MOST_BYTES);
  if (text === "") return;
  const answer = JSON.parse(text);
  expect(answer.rejected?.length ?? 0, `rows that the answer to ${name} lists`).toBeLessThanOrEqual(MOST_ROWS);
  expectCut(name, answer);
}

/** Expects that no text within this is longer than a sentence, nor repeats a character more often than a cut value can. */
const expectCut = (name, value) => expect(texts(value).filter(isUncut).map((text) => text.slice(0, 300)), name).toEqual([]);

/** All keys and texts within this; one `expect` for each would take minutes. */
function texts(value) {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.entries(value).flatMap(([key, part]) => [key, ...texts(part)]) : [];
}

const REPEATED = new RegExp(`([^])\\1{${MOST_CHARACTERS}}`);
const isUncut = (text) => text.length > LONGEST_TEXT || REPEATED.test(text);
