// The page's API console: requests without writing a script.
import { until } from "../until.mjs";

export class ConsolePanel {
  constructor(page) {
    this.page = page;
  }

  /** Sends a request and returns the answer that the console shows. */
  async send(method, path) {
    await this.page.getByLabel(/^method$/i).selectOption(method);
    await this.page.getByLabel(/^path$/i).fill(path);
    await this.page.getByRole("button", { name: /^send$/i }).click();
    const status = await until("the console shows an answer", async () => {
      const text = await this.page.getByTestId("console-status").first().innerText();
      return text.match(/\b([1-5]\d\d)\b/)?.[1];
    });
    return { status: Number(status), text: await this.page.getByTestId("console-body").first().innerText() };
  }
}
