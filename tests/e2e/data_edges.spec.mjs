// Where data comes in and goes out: what was sent is what is answered, and comes in again as it left.
import { SMOKE, expect, profileTest, test } from "./fixtures.mjs";
import { until } from "./support/until.mjs";

const CSV = "text/csv";
const NDJSON = "application/x-ndjson";

test("a position of before everything was deleted gets a gap, then all that is kept", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none&batch_size=1");
  for (const value of [1, 2, 3]) await page.post([{ id: "before", value }]);
  const [{ id: former }] = (await readStream(page, "stream?last_event_id=0", 3)).slice(-1);
  await page.reset();
  for (const value of [11, 12, 13, 14, 15]) await page.post([{ id: "after", value }]);

  for (const position of ["3", former]) {
    const events = await readStream(page, `stream?last_event_id=${position}`, 5);
    expect(events.map(({ event }) => event), position).toEqual(["gap", "batch", "batch", "batch", "batch", "batch"]);
    expect(valuesOf(events), position).toEqual([11, 12, 13, 14, 15]);
  }
  const all = await readStream(page, "stream?last_event_id=0", 5);
  expect(all.map(({ event }) => event), "all that is kept is no gap").toEqual(["batch", "batch", "batch", "batch", "batch"]);
  const rest = await readStream(page, `stream?last_event_id=${all[2].id}`, 2);
  expect(valuesOf(rest)).toEqual([14, 15]);
  expect(await page.fetch("stream?last_event_id=soon")).toHaveProperty("status", 422);
});

test.describe("in Berlin", () => {
  test.use({ timezoneId: "Europe/Berlin" });

  test("both 02:30s of the night in which summer ends go out and come in as two instants", SMOKE, async ({ app }) => {
    const page = await app.open("?source=none&clock=local&batch_size=1");
    const nights = ["2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", "2049-10-31T00:30:00Z", "2049-10-31T01:30:00Z"];
    await page.post(nights.map((timestamp, value) => ({ timestamp, id: "a", value })));
    for (const [format, type] of [["csv", CSV], ["ndjson", NDJSON]]) {
      const sent = (await page.fetch(`query?start=2000-01-01&views=latest&format=${format}`)).text;
      expect(sent, "one of each pair says which one it is").toMatch(/2025-10-26T02:30:00\b(?!\+)[^]*2025-10-26T02:30:00\+01:00/);
      await page.reset();
      const answer = await page.send("POST", "events", sent, type);
      expect(answer.json(), sent).toMatchObject({ accepted: nights.length, rejected_count: 0 });
      expect((await page.fetch(`query?start=2000-01-01&views=latest&format=${format}`)).text, "the same leaves again").toBe(sent);
      await page.configure({ clock: "utc" });
      expect((await page.get("query?start=2000-01-01")).latest.map(({ timestamp }) => timestamp)).toEqual(nights);
      await page.configure({ clock: "local" });
    }
  });

  test("summer time goes on for as long as times do", async ({ app }) => {
    const page = await app.open("?source=none&clock=local&batch_size=1");
    await page.post([{ timestamp: "2150-07-01T10:00:00Z", value: 1 }, { timestamp: "2150-01-01T10:00:00Z", value: 2 }]);
    const { latest } = await page.get("query?start=2150-01-01");
    expect(latest.map(({ timestamp }) => timestamp)).toEqual(["2150-01-01T11:00:00", "2150-07-01T12:00:00"]);
    expect((await page.get("query?start=2150-07-01T12:00&end=2150-07-01T12:00")).latest.map(({ value }) => value)).toEqual([1]);
  });

  test("times of before the zones had whole minutes have their seconds", async ({ app }) => {
    const page = await app.open("?source=none&clock=local&batch_size=1");
    await page.post([{ timestamp: "1850-01-01T00:00:00Z", value: 1 }]);
    const { latest } = await page.get("query?start=1850-01-01&end=1850-01-02");
    expect(latest.map(({ timestamp }) => timestamp)).toEqual(["1850-01-01T00:53:28"]);
    expect((await page.get("query?start=1850-01-01T00:53:28&end=1850-01-01T00:53:28")).latest.map(({ value }) => value)).toEqual([1]);
  });
});

