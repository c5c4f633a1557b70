// The page's settings: fields, presets and the way back.
import { expect } from "@playwright/test";
import { typeInto } from "./fields.mjs";
import { openSettings } from "./views.mjs";

export class SettingsPanel {
  constructor(page) {
    this.page = page;
    this.panel = page.locator("#settings");
  }

  /** Opens them beside the view, unless they are open. */
  async open() {
    await openSettings(this.page);
  }

  /** The field that narrows the settings to those that match its words. */
  get search() {
    return this.panel.getByLabel("Search the settings");
  }

  /** The input or list of a setting such as `window`. */
  field(name) {
    return this.page.locator(`#setting-${name}`);
  }

  /** The message about a refused value; empty while none is. */
  error(name) {
    return this.page.locator(`#setting-${name}-error`);
  }

  /** What a setting means. */
  note(name) {
    return this.page.locator(`#setting-${name}-note`);
  }

  /** Its default and its limits. */
  facts(name) {
    return this.page.locator(`#setting-${name}-facts`);
  }

  button(name) {
    return this.panel.getByRole("button", { name, exact: typeof name === "string" });
  }

  /** Types a value and leaves the field. */
  async change(name, value) {
    const field = this.field(name);
    if ((await field.evaluate((element) => element.tagName)) === "SELECT") return field.selectOption(value);
    // Before the first snapshot the fields are empty: what it brings would stand behind what is typed.
    await expect(this.field("window")).not.toHaveValue("");
    await typeInto(field, value);
    await field.press("Tab");
  }

  /** Waits until one of the two buttons that undo and redo a step names it, such as `Undo: window 5s → 30s`. */
  async step(pattern) {
    const buttons = this.panel.locator(".settings__step");
    await expect.poll(() => buttons.allInnerTexts(), "the steps to undo and redo").toContainEqual(expect.stringMatching(pattern));
  }

  /** What the last preset or reset changed. */
  get news() {
    return this.page.getByTestId("settings-news");
  }
}
