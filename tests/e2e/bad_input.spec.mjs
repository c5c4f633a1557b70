// What cannot be used is refused with a reason, and nothing that was accepted suffers for it.
import assert from "node:assert/strict";
import { appTest } from "./app.mjs";

const EVENTS = Array.from({ length: 10 }, (_, i) => ({ timestamp: `2025-06-01T21:15:0${i}`, id: `s${i % 3}`, value: i + 0.5 }));

/** A 422 names every bad value: where it was, what was sent and why it was refused. */
function assertRefused(answer, ...expected) {
  assert.equal(answer.status, 422, answer.text);
  const { detail } = answer.json();
  assert.deepEqual(detail.map(({ loc, input }) => ({ loc, input })), expected);
  for (const { type, msg } of detail) assert.ok(type && msg, JSON.stringify(detail));
}

appTest("an unreadable parameter is 422, all bad ones at once", {}, async (app) => {
  const page = await app.open("?source=none");
  await page.post(EVENTS);

  assertRefused(await page.fetch("query?start=garbage"), { loc: ["query", "start"], input: "garbage" });
  assertRefused(
    await page.fetch("query?start=2025-02-30&end=25-06-01"),
    { loc: ["query", "start"], input: "2025-02-30" },
    { loc: ["query", "end"], input: "25-06-01" },
  );
  assertRefused(await page.fetch("query?views=latest,everything"), { loc: ["query", "views"], input: "latest,everything" });
  assertRefused(await page.fetch("query?start=1970-01-01&limit=-1"), { loc: ["query", "limit"], input: "-1" });
  assert.equal((await page.get("query?start=&end=")).latest.length, 10);
  assert.equal((await page.get("latest")).latest.length, 10);
});

appTest("an unreadable setting is 422 and changes nothing", {}, async (app) => {
  const page = await app.open("?source=none");
  const before = await page.get("config");

  const answer = await page.send("PATCH", "config", JSON.stringify({ batch_size: 0, interval: "soon", agg: "sum" }));
  assert.equal(answer.status, 422, answer.text);
  assert.deepEqual(answer.json().detail.map(({ loc }) => loc.at(-1)).sort(), ["batch_size", "interval"]);
  assert.deepEqual(await page.get("config"), before);

  assert.equal((await page.send("PATCH", "config", "{")).status, 422);
  assert.equal((await page.send("PATCH", "config", "a=1", "application/x-www-form-urlencoded")).status, 415);
  assert.equal((await page.configure({ agg: "sum" })).agg, "sum");
});

appTest("an unreadable setting in the address is shown on the page, and the rest holds", {}, async (app) => {
  const page = await app.open("?interval=soon&batch_size=4&seed=5");
  await page.waitForText("problems", /interval/);
  assert.match(await page.text("problems"), /soon/);
  const { batch_size, interval, seed } = await page.get("config");
  assert.deepEqual({ batch_size, interval, seed }, { batch_size: 4, interval: "1s", seed: 5 });
  assert.equal((await page.latest()).latest.length, 4);
});

appTest("an unreadable body is refused, the pipeline goes on and nothing accepted is lost", {}, async (app) => {
  const page = await app.open("?source=none");
  await page.post(EVENTS);
  const before = await page.get("query?start=1970-01-01");

  assert.equal((await page.send("POST", "events", "[{")).status, 422);
  assert.equal((await page.send("POST", "events", "no,such,columns\n1,2,3\n", "text/csv")).status, 422);
  assert.equal((await page.send("POST", "events", JSON.stringify([{ id: "x" }, { value: "high" }, 7]))).status, 422);
  assert.equal((await page.send("POST", "events", "<x/>", "application/xml")).status, 415);
  const large = await page.page.evaluate(
    async (url) => {
      const body = new Uint8Array(64 * 1024 * 1024 + 1).fill(32);
      const answer = await fetch(url, { method: "POST", body, headers: { "Content-Type": "application/json" } });
      return { status: answer.status, text: await answer.text() };
    },
    page.base + "events",
  );
  assert.equal(large.status, 413, large.text);

  assert.deepEqual(await page.get("query?start=1970-01-01"), before);
  await page.post(EVENTS.map((event) => ({ ...event, id: "later" })));
  assert.equal((await page.get("query?start=1970-01-01")).latest.length, 20);
});

appTest("usable rows of a partly broken body are kept", {}, async (app) => {
  const page = await app.open("?source=none&batch_size=2");
  const mixed = [{ ...EVENTS[0] }, { timestamp: "yesterday", value: 1 }, { value: null }, { ...EVENTS[1] }];
  const answer = await page.send("POST", "events", mixed.map((row) => JSON.stringify(row)).join("\n"), "application/x-ndjson");

  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.json().accepted, 2);
  assert.deepEqual(answer.json().rejected.map(({ row }) => row), [1, 2]);
  assert.match(answer.json().rejected[0].reason, /yesterday/);
  assert.deepEqual((await page.get("latest")).latest.map(({ value }) => value), [0.5, 1.5]);
});

appTest("the console shows a refusal where it happened", {}, async (app) => {
  const page = await app.open("?source=none");
  await page.post(EVENTS);
  const answer = await page.console.send("GET /query", { start: "garbage" });
  assert.equal(answer.status, 422);
  assert.match(answer.text, /garbage/);
  assert.equal((await page.console.send("GET /latest")).status, 200);
});
