// The page's API view: requests without writing a script.
import { copied } from "./clipboard.mjs";
import { showView } from "./views.mjs";

export class ConsolePanel {
  constructor(page) {
    this.page = page;
    this.panel = page.locator("#console");
    this.operations = this.panel.getByRole("navigation", { name: "Operations" }).getByRole("button");
  }

  /** Shows the view that the panel is in. */
  async show() {
    await showView(this.page, "api");
  }

  /** The operations that can be chosen, such as `GET /query`. */
  async endpoints() {
    await this.show();
    await this.operations.first().waitFor();
    return (await this.operations.allInnerTexts()).map(oneLine);
  }

  /** The operation that is chosen. */
  async chosen() {
    await this.show();
    return oneLine(await this.panel.locator('nav button[aria-pressed="true"]').innerText());
  }

  /** Chooses an operation such as `GET /query`, and opens all of its parameters. */
  async choose(endpoint) {
    await this.show();
    await this.panel.getByRole("navigation", { name: "Operations" }).getByRole("button", { name: endpoint, exact: true }).click();
    const more = this.panel.locator("details:not([open]) > summary", { hasText: "More parameters" });
    if (await more.isVisible()) await more.click();
  }

  field(label) {
    return this.panel.getByLabel(label, { exact: true });
  }

  button(name) {
    return this.panel.getByRole("button", { name, exact: true });
  }

  /** Returns what a button such as `Copy as fetch` puts into the clipboard. */
  async copy(name) {
    await this.panel.getByRole("radio", { name: name.replace("Copy as ", ""), exact: true }).check();
    return copied(this.page, () => this.button(name).click());
  }

  /**
   * Sends a request to an endpoint and returns the answer that the console shows.
   * @param {{keep?: boolean}} options keep: the endpoint is chosen already, with what is filled in
   */
  async send(endpoint, parameters = {}, { keep = false } = {}) {
    if (keep) await this.show();
    else await this.choose(endpoint);
    for (const [name, value] of Object.entries(parameters)) await this.field(name).fill(value);
    const button = this.button("Send");
    const answered = await button.evaluateHandle(untilAnswered);
    await button.click();
    await answered.evaluate(({ promise }) => promise);
    const status = await this.panel.getByTestId("console-status").innerText();
    return { status: Number.parseInt(status, 10), text: await this.panel.getByTestId("console-body").innerText() };
  }
}

/** A text without line ends: the parts of a button stand side by side. */
function oneLine(text) {
  return text.replace(/\s+/g, " ").trim();
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
