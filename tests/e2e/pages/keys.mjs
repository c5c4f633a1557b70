// The page as it is used with a keyboard and no pointer.
import { expect } from "@playwright/test";

/** More stops than the longest way through the page has. */
const MOST_STOPS = 400;

export class Keys {
  constructor(page) {
    this.page = page;
  }

  /**
   * Presses Tab, or Shift+Tab if the element comes before the one with the focus, until the element has the focus. Beyond
   * the end of the page are the browser's own buttons: there the keys of a test over BiDi get lost.
   */
  async reach(element) {
    await element.waitFor();
    // A disabled button takes no focus.
    await expect(element).toBeEnabled();
    const key = (await element.evaluate(isBeforeFocus)) ? "Shift+Tab" : "Tab";
    for (let stop = 0; stop < MOST_STOPS; stop++) {
      if (await element.evaluate((wanted) => wanted === document.activeElement)) return;
      await this.page.keyboard.press(key);
    }
    throw new Error(`${key} does not reach ${element}`);
  }

  /** Presses a key on an element. */
  async press(key, element) {
    await this.reach(element);
    await this.page.keyboard.press(key);
  }

  /** Types a text into a field in place of its content, and leaves it. */
  async type(text, field) {
    await this.reach(field);
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.type(text);
    await this.page.keyboard.press("Enter");
    await this.page.keyboard.press("Tab");
  }

  /** Shows a view such as `History` by its link; its heading takes the focus. */
  async show(title) {
    const links = this.page.getByRole("navigation", { name: "Views" });
    await this.press("Enter", links.getByRole("link", { name: title }));
    const view = this.page.locator(`#view-${title.toLowerCase()}`);
    await expect(view.locator("h2:focus"), `the heading of ${title} has the focus`).toHaveCount(1);
    return view;
  }

  /** Opens the settings, which take the focus. */
  async openSettings() {
    await this.press("Enter", this.#settingsButton);
    const settings = this.page.locator("#settings");
    await expect(settings).toBeFocused();
    return settings;
  }

  /** Closes the settings from within; the focus returns to their button. */
  async closeSettings() {
    await this.page.keyboard.press("Escape");
    await expect(this.#settingsButton).toBeFocused();
  }

  /** Opens the menu; the next Tab goes into it. */
  async openMenu() {
    await this.press("Enter", this.page.getByRole("button", { name: "More", exact: true }));
    const menu = this.page.locator("#menu");
    await expect(menu).toBeVisible();
    return menu;
  }

  get #settingsButton() {
    return this.page.getByRole("button", { name: "Settings", exact: true });
  }
}

function isBeforeFocus(wanted) {
  return Boolean(document.activeElement.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_PRECEDING);
}