test("compressed bodies are read, and a coding that is not read is named", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none&batch_size=1");
  const rows = Array.from({ length: 2000 }, (_, row) => `pump ${row % 7},${row}`);
  for (const coding of ["gzip", "deflate"]) {
    const answer = await page.page.evaluate(postCompressed, { url: `${page.base}events`, coding, text: `id,value\n${rows.join("\n")}\n` });
    expect(answer, coding).toMatchObject({ status: 202, body: { accepted: rows.length, rejected_count: 0 } });
  }
  const headers = { "Content-Type": CSV, "Content-Encoding": "br" };
  const refused = await page.fetch("events", { method: "POST", headers, body: "value\n1\n" });
  expect(refused.status, refused.text).toBe(415);
  expect(refused.headers["accept-encoding"]).toMatch(/gzip.*deflate/);
  const damaged = await page.fetch("events", { method: "POST", headers: { ...headers, "Content-Encoding": "gzip" }, body: "value\n1\n" });
  expect(damaged.status, damaged.text).toBe(422);
  expect((await page.get("query?start=1970-01-01")).latest, "what was refused left nothing").toHaveLength(2 * rows.length);
});

profileTest("a POST with an Idempotency-Key is taken once, also after a reload and by another tab", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none&batch_size=1");
  const post = (tab, key, body = "id,value\na,1\na,x\na,2\n") =>
    tab.fetch("events", { method: "POST", headers: { "Content-Type": CSV, "Idempotency-Key": key }, body });
  const first = await post(page, "key-1");
  expect(first.json(), first.text).toMatchObject({ accepted: 2, rejected_count: 1 });
  expect(first.headers).not.toHaveProperty("idempotency-replayed");

  await page.page.reload();
  await page.waitUntilLive();
  const other = await app.open("?source=none&batch_size=1");
  await page.close();
  for (let round = 0; round < 2; round++) {
    // Until the other tab runs the pipeline the answer may be 503 with Retry-After; a key is what makes it safe to repeat.
    const again = await until("the post is answered", async () => {
      const answer = await post(other, "key-1");
      return answer.status === 503 && answer.headers["retry-after"] ? null : answer;
    }, { timeoutMillis: 30_000 });
    expect({ status: again.status, text: again.text }).toEqual({ status: first.status, text: first.text });
    expect(again.headers["idempotency-replayed"]).toBe("true");
  }
  expect((await other.get("query?start=1970-01-01")).latest).toHaveLength(2);
  expect((await post(other, "key-2")).json()).toMatchObject({ accepted: 2 });
  expect((await other.get("query?start=1970-01-01")).latest, "another key is another body").toHaveLength(4);
});

test("pages that are followed by their links have each row once, whatever arrives meanwhile", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none&clock=utc&batch_size=1");
  const at = (second) => `2025-06-01T12:00:${String(second).padStart(2, "0")}`;
  await page.post([10, 20, 20, 30, 40, 50].map((second, value) => ({ timestamp: at(second), id: "a", value })));
  const values = [];
  let target = "query?&start=2025-06-01&&limit=2&x=%20";
  for (let pages = 0; target !== null; pages++) {
    expect(pages, "the links end").toBeLessThan(10);
    const answer = await page.fetch(target);
    values.push(...answer.json().latest.map(({ value }) => value));
    // A late row, before what was read.
    await page.post([{ timestamp: at(5 + pages), id: "late", value: 100 + pages }]);
    target = /^<(query\?[^&>][^>]*)>; rel="next"$/.exec(answer.headers.link ?? "")?.[1] ?? null;
  }
  expect(values).toEqual([0, 1, 2, 3, 4, 5]);
});

test("with rolling_by=id each id has windows of its own, in latest, queries and the stream", async ({ app }) => {
  const page = await app.open("?source=none&clock=utc&batch_size=3&rolling_by=id");
  const rows = [["a", 1], ["b", 100], ["a", 3]].map(([id, value], second) => ({ timestamp: `2025-06-01T12:00:0${second}`, id, value }));
  await page.post(rows);
  const averages = ({ latest }) => latest.map(({ moving_avg: average }) => average);
  expect(averages(await page.get("latest"))).toEqual([1, 100, 2]);
  expect(averages(await page.get("query?start=2025-06-01"))).toEqual([1, 100, 2]);
  expect(averages(await page.get("query?start=2025-06-01&rolling_by=all"))).toEqual([1, 50.5, 104 / 3]);
  const [batch] = await readStream(page, "stream?last_event_id=0", 1);
  expect(averages(JSON.parse(batch.data))).toEqual([1, 100, 2]);
});

