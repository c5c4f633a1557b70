// Requests are real: whoever asks, and whatever the browser has done in between, an answer comes.
import assert from "node:assert/strict";
import { appTest } from "./app.mjs";
import { until } from "./until.mjs";

const FAST = "?interval=20ms";

/** The headers that every answer of the API carries. */
function assertApiHeaders(answer, status = 200) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers["content-type"], /^application\/json\b/);
  assert.equal(answer.headers["cache-control"], "no-store");
  assert.equal(answer.headers["x-content-type-options"], "nosniff");
}

appTest("an address typed into a new tab answers JSON", {}, async (app) => {
  const page = await app.open(FAST);
  await page.latest();

  const latest = await app.type("latest");
  assertApiHeaders(latest);
  assert.deepEqual(Object.keys(latest.json()), ["latest", "melted", "pivoted"]);

  const rows = latest.json().latest;
  const query = await app.type(`query?start=${rows[0].timestamp}&end=${rows[9].timestamp}`);
  assertApiHeaders(query);
  assert.ok(query.json().latest.length >= 10);
  assert.deepEqual(app.errors, []);
});

appTest("a second JSON tab answers, by its address and by fetch", {}, async (app) => {
  const page = await app.open(FAST);
  await page.latest();

  const [one, two] = [await app.type("latest"), await app.type("query")];
  assertApiHeaders(one);
  assertApiHeaders(two);
  assertApiHeaders(await two.fetch("latest"));
  assertApiHeaders(await one.fetch("query?start=1970-01-01"));
});

appTest("fetch answers after a hard reload", {}, async (app) => {
  const page = await app.open(FAST);
  await page.latest();

  await page.hardReload();
  await page.waitUntilLive();
  assertApiHeaders(await page.fetch("latest"));
  await page.latest();
  assert.deepEqual(app.errors, []);
});

appTest("fetch answers after the service worker was stopped", {}, async (app) => {
  const page = await app.open(FAST);
  await page.latest();

  await page.stopServiceWorker();
  assertApiHeaders(await page.fetch("latest"));
  await page.stopServiceWorker();
  assertApiHeaders(await app.type("latest"));
});

appTest("a second tab of the app shows and answers what the first one runs", {}, async (app) => {
  const first = await app.open(FAST);
  await first.latest();
  const second = await app.open(FAST);

  assertApiHeaders(await second.fetch("latest"));
  await second.waitForCount("batches", (batches) => batches > 0);
  const { latest: of_first } = await first.get("query?start=1970-01-01&limit=10");
  const { latest: of_second } = await second.get("query?start=1970-01-01&limit=10");
  assert.deepEqual(of_second, of_first);
});

appTest("when the tab that runs the pipeline closes, another one takes over", {}, async (app) => {
  const first = await app.open(FAST);
  const second = await app.open(FAST);
  await first.latest();

  await first.close();
  await until("the second tab runs the pipeline", async () => {
    const before = (await second.get("latest")).latest;
    const after = (await second.get("latest")).latest;
    return before && after && before[0].id !== after[0].id;
  });
  assertApiHeaders(await app.type("latest"));
});

appTest("without a tab of the app the answer is 503", {}, async (app) => {
  const page = await app.open(FAST);
  await page.latest();
  const tab = await app.type("latest");
  assertApiHeaders(tab);

  await page.close();
  await until("nobody runs the pipeline any more", async () => (await tab.fetch("latest")).status === 503);
  for (const answer of [await tab.fetch("latest"), await app.type("query?start=2025-06-01")]) {
    assertApiHeaders(answer, 503);
    assert.match(answer.headers["retry-after"], /^\d+$/);
    assert.equal(typeof (answer.json?.() ?? {}).detail, "string");
  }

  await app.open(FAST);
  assertApiHeaders(await tab.fetch("latest"));
});

appTest("the app works under a sub-path, and leaves the host's other files alone", { host: { path: "/some/where/" } }, async (app) => {
  const page = await app.open(FAST);
  await page.latest();

  assertApiHeaders(await page.fetch("latest"));
  assertApiHeaders(await app.type("query?start=1970-01-01"));
  assert.equal((await page.fetch("nothing-here.txt")).status, 404);
  assert.ok(app.host.requested.includes("nothing-here.txt"), "a path that is no endpoint goes to the host");
});

appTest("wrong methods and trailing slashes are answered as in the original", {}, async (app) => {
  const page = await app.open(FAST);
  await page.latest();
  await page.configure({ paused: true });

  const refused = await page.fetch("latest", { method: "PUT" });
  assertApiHeaders(refused, 405);
  assert.match(refused.headers.allow, /\bGET\b/);
  assert.deepEqual(refused.json(), { detail: "Method Not Allowed" });

  const head = await page.fetch("latest", { method: "HEAD" });
  assert.deepEqual([head.status, head.text], [200, ""]);
  const options = await page.fetch("latest", { method: "OPTIONS" });
  assert.equal(options.status, 204);
  assert.match(options.headers.allow, /\bGET\b/);

  const slashed = await page.fetch("latest/");
  assert.ok(slashed.redirected && slashed.url.endsWith("/latest"), slashed.url);
  assert.deepEqual(slashed.json(), (await page.fetch("latest")).json());
});

const WITHOUT_SERVICE_WORKER = {
  "the browser offers no service worker": {
    options: {},
    before: (app) => app.context.addInitScript("delete Navigator.prototype.serviceWorker"),
  },
  "the service worker cannot be registered": { options: { host: { missing: ["sw.js"] } }, before: () => {} },
  "the browser blocks the service worker": { options: { browser: { serviceWorkers: "block" } }, before: () => {} },
};
for (const [situation, { options, before }] of Object.entries(WITHOUT_SERVICE_WORKER)) {
  appTest(`when ${situation}, the page says so and its console still answers`, options, async (app) => {
    await before(app);
    const page = await app.openPage(FAST);
    await page.waitForCount("batches", (batches) => batches > 0, { timeoutMillis: 20_000 });

    await page.waitForText("api-status", /console/i);
    const answer = await page.console.send("GET /latest");
    assert.equal(answer.status, 200);
    assert.match(answer.text, /moving_avg/);
  });
}
