// A person opens the page and waits ten seconds.
import assert from "node:assert/strict";
import { appTest } from "./app.mjs";
import { assertSame } from "./compare.mjs";
import { answerOf, inTimeOrder } from "./oracle.mjs";

appTest("ten seconds after opening, latest holds ten rows with the right moving averages", {}, async (app) => {
  const page = await app.open();
  const newest = await page.latest();

  assert.equal(newest.latest.length, 10);
  const stream = inTimeOrder((await page.get("query?start=1970-01-01")).latest);
  const from = stream.findIndex((row) => row.id === newest.latest[0].id);
  assertSame(newest, answerOf(stream.slice(from, from + 10), stream), "latest");
  for (const { id, value } of newest.latest) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.ok(10 <= value && value <= 100 && Math.abs(value * 100 - Math.round(value * 100)) < 1e-9, `value ${value}`);
  }
  assert.deepEqual(app.errors, []);
});

appTest("a moving average looks back over the edge of its batch", {}, async (app) => {
  const page = await app.open("?interval=50ms&seed=7");
  await page.waitForCount("batches", (batches) => batches >= 4);

  const stream = inTimeOrder((await page.get("query?start=1970-01-01")).latest);
  const newest = await page.get("latest");
  const ids = new Set(newest.latest.map((row) => row.id));
  const whole = inTimeOrder((await page.get("query?start=1970-01-01")).latest);
  assert.ok(whole.length >= stream.length);
  assertSame(newest, answerOf(whole.filter((row) => ids.has(row.id)), whole), "latest");
});

appTest("the counters of the picture move, and pausing stops them", {}, async (app) => {
  const page = await app.open("?interval=20ms");
  await page.waitForCount("produced", (count) => count > 20);
  await page.waitForCount("processed", (count) => count >= 20);
  await page.waitForCount("history", (count) => count >= 20);
  await page.waitForText("connection", /\S/);
  await page.waitForText("api-status", /live/i);
  await page.waitForText("table-latest", /moving_avg/);
  await page.waitForText("table-melted", /variable/);
  await page.waitForText("table-pivoted", /id/);

  await page.toggle.click();
  await page.waitForText("run-state", /paused/i);
  assert.equal((await page.get("health")).state, "paused");
  await page.toggle.click();
  await page.waitForText("run-state", /running/i);
  assert.deepEqual(app.errors, []);
});

appTest("the address carries the settings: the same seed gives the same ids and values", {}, async (app) => {
  const rows = async () => {
    const page = await app.open("?interval=10ms&seed=42&distinct_ids=3&min_value=5&max_value=6");
    const { latest } = await page.latest();
    const { latest: all } = await page.get("query?start=1970-01-01&limit=10");
    await page.close();
    assert.equal(latest.length, 10);
    return all.map(({ id, value }) => ({ id, value }));
  };
  const once = await rows();
  assert.ok(new Set(once.map((row) => row.id)).size <= 3);
  assert.ok(once.every(({ value }) => 5 <= value && value <= 6));
  assert.deepEqual(await rows(), once);
});
