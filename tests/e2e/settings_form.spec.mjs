// Somebody changes settings: sees what they mean, is told what would not do, and takes it back.
import assert from "node:assert/strict";
import { appTest } from "./app.mjs";
import { SettingsPanel } from "./pages/settings_panel.mjs";
import { until } from "./until.mjs";

appTest("every setting of the contract has a field with meaning and default, and only those", {}, async (app) => {
  const page = await app.open("?source=none");
  const settings = new SettingsPanel(page.page);
  const { components } = await page.get("openapi.json");
  const { properties } = components.schemas.Settings;

  await settings.openMore();
  for (const [name, { description, default: preset }] of Object.entries(properties)) {
    assert.equal(await page.page.locator(`label[for=setting-${name}]`).count(), 1, name);
    const note = await settings.note(name);
    assert.ok(note.startsWith(description.slice(0, 12)), `${name}: ${note}`);
    assert.match(await settings.facts(name), /^Default: \S/, name);
    const options = await settings.field(name).locator("option").evaluateAll((all) => all.map(({ value }) => value));
    if (options.length) assert.ok(options.includes(String(preset)), name);
  }
  assert.equal(await page.page.locator("[id^=setting-]:is(input, select)").count(), Object.keys(properties).length);
});

appTest("a value is checked while it is typed, and nothing is sent until it would do", {}, async (app) => {
  const page = await app.open("?source=none");
  const settings = new SettingsPanel(page.page);
  const before = await page.get("config");

  await settings.field("batch_size").pressSequentially("x");
  await until("the error stands beside the field", async () => /is not a whole number from 1 to 1000000/.test(await settings.error("batch_size")));
  assert.equal(await settings.field("batch_size").getAttribute("aria-invalid"), "true");
  await settings.field("batch_size").press("Tab");
  assert.deepEqual(await page.get("config"), before);

  await settings.field("batch_size").fill("200000");
  await until("it is seen beside the others", async () => /does not fit into queue_capacity 100000/.test(await settings.error("batch_size")));
  await settings.field("batch_size").fill("20");
  await until("the error goes as soon as the value would do", async () => (await settings.error("batch_size")) === "");
  assert.deepEqual(await page.get("config"), before, "nothing is sent while somebody types");
  await settings.field("batch_size").press("Tab");
  await until("the change is in force", async () => (await page.get("config")).batch_size === 20);
});

appTest("changes can be taken back and again, one by one and all at once", {}, async (app) => {
  const page = await app.open("?source=none");
  const settings = new SettingsPanel(page.page);
  assert.ok(await settings.button("Undo").isDisabled() && (await settings.button("Redo").isDisabled()));

  await settings.change("window", "30s");
  await settings.step(/^Undo: window 5s → 30s$/);
  await settings.change("agg", "sum");
  await settings.step(/^Undo: agg mean → sum$/);
  await settings.button(/^Undo/).click();
  await until("the aggregate is back", async () => (await page.get("config")).agg === "mean");
  await settings.step(/^Redo: agg mean → sum$/);
  assert.equal((await page.get("config")).window, "30s");
  await settings.button(/^Redo/).click();
  await until("it is there again", async () => (await page.get("config")).agg === "sum");

  await settings.panel.getByRole("button", { name: "Reset Window to its default" }).click();
  await until("one setting is back", async () => (await page.get("config")).window === "5s");
  await settings.change("distinct_ids", "3");
  await settings.step(/^Undo: distinct_ids unset → 3$/);

  await settings.button("Reset all…").click();
  await settings.button("Reset all").click();
  await settings.step(/^Undo: All defaults$/);
  const { agg, distinct_ids, source } = await page.get("config");
  assert.deepEqual({ agg, distinct_ids, source }, { agg: "mean", distinct_ids: null, source: "simulated" });
  await settings.button(/^Undo/).click();
  await until("all of it is back", async () => (await page.get("config")).distinct_ids === 3);
  assert.equal((await page.get("config")).source, "none");
});

appTest("a preset is one step that says what it changed", {}, async (app) => {
  const page = await app.open("?source=none&window=1min");
  const settings = new SettingsPanel(page.page);

  await settings.button("1,000 sensors").click();
  await settings.step(/^Undo: 1,000 sensors$/);
  assert.match(await settings.news(), /distinct_ids unset → 1000/);
  const { interval, batch_size, distinct_ids, window } = await page.get("config");
  assert.deepEqual({ interval, batch_size, distinct_ids, window }, { interval: "1ms", batch_size: 100, distinct_ids: 1000, window: "1min" });
  await page.waitForCount("batches", (batches) => batches >= 5);

  await settings.button("As in the original").click();
  await settings.step(/^Undo: As in the original$/);
  const original = await page.get("config");
  assert.deepEqual([original.interval, original.window, original.rolling_scope], ["1s", "5s", "batch"]);
  await settings.button(/^Undo/).click();
  await until("the sensors are back", async () => (await page.get("config")).interval === "1ms");
  await settings.button(/^Undo/).click();
  await until("and then none", async () => (await page.get("config")).source === "none");
  assert.deepEqual(app.errors, []);
});

appTest("late and messy rows fill the late counter and the dead letters", {}, async (app) => {
  const page = await app.open("?source=none");
  const settings = new SettingsPanel(page.page);

  await settings.button("Late and messy").click();
  await until("the rows are told", async () => /15 events accepted, 35 rejected/.test(await settings.news()));
  await page.waitForCount("rejected", (rejected) => rejected === 35);
  await page.waitForCount("late", (late) => late === 30);
  const reasons = (await page.get("rejected")).rejected.map(({ reason }) => reason).join("\n");
  assert.match(reasons, /not a number/);
  assert.match(reasons, /yesterday/);
});
