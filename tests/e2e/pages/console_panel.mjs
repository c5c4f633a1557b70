// The page's API console: requests without writing a script.

export class ConsolePanel {
  constructor(page) {
    this.panel = page.locator("#console");
  }

  /** Sends a request to an endpoint such as `GET /query` and returns the answer that the console shows. */
  async send(endpoint, parameters = {}) {
    await this.panel.getByLabel("Endpoint", { exact: true }).selectOption({ label: endpoint });
    for (const [name, value] of Object.entries(parameters)) await this.panel.getByLabel(name, { exact: true }).fill(value);
    const button = this.panel.getByRole("button", { name: "Send", exact: true });
    const answered = await button.evaluateHandle(untilAnswered);
    await button.click();
    await answered.evaluate(({ promise }) => promise);
    const status = await this.panel.getByTestId("console-status").innerText();
    return { status: Number.parseInt(status, 10), text: await this.panel.getByTestId("console-body").innerText() };
  }
}

/** A promise that is kept when the button, which waits for the answer, can be pressed again. */
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
