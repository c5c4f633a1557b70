// The program comes in two parts (.ci/split.mjs): the page stands with the first, and the rest follows by itself, or when
// it is needed.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { appTest } from "./app.mjs";
import { DIST } from "./server.mjs";
import { until } from "./until.mjs";

const REST = "**/app-*_rest.wasm";
const VISITS = 6;

const isRest = (name) => name.endsWith("_rest.wasm");

appTest("a first visit shows its first numbers before it asks for the rest", {}, async (app) => {
  // Something slow may run what others do not, and then has to load it: not each time, though.
  for (let visit = 1; ; visit++) {
    const { page } = await app.openPage();
    const isAsked = page.waitForRequest(REST, { timeout: 30_000 });
    await isAsked;
    const marks = await page.evaluate(() => performance.getEntriesByName("millrace:interactive").length);
    await page.close();
    if (marks > 0) break;
    assert.ok(visit < VISITS, "the page needs the rest to start: 'make first-visit' lists anew what belongs to the first part");
  }
});

appTest("the rest comes by itself, to the page and to its worker", {}, async (app) => {
  const { page } = await app.openPage("?source=none");
  const isThere = (thread) => thread.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => name.endsWith("_rest.wasm")));
  await until("both have it", async () => page.workers().length === 1 && (await isThere(page)) && isThere(page.workers()[0]));
});

const gate = {};
gate.isOpen = new Promise((resolve) => (gate.open = resolve));
const held = (name) => (isRest(name) ? gate.isOpen : Promise.resolve());

appTest("what needs the rest before it has come waits for it, and goes on", { host: { held } }, async (app) => {
  const { page } = await app.openPage("?source=none");
  const isClicked = new Promise((resolve) => page.exposeFunction("clicked", resolve));
  await page.getByTestId("count-batches").waitFor();
  await page.evaluate(() => addEventListener("click", () => globalThis.clicked(), { capture: true }));
  const click = page.locator("#tour-start").click();
  await isClicked;
  gate.open();
  await click;
  await page.getByRole("complementary", { name: "Tour" }).waitFor();
  assert.deepEqual(app.errors, []);
});

appTest("where the rest cannot be had, the page says so and what to do", { host: { missing: readdirSync(DIST).filter(isRest) } }, async (app) => {
  const { page } = await app.openPage("?source=none");
  await page.locator("#tour-start").click();
  await page.getByRole("alert").filter({ hasText: "A part of the program could not be loaded" }).waitFor();
});
