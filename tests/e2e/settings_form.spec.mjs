// Settings are changed: the form shows what they mean, refuses what does not work, and takes changes back.
import { SMOKE, expect, test } from "./fixtures.mjs";
import { typeInto } from "./pages/fields.mjs";
import { SettingsPanel } from "./pages/settings_panel.mjs";

test("every setting of the contract has a field with meaning and default, and only those", async ({ app }) => {
  const page = await app.open("?source=none");
  const settings = await openSettings(page);
  const { components } = await page.get("openapi.json");
  const { properties } = components.schemas.Settings;

  for (const [name, { description, default: preset }] of Object.entries(properties)) {
    await expect(page.page.locator(`label[for=setting-${name}]`), name).toHaveCount(1);
    const note = await settings.note(name).innerText();
    expect(note.startsWith(description.slice(0, 12)), `${name}: ${note}`).toBe(true);
    await expect(settings.facts(name), name).toHaveText(/^Default: \S/, { useInnerText: true });
    const options = await settings.field(name).locator("option").evaluateAll((all) => all.map(({ value }) => value));
    if (options.length) expect(options, name).toContain(String(preset));
  }
  await expect(page.page.locator("[id^=setting-]:is(input, select)")).toHaveCount(Object.keys(properties).length);
});

test("a value is checked while it is typed, and nothing is sent before it is valid", SMOKE, async ({ app }) => {
  const page = await app.open("?source=none");
  const settings = await openSettings(page);
  const [field, error] = [settings.field("batch_size"), settings.error("batch_size")];
  const before = await page.get("config");

  await field.pressSequentially("x");
  await expect(error, "the error is beside the field").toHaveText(/is not a whole number from 1 to 1000000/, { useInnerText: true });
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await field.press("Tab");
  expect(await page.get("config")).toEqual(before);

  await typeInto(field, "200000");
  await expect(error, "the other settings count").toHaveText(/does not fit into queue_capacity 100000/, { useInnerText: true });
  await typeInto(field, "20");
  await expect(error, "the error goes as soon as the value is valid").toHaveText("", { useInnerText: true });
  expect(await page.get("config"), "nothing is sent during typing").toEqual(before);
  await field.press("Tab");
  await expectConfig(page, { batch_size: 20 });
});

test("changes can be taken back and again, one by one and all at once", async ({ app }) => {
  const page = await app.open("?source=none");
  const settings = await openSettings(page);
  await expect(settings.button("Undo")).toBeDisabled();
  await expect(settings.button("Redo")).toBeDisabled();

  await settings.change("window", "30s");
  await settings.step(/^Undo: window 5s → 30s$/);
  await settings.change("agg", "sum");
  await settings.step(/^Undo: agg mean → sum$/);
  await settings.button(/^Undo/).click();
  await expectConfig(page, { agg: "mean" });
  await settings.step(/^Redo: agg mean → sum$/);
  expect(await page.get("config")).toHaveProperty("window", "30s");
  await settings.button(/^Redo/).click();
  await expectConfig(page, { agg: "sum" });

  await settings.panel.getByRole("button", { name: "Reset Window to its default" }).click();
  await expectConfig(page, { window: "5s" });
  await settings.change("distinct_ids", "3");
  await settings.step(/^Undo: distinct_ids unset → 3$/);

  await settings.button("Reset all…").click();
  await settings.button("Reset all").click();
  await settings.step(/^Undo: All defaults$/);
  expect(await page.get("config")).toMatchObject({ agg: "mean", distinct_ids: null, source: "simulated" });
  await settings.button(/^Undo/).click();
  await expectConfig(page, { distinct_ids: 3 });
  expect(await page.get("config")).toHaveProperty("source", "none");
});

test("a preset is one step that says what it changed", async ({ app }) => {
  const page = await app.open("?source=none&window=1min");
  const settings = await openSettings(page);

  await settings.button("1,000 sensors").click();
  await settings.step(/^Undo: 1,000 sensors$/);
  await expect(settings.news).toHaveText(/distinct_ids unset → 1000/, { useInnerText: true });
  expect(await page.get("config")).toMatchObject({ interval: "1ms", batch_size: 100, distinct_ids: 1000, window: "1min" });
  await page.waitForCount("batches", (batches) => batches >= 5);

  await settings.button("As in the original").click();
  await settings.step(/^Undo: As in the original$/);
  expect(await page.get("config")).toMatchObject({ interval: "1s", window: "5s", rolling_scope: "batch" });
  await settings.button(/^Undo/).click();
  await expectConfig(page, { interval: "1ms" });
  await settings.button(/^Undo/).click();
  await expectConfig(page, { source: "none" });
  expect(app.errors).toEqual([]);
});

test("late and messy rows fill the late counter and the refused rows", async ({ app }) => {
  const page = await app.open("?source=none");
  const settings = await openSettings(page);

  await settings.button("Late and messy").click();
  await expect(settings.news).toHaveText(/15 events accepted, 35 rejected/, { useInnerText: true });
  await page.waitForCount("rejected", (rejected) => rejected === 35);
  await page.waitForCount("late", (late) => late === 30);
  const reasons = (await page.get("rejected")).rejected.map(({ reason }) => reason).join("\n");
  expect(reasons).toMatch(/not a number/);
  expect(reasons).toMatch(/yesterday/);
});

test("a search finds settings by their words, and Escape returns to where they were opened", async ({ app }) => {
  const page = await app.open("?source=none&window=1min");
  const settings = await openSettings(page);
  const shown = page.page.locator("[id^=setting-]:is(input, select):visible");
  const all = await shown.count();

  await settings.search.fill("smoother line");
  await expect(shown, "what a setting changes is searched too").toHaveCount(1);
  await expect(settings.field("window")).toBeVisible();
  await settings.search.fill("changed");
  await expect(shown).toHaveCount(2);
  await expect(settings.field("source")).toBeVisible();
  await settings.search.fill("");
  await expect(shown).toHaveCount(all);
  await settings.search.fill("no such setting");
  await expect(settings.panel.getByText("No setting matches “no such setting”.")).toBeVisible();

  await settings.search.press("Escape");
  await expect(settings.panel).toBeHidden();
  await expect(page.page.locator("#settings-button")).toBeFocused();
});

/** The settings, open beside the view. */
async function openSettings({ page }) {
  const settings = new SettingsPanel(page);
  await settings.open();
  return settings;
}

/** Waits until these settings are in force. */
async function expectConfig(page, settings) {
  await expect.poll(() => page.get("config"), "the settings in force").toMatchObject(settings);
}
