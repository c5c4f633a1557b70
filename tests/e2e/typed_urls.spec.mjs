// Requests are real: an answer comes to every tab, whatever the browser has done in between.
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { until } from "./support/until.mjs";

const FAST = "?interval=20ms";

/** Status and the headers that every answer of the API carries. */
function expectApiAnswer(answer, status = 200) {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers["content-type"]).toMatch(/^application\/json\b/);
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
}

test("an address typed into a new tab answers JSON", SMOKE, async ({ app }) => {
  const page = await app.open(FAST);
  await page.latest();

  const latest = await app.type("latest");
  expectApiAnswer(latest);
  expect(Object.keys(latest.json())).toEqual(["latest", "melted", "pivoted"]);

  const rows = latest.json().latest;
  const query = await app.type(`query?start=${rows[0].timestamp}&end=${rows[9].timestamp}`);
  expectApiAnswer(query);
  expect(query.json().latest.length).toBeGreaterThanOrEqual(10);
  expect(app.errors).toEqual([]);
});

test("a second JSON tab answers, by its address and by fetch", async ({ app }) => {
  const page = await app.open(FAST);
  await page.latest();

  const [one, two] = [await app.type("latest"), await app.type("query")];
  expectApiAnswer(one);
  expectApiAnswer(two);
  expectApiAnswer(await two.fetch("latest"));
  expectApiAnswer(await one.fetch("query?start=1970-01-01"));
});

test("fetch answers after a hard reload", CHROMIUM, async ({ app }) => {
  const page = await app.open(FAST);
  await page.latest();

  await page.hardReload();
  await page.waitUntilLive();
  expectApiAnswer(await page.fetch("latest"));
  await page.latest();
  expect(app.errors).toEqual([]);
});

test("a page that is loaded without the service worker asks for it again when its first request is lost", CHROMIUM, async ({ app }) => {
  const page = await app.open(FAST);
  await page.latest();

  await app.context.addInitScript(loseFirstClaim);
  await page.hardReload();
  await page.waitUntilLive();
  expect(await page.page.evaluate(() => globalThis.lostClaims), "requests that were lost").toBe(1);
  expectApiAnswer(await page.fetch("latest"));
});

test("fetch answers after the service worker was stopped", CHROMIUM, async ({ app }) => {
  const page = await app.open(FAST);
  await page.latest();

  await page.stopServiceWorker();
  expectApiAnswer(await page.fetch("latest"));
  await page.stopServiceWorker();
  expectApiAnswer(await app.type("latest"));
});

test("a second tab of the app shows and answers what the first one runs", async ({ app }) => {
  const first = await app.open(FAST);
  await first.latest();
  const second = await app.open(FAST);

  expectApiAnswer(await second.fetch("latest"));
  await second.waitForCount("batches", (batches) => batches > 0);
  const { latest: of_first } = await first.get("query?start=1970-01-01&limit=10");
  const { latest: of_second } = await second.get("query?start=1970-01-01&limit=10");
  expect(of_second).toEqual(of_first);
});

test("when the tab that runs the pipeline closes, another one takes over", SMOKE, async ({ app }) => {
  const first = await app.open(FAST);
  const second = await app.open(FAST);
  await first.latest();

  await first.close();
  await until("the second tab runs the pipeline", async () => {
    const before = (await second.get("latest")).latest;
    const after = (await second.get("latest")).latest;
    return before && after && before[0].id !== after[0].id;
  });
  expectApiAnswer(await app.type("latest"));
});

test("without a tab of the app the answer is 503", async ({ app }) => {
  const page = await app.open(FAST);
  await page.latest();
  const tab = await app.type("latest");
  expectApiAnswer(tab);

  await page.close();
  await expect.poll(async () => (await tab.fetch("latest")).status, "no tab runs the pipeline").toBe(503);
  for (const answer of [await tab.fetch("latest"), await app.type("query?start=2025-06-01")]) {
    expectApiAnswer(answer, 503);
    expect(answer.headers["retry-after"]).toMatch(/^\d+$/);
    expect(typeof (answer.json?.() ?? {}).detail).toBe("string");
  }

  await app.open(FAST);
  expectApiAnswer(await tab.fetch("latest"));
});

test.describe("under a sub-path", () => {
  test.use({ hostOptions: { path: "/some/where/" } });

  test("the app works under a sub-path, and leaves the host's other files alone", async ({ app }) => {
    const page = await app.open(FAST);
    await page.latest();

    expectApiAnswer(await page.fetch("latest"));
    expectApiAnswer(await app.type("query?start=1970-01-01"));
    expect((await page.fetch("nothing-here.txt")).status).toBe(404);
    expect(app.host.requested, "a path that is no endpoint goes to the host").toContain("nothing-here.txt");
  });
});

test("wrong methods and trailing slashes are answered as in the original", async ({ app }) => {
  const page = await app.open(FAST);
  await page.latest();
  await page.configure({ paused: true });

  const refused = await page.fetch("latest", { method: "PUT" });
  expectApiAnswer(refused, 405);
  expect(refused.headers.allow).toMatch(/\bGET\b/);
  expect(refused.json()).toEqual({ detail: "Method Not Allowed" });

  const head = await page.fetch("latest", { method: "HEAD" });
  expect([head.status, head.text]).toEqual([200, ""]);
  const options = await page.fetch("latest", { method: "OPTIONS" });
  expect(options.status).toBe(204);
  expect(options.headers.allow).toMatch(/\bGET\b/);

  const slashed = await page.fetch("latest/");
  expect([slashed.redirected, slashed.url]).toEqual([true, `${app.host.base}latest`]);
  expect(slashed.json()).toEqual((await page.fetch("latest")).json());
});

const WITHOUT_SERVICE_WORKER = {
  "the browser offers no service worker": { init: "delete Navigator.prototype.serviceWorker" },
  "the service worker cannot be registered": { options: { hostOptions: { missing: ["sw.js"] } } },
  "the browser blocks the service worker": { options: { serviceWorkers: "block" } },
};
for (const [situation, { options = {}, init }] of Object.entries(WITHOUT_SERVICE_WORKER)) {
  test.describe(`when ${situation}`, () => {
    test.use(options);

    test("the page says so and its console still answers", async ({ app, context }) => {
      if (init) await context.addInitScript(init);
      const page = await app.openPage(FAST);
      await page.waitForCount("batches", (batches) => batches > 0, { timeoutMillis: 20_000 });

      await page.waitForText("api-status", /console/i);
      const answer = await page.console.send("GET /latest");
      expect(answer.status).toBe(200);
      expect(answer.text).toMatch(/moving_avg/);
    });
  });
}

/** Runs in the page: the first request for control never reaches the service worker, as when that ends meanwhile. */
function loseFirstClaim() {
  const { postMessage } = ServiceWorker.prototype;
  globalThis.lostClaims = 0;
  ServiceWorker.prototype.postMessage = function (message, ...rest) {
    if (message?.kind === "claim" && globalThis.lostClaims === 0) globalThis.lostClaims++;
    else postMessage.call(this, message, ...rest);
  };
}
