// The program comes in two parts (.ci/split.mjs): the page stands with the first, and the rest follows by itself, or when
// it is needed.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { appTest } from "./app.mjs";
import { DIST } from "./server.mjs";
import { until } from "./until.mjs";

const VISITS = 3;

const isRest = (name) => name.endsWith("_rest.wasm");

/** When a thread asked for the rest and when it made its first mark, both since 1970; not before it has done both. */
const times = (thread) =>
  thread.evaluate(() => {
    const [asked, marked] = [
      performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("_rest.wasm")),
      performance.getEntriesByType("mark"),
    ].map((entries) => Math.min(...entries.map(({ startTime }) => startTime)));
    return asked < Infinity && marked < Infinity && { asked: performance.timeOrigin + asked, marked: performance.timeOrigin + marked };
  });

appTest("a first visit shows its first numbers before either thread asks for the rest, and then both do", {}, async (app) => {
  const late = [];
  // A visit in which something is unusually slow may run more than others do. Each has a context of its own, to be a first one.
  for (let visit = 0; visit < VISITS; visit++) {
    const context = await app.context.browser().newContext();
    const page = await context.newPage();
    await page.goto(app.host.base);
    const threads = await until("page and worker have the rest", async () => {
      const all = await Promise.all([page, ...page.workers()].map(times));
      return all.length === 2 && all.every(Boolean) && all;
    });
    await context.close();
    const early = threads.map(({ asked, marked }) => asked - marked).filter((millis) => millis < 0);
    if (early.length === 0) return;
    late.push(early);
  }
  assert.fail(`the rest was needed before something was shown, by so many ms: ${JSON.stringify(late)}; see 'make first-visit'`);
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