test("CSV for spreadsheets has a mark and no formulas, and numbers stay numbers", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none&clock=utc&batch_size=1");
  const ids = ["=1+1", "P\u00fcmpe", "+a", "-b", "@c", "plain", "5,6"];
  await page.post(ids.map((id, row) => ({ timestamp: `2025-06-01T12:00:0${row}`, id, value: -1 - row })));
  const read = async (rest) => Buffer.from(await page.page.evaluate(readBytes, `${page.base}query?start=2025-06-01&views=latest&format=csv${rest}`));
  const neutral = await read("&spreadsheet=true");
  expect([...neutral.subarray(0, 3)], "a byte order mark").toEqual([0xef, 0xbb, 0xbf]);
  const lines = neutral.subarray(3).toString("utf8").trim().split(/\r?\n/).slice(1);
  expect(lines.map((line) => /^[^,]*,("[^"]*"|[^,]*),/.exec(line)[1])).toEqual(["'=1+1", "P\u00fcmpe", "'+a", "'-b", "'@c", "plain", '"5,6"']);
  expect(lines.map((line) => Number(line.split(",").at(-2)))).toEqual(ids.map((_, row) => -1 - row));
  const plain = await read("");
  expect(plain.subarray(0, 9).toString("utf8")).toBe("timestamp");
  expect(plain.toString("utf8")).toContain(",=1+1,");
  expect(await page.fetch("query?start=2025-06-01&views=latest&format=csv&spreadsheet=yes")).toHaveProperty("status", 422);
});

test("each row of a file is accepted or refused, whatever is wrong with the others", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none&clock=utc&batch_size=1");
  const open = 'timestamp,value,id\n2025-06-01T12:00:00,1,a\n2025-06-01T12:00:01,2,"b\n2025-06-01T12:00:02,3,c\n2025-06-01T12:00:03,4,d\n';
  const answer = (await page.send("POST", "events", open, CSV)).json();
  expect(answer).toMatchObject({ accepted: 1, rejected_count: 1, rejected: [{ row: 1, line: 3 }] });
  await page.reset();

  const dialect = 'sep=;\r\nTimestamp;ID;Value\r\n2025-06-01 12:00:00,5;" a ";1,5\r\n1748779201;a;2,25\r\n20250601T120002Z;3/4" pipe;3\r\n';
  const wide = Buffer.from(`\ufeff${dialect}`, "utf16le").toString("base64");
  expect(await page.page.evaluate(postBytes, { url: `${page.base}events`, type: CSV, bytes: wide })).toMatchObject({ accepted: 3, rejected_count: 0 });
  const { latest } = await page.get("query?start=2025-06-01");
  expect(latest.map(({ timestamp, id, value }) => [timestamp, id, value])).toEqual([
    ["2025-06-01T12:00:00.500000Z", " a ", 1.5],
    ["2025-06-01T12:00:01Z", "a", 2.25],
    ["2025-06-01T12:00:02Z", '3/4" pipe', 3],
  ]);
  expect((await page.get("query?start=2025-06-01&ids=%20a%20")).latest.map(({ value }) => value), "blanks are part of an id").toEqual([1.5]);
  const twice = await page.send("POST", "events", "timestamp,id,value,value\n2025-06-01,a,1,2\n", CSV);
  expect(twice.status, twice.text).toBe(422);
  expect(twice.text).toContain("value");
});

/** Reads a stream until it has this many batches; the gaps among them are events too. */
async function readStream(page, target, batches) {
  const text = await page.page.evaluate(async ({ url, batches }) => {
    const response = await fetch(url);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (text.split("event: batch\n").length <= batches || !text.endsWith("\n\n")) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    await reader.cancel();
    return text;
  }, { url: page.base + target, batches });
  const events = text.split("\n\n").map((block) => Object.fromEntries(block.split("\n").map((line) => /^(\w+): (.*)$/.exec(line)?.slice(1) ?? ["", ""])));
  return events.filter(({ event }) => event !== undefined);
}

function valuesOf(events) {
  const batches = events.filter(({ event }) => event === "batch");
  return batches.flatMap(({ data }) => JSON.parse(data).latest.map(({ value }) => value));
}

/** In the page: posts text that the browser compresses. */
async function postCompressed({ url, coding, text }) {
  const body = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream(coding))).arrayBuffer();
  const answer = await fetch(url, { method: "POST", body, headers: { "Content-Type": "text/csv", "Content-Encoding": coding } });
  return { status: answer.status, body: await answer.json() };
}

/** In the page: posts bytes, which travel as base64. */
async function postBytes({ url, type, bytes }) {
  const body = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  return (await fetch(url, { method: "POST", body, headers: { "Content-Type": type } })).json();
}

/** In the page: the bytes of an answer. */
async function readBytes(url) {
  return [...new Uint8Array(await (await fetch(url)).arrayBuffer())];
}
