// The page's API console: requests without writing a script.
import { copied } from "./clipboard.mjs";

export class ConsolePanel {
  constructor(page) {
    this.page = page;
    this.panel = page.locator("#console");
  }

  /** The endpoints that can be chosen, such as `GET /query`. */
  async endpoints() {
    const options = this.field("Endpoint").locator("option");
    await options.first().waitFor({ state: "attached" });
    return options.allInnerTexts();
  }

  /** Selects an endpoint such as `GET /query`. */
  async choose(endpoint) {
    await this.field("Endpoint").selectOption({ label: endpoint });
  }

  field(label) {
    return this.panel.getByLabel(label, { exact: true });
  }

  button(name) {
    return this.panel.getByRole("button", { name, exact: true });
  }

  /** Returns what a button puts into the clipboard. */
  copy(name) {
    return copied(this.page, () => this.button(name).click());
  }

  /**
   * Sends a request to an endpoint and returns the answer that the console shows.
   * @param {{keep?: boolean}} options keep: the endpoint is chosen already, with what is filled in
   */
  async send(endpoint, parameters = {}, { keep = false } = {}) {
    if (!keep) await this.choose(endpoint);
    for (const [name, value] of Object.entries(parameters)) await this.field(name).fill(value);
    const button = this.button("Send");
    const answered = await button.evaluateHandle(untilAnswered);
    await button.click();
    await answered.evaluate(({ promise }) => promise);
    const status = await this.panel.getByTestId("console-status").innerText();
    return { status: Number.parseInt(status, 10), text: await this.panel.getByTestId("console-body").innerText() };
  }
}

/** A promise that is resolved when the button, which is disabled until the answer comes, can be pressed again. */
function untilAnswered(button) {
  const promise = new Promise((resolve) => {
    let isSending = false;
    const observer = new MutationObserver(() => {
      if (isSending && !button.disabled) {
        observer.disconnect();
        resolve();
      }
      isSending = button.disabled;
    });
    observer.observe(button, { attributes: true });
  });
  return { promise };
}
