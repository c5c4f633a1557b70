// The page's settings: fields, presets and the way back.
import { until } from "../until.mjs";

export class SettingsPanel {
  constructor(page) {
    this.page = page;
    this.panel = page.locator("#settings");
  }

  /** The input or list of a setting such as `window`. */
  field(name) {
    return this.page.locator(`#setting-${name}`);
  }

  /** What is said about a refused value; empty while none is. */
  error(name) {
    return this.page.locator(`#setting-${name}-error`).innerText();
  }

  /** What a setting means. */
  note(name) {
    return this.page.locator(`#setting-${name}-note`).innerText();
  }

  /** Its default and its limits. */
  facts(name) {
    return this.page.locator(`#setting-${name}-facts`).innerText();
  }

  button(name) {
    return this.panel.getByRole("button", { name, exact: typeof name === "string" });
  }

  /** Types a value and leaves the field. */
  async change(name, value) {
    const field = this.field(name);
    if ((await field.evaluate((element) => element.tagName)) === "SELECT") return field.selectOption(value);
    await field.fill(value);
    await field.press("Tab");
  }

  async openMore() {
    const more = this.panel.locator("details");
    if (!(await more.evaluate((element) => element.open))) await more.locator("summary").click();
  }

  /** Waits until the button that takes a step back, or again, says so. */
  step(pattern) {
    return until(`a button says ${pattern}`, async () => {
      const texts = await this.panel.locator(".settings__step").allInnerTexts();
      return texts.some((text) => pattern.test(text));
    });
  }

  /** What the last preset or reset changed. */
  news() {
    return this.page.getByTestId("settings-news").innerText();
  }
}
