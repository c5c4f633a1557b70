// A first visit: the page is opened, and ten seconds later there is a batch.
import { SMOKE, expect, test } from "./fixtures.mjs";
import { assertSame } from "./support/compare.mjs";
import { answerOf, inTimeOrder } from "./support/oracle.mjs";

const EVERYTHING = "query?start=1970-01-01";

test("ten seconds after opening, latest holds ten rows with the right moving averages", SMOKE, async ({ app }) => {
  const page = await app.open();
  const newest = await page.latest();

  expect(newest.latest).toHaveLength(10);
  const stream = inTimeOrder((await page.get(EVERYTHING)).latest);
  const from = stream.findIndex((row) => row.id === newest.latest[0].id);
  assertSame(newest, answerOf(stream.slice(from, from + 10), stream), "latest");
  for (const { id, value } of newest.latest) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(value).toBeGreaterThanOrEqual(10);
    expect(value).toBeLessThanOrEqual(100);
    expect(Math.abs(value * 100 - Math.round(value * 100)), `${value} has two decimals`).toBeLessThan(1e-9);
  }
  expect(app.errors).toEqual([]);
});

test("a moving average looks back over the edge of its batch", async ({ app }) => {
  const page = await app.open("?interval=50ms&seed=7");
  await page.waitForCount("batches", (batches) => batches >= 4);

  const stream = inTimeOrder((await page.get(EVERYTHING)).latest);
  const newest = await page.get("latest");
  const ids = new Set(newest.latest.map((row) => row.id));
  const whole = inTimeOrder((await page.get(EVERYTHING)).latest);
  expect(whole.length).toBeGreaterThanOrEqual(stream.length);
  assertSame(newest, answerOf(whole.filter((row) => ids.has(row.id)), whole), "latest");
});

test("the counters of the picture move, and pausing stops them", SMOKE, async ({ app }) => {
  const page = await app.open("?interval=20ms");
  await page.waitForCount("arrived", (count) => count > 20);
  await page.waitForCount("processed", (count) => count >= 20);
  await page.waitForCount("history", (count) => count >= 20);
  await page.waitForText("connection", /\S/);
  await page.waitForText("api-status", /live/i);
  await page.waitForText("table-latest", /moving_avg/);
  await page.waitForText("table-melted", /variable/);
  await page.waitForText("table-pivoted", /id/);

  await page.toggle.click();
  await page.waitForText("run-state", /paused/i);
  expect(await page.get("health")).toHaveProperty("state", "paused");
  await page.toggle.click();
  await page.waitForText("run-state", /running/i);
  expect(app.errors).toEqual([]);
});

test("the address carries the settings: the same seed gives the same ids and values", async ({ app }) => {
  const rows = async () => {
    const page = await app.open("?interval=10ms&seed=42&distinct_ids=3&min_value=5&max_value=6");
    const { latest } = await page.latest();
    const { latest: all } = await page.get(`${EVERYTHING}&limit=10`);
    await page.close();
    expect(latest).toHaveLength(10);
    return all.map(({ id, value }) => ({ id, value }));
  };
  const once = await rows();
  expect(new Set(once.map((row) => row.id)).size).toBeLessThanOrEqual(3);
  expect(Math.min(...once.map(({ value }) => value))).toBeGreaterThanOrEqual(5);
  expect(Math.max(...once.map(({ value }) => value))).toBeLessThanOrEqual(6);
  expect(await rows()).toEqual(once);
});
