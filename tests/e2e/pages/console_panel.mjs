// The page's API console: requests without writing a script.
import { until } from "../until.mjs";

export class ConsolePanel {
  constructor(page) {
    this.page = page;
    this.panel = page.locator("#console");
  }

  /** Sends a request to an endpoint such as `GET /query` and returns the answer that the console shows. */
  async send(endpoint, parameters = {}) {
    await this.panel.getByLabel("Endpoint", { exact: true }).selectOption({ label: endpoint });
    for (const [name, value] of Object.entries(parameters)) await this.panel.getByLabel(name, { exact: true }).fill(value);
    await this.forgetAnswer();
    await this.panel.getByRole("button", { name: "Send", exact: true }).click();
    const status = await until("the console shows an answer", async () => {
      const [text] = await this.panel.locator("[data-testid=console-status]:not([data-seen])").allInnerTexts();
      return text;
    });
    return { status: Number.parseInt(status, 10), text: await this.panel.getByTestId("console-body").innerText() };
  }

  /** Marks the answer on show, so that the next one can be told from it. */
  forgetAnswer() {
    return this.panel.getByTestId("console-status").evaluateAll((statuses) => {
      for (const status of statuses) status.dataset.seen = "";
    });
  }
}
