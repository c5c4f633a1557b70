// Input that cannot be used is refused with a reason, and nothing that was accepted suffers for it.
import { SMOKE, expect, test } from "./fixtures.mjs";

const EVENTS = Array.from({ length: 10 }, (_, i) => ({ timestamp: `2025-06-01T21:15:0${i}`, id: `s${i % 3}`, value: i + 0.5 }));

/** A 422 names every bad value: its place, the value itself and why it was refused. */
function expectRefused(answer, ...expected) {
  expect(answer.status, answer.text).toBe(422);
  const { detail } = answer.json();
  expect(detail.map(({ loc, input }) => ({ loc, input }))).toEqual(expected);
  for (const { type, msg } of detail) expect(type && msg, JSON.stringify(detail)).toBeTruthy();
}

test("an unreadable parameter is 422, all bad ones at once", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none");
  await page.post(EVENTS);

  expectRefused(await page.fetch("query?start=garbage"), { loc: ["query", "start"], input: "garbage" });
  expectRefused(
    await page.fetch("query?start=2025-02-30&end=25-06-01"),
    { loc: ["query", "start"], input: "2025-02-30" },
    { loc: ["query", "end"], input: "25-06-01" },
  );
  expectRefused(await page.fetch("query?views=latest,everything"), { loc: ["query", "views"], input: "latest,everything" });
  expectRefused(await page.fetch("query?start=1970-01-01&limit=-1"), { loc: ["query", "limit"], input: "-1" });
  expect((await page.get("query?start=&end=")).latest).toHaveLength(10);
  expect((await page.get("latest")).latest).toHaveLength(10);
});

test("an unreadable setting is 422 and changes nothing", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none");
  const before = await page.get("config");

  const answer = await page.send("PATCH", "config", JSON.stringify({ batch_size: 0, interval: "soon", agg: "sum" }));
  expect(answer.status, answer.text).toBe(422);
  expect(answer.json().detail.map(({ loc }) => loc.at(-1)).sort()).toEqual(["batch_size", "interval"]);
  expect(await page.get("config")).toEqual(before);

  expect(await page.send("PATCH", "config", "{")).toHaveProperty("status", 422);
  expect(await page.send("PATCH", "config", "a=1", "application/x-www-form-urlencoded")).toHaveProperty("status", 415);
  expect(await page.configure({ agg: "sum" })).toHaveProperty("agg", "sum");
});

test("an unreadable setting in the address is shown on the page, and the rest holds", async ({ app }) => {
  const page = await app.open("?interval=soon&batch_size=4&seed=5");
  await page.waitForText("problems", /interval/);
  await page.waitForText("problems", /soon/);
  expect(await page.get("config")).toMatchObject({ batch_size: 4, interval: "1s", seed: 5 });
  // The default of a second is not waited for four times.
  await page.configure({ interval: "20ms" });
  expect((await page.latest()).latest).toHaveLength(4);
});

test("an unreadable body is refused, the pipeline goes on and nothing accepted is lost", async ({ app }) => {
  const page = await app.open("?source=none");
  await page.post(EVENTS);
  const before = await page.get("query?start=1970-01-01");

  expect(await page.send("POST", "events", "[{")).toHaveProperty("status", 422);
  expect(await page.send("POST", "events", "no,such,columns\n1,2,3\n", "text/csv")).toHaveProperty("status", 422);
  expect(await page.send("POST", "events", JSON.stringify([{ id: "x" }, { value: "high" }, 7]))).toHaveProperty("status", 422);
  expect(await page.send("POST", "events", "<x/>", "application/xml")).toHaveProperty("status", 415);
  const large = await page.page.evaluate(
    async (url) => {
      const body = new Uint8Array(64 * 1024 * 1024 + 1).fill(32);
      const answer = await fetch(url, { method: "POST", body, headers: { "Content-Type": "application/json" } });
      return { status: answer.status, text: await answer.text() };
    },
    page.base + "events",
  );
  expect(large.status, large.text).toBe(413);

  expect(await page.get("query?start=1970-01-01")).toEqual(before);
  await page.post(EVENTS.map((event) => ({ ...event, id: "later" })));
  expect((await page.get("query?start=1970-01-01")).latest).toHaveLength(20);
});

test("usable rows of a partly broken body are kept", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none&batch_size=2");
  const mixed = [{ ...EVENTS[0] }, { timestamp: "yesterday", value: 1 }, { value: null }, { ...EVENTS[1] }];
  const answer = await page.send("POST", "events", mixed.map((row) => JSON.stringify(row)).join("\n"), "application/x-ndjson");

  expect(answer.status, answer.text).toBe(202);
  const { accepted, rejected } = answer.json();
  expect(accepted).toBe(2);
  expect(rejected.map(({ row }) => row)).toEqual([1, 2]);
  expect(rejected[0].reason).toMatch(/yesterday/);
  expect((await page.get("latest")).latest.map(({ value }) => value)).toEqual([0.5, 1.5]);
});

test("the console shows a refusal where it happened", async ({ app }) => {
  const page = await app.open("?source=none");
  await page.post(EVENTS);
  const answer = await page.console.send("GET /query", { start: "garbage" });
  expect(answer.status).toBe(422);
  expect(answer.text).toMatch(/garbage/);
  expect(await page.console.send("GET /latest")).toHaveProperty("status", 200);
});
