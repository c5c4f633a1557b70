// The API key: in the memory of the tabs alone. No host, no address, no answer and no storage has it.
import { SMOKE, expect, test } from "./fixtures.mjs";
import { SettingsPanel } from "./pages/settings_panel.mjs";

const KEY = "mill-Pond_7";
const OTHER = "race+Way/8";

/** The status of `latest` without a key, and with this one. */
async function statuses(page, key) {
  const answers = [await page.fetch("latest"), await page.fetch("latest", { headers: { Authorization: `Bearer ${key}` } })];
  return answers.map(({ status }) => status);
}

/** Waits until this key is needed, and suffices. */
async function expectKey(page, key) {
  // Before, requests go to the host.
  await page.page.waitForFunction(() => navigator.serviceWorker.controller);
  await expect.poll(() => statuses(page, key), { message: `${key} is in force`, timeout: 20_000 }).toEqual([401, 200]);
}

/** All texts that this origin stores where any of its pages can read them, and the page's address. */
const readable = ({ page }) => page.evaluate(async () => {
  const requests = await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)));
  return JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }, history.state, requests]);
});

/** Expects that the key is where nobody but the pipeline needs it. */
async function expectHidden(page, key) {
  expect(await readable(page)).not.toContain(key);
  expect(await readable(page)).not.toContain("api_key");
  const config = await page.fetch("config", { headers: { Authorization: `Bearer ${key}` } });
  expect([config.status, config.json().api_key]).toEqual([200, "**********"]);
}

test("a key in the fragment is taken, and then in no address, storage or answer", SMOKE, async ({ app }) => {
  const page = await app.openPage(`?source=none#storage&api_key=${KEY}&span=all`);
  await expectKey(page, KEY);
  await expectHidden(page, KEY);
  await expect.poll(() => page.page.url()).toContain("#storage&span=all");
  await page.page.reload();
  await expectKey(page, KEY);
  await expectHidden(page, KEY);
  expect(app.host.heard.join("\n")).not.toContain(KEY);
});

test("a key in the query is taken once, and the page says where it belongs", SMOKE, async ({ app }) => {
  const page = await app.openPage(`?source=none&api_key=${KEY}&batch_size=7`);
  await page.waitForText("problems", /#api_key=/);
  expect(await page.text("problems")).not.toContain(KEY);
  await expectKey(page, KEY);
  await expectHidden(page, KEY);
  expect(page.page.url()).toContain("?source=none&batch_size=7");

  // The service worker answers for the page now, so that the host does not see the address either.
  const before = app.host.heard.length;
  await page.open(`?api%5Fkey=${encodeURIComponent(OTHER)}&source=none`);
  await expectKey(page, OTHER);
  await expectHidden(page, OTHER);
  for (const heard of app.host.heard.slice(before)) expect(heard).not.toMatch(/api(_|%5F)key|Way/);
});

test("a key in a fragment that is typed while the page is shown is set, with a notice", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none");
  await page.page.evaluate((key) => (location.hash = `#history&api_key=${key}`), OTHER);
  await expectKey(page, OTHER);
  await page.waitForText("problems", /key in the address is in force/);
  expect(await page.page.locator("body").innerText()).not.toContain(OTHER);
  await expectHidden(page, OTHER);
});

test("the key's field hides what is typed, and a take-over keeps the key", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none");
  const second = await app.open();
  await second.waitForText("connection", /another tab/);
  // Firefox moves no focus in a tab that is behind another.
  await page.page.bringToFront();
  const settings = new SettingsPanel(page.page);
  await settings.open();
  await settings.change("api_key", KEY);
  await expectKey(page, KEY);
  expect(await settings.field("api_key").getAttribute("type")).toBe("password");
  await expectHidden(page, KEY);
  await expectKey(second, KEY);
  await page.close();
  await expectKey(second, KEY);
  await expectHidden(second, KEY);
});

test("settings that are sent back as they came keep the key", async ({ app }) => {
  const page = await app.open("?source=none");
  await page.configure({ api_key: KEY });
  const headers = { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" };
  const { text } = await page.fetch("config", { headers });
  const answer = await page.fetch("config", { method: "PATCH", headers, body: text });
  expect([answer.status, answer.text]).toEqual([200, text]);
  await expectKey(page, KEY);
});

test("a stream ends when a key is set that it did not bring", SMOKE, async ({ app }) => {
  const page = await app.open("?interval=20ms&batch_size=2");
  await page.page.evaluate((key) => {
    const follow = async (name, init) => {
      globalThis[name] = { parts: 0, isOver: false };
      const reader = (await fetch("stream", init)).body.getReader();
      while (!(await reader.read()).done) globalThis[name].parts++;
      globalThis[name].isOver = true;
    };
    follow("keyless");
    follow("keyed", { headers: { Authorization: `Bearer ${key}` } });
    globalThis.source = new EventSource("stream");
  }, KEY);
  const seen = (name) => page.page.evaluate((name) => globalThis[name], name);
  for (const name of ["keyless", "keyed"]) await expect.poll(async () => (await seen(name)).parts, `${name} is read`).toBeGreaterThan(2);

  await page.configure({ api_key: KEY });
  await expect.poll(async () => (await seen("keyless")).isOver, "the one without the key ends").toBe(true);
  await expect.poll(() => page.page.evaluate(() => globalThis.source.readyState), "an EventSource does not come back").toBe(2);
  const { parts } = await seen("keyed");
  await expect.poll(async () => (await seen("keyed")).parts, "the one with it goes on").toBeGreaterThan(parts + 2);
});
