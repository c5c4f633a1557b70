// The page as it is used with a keyboard and no pointer.

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
}

function isBeforeFocus(wanted) {
  return Boolean(document.activeElement.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_PRECEDING);
}
