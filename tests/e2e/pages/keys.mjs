// The page as it is used with a keyboard and no pointer.

/** More stops than the longest way through the page has. */
const MOST_STOPS = 400;

export class Keys {
  constructor(page) {
    this.page = page;
  }

  /** Presses Tab until the element has the focus, around the end of the page if need be. */
  async reach(element) {
    await element.waitFor();
    for (let stop = 0; stop < MOST_STOPS; stop++) {
      if (await element.evaluate((wanted) => wanted === document.activeElement)) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not reach ${element}`);
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
