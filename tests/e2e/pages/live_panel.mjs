// The live source under Data: how it is chosen, filled in, tested and started, and what is said of the one in force.
import { expect } from "@playwright/test";
import { typeInto } from "./fields.mjs";
import { showView } from "./views.mjs";

export class LivePanel {
  constructor(page) {
    this.page = page;
    this.panel = page.locator("#live-source");
  }

  async show() {
    await showView(this.page, "data");
  }

  /** Chooses a kind by the name of the source: websocket, sse, poll or nats. */
  async choose(source) {
    await this.field("source").selectOption(source);
  }

  /** The field of a setting by its name: `source_url`, `nats_stream` … */
  field(name) {
    return this.panel.locator(`#form-${name}`);
  }

  /** Fills in fields: names of settings with their texts. */
  async fill(texts) {
    for (const [name, text] of Object.entries(texts)) {
      const field = this.field(name);
      if ((await field.evaluate(({ tagName }) => tagName)) === "SELECT") await field.selectOption(text);
      else await typeInto(field, text);
    }
  }

  /** Why the text of a field is refused. */
  refusal(name) {
    return this.panel.locator(`#form-${name}-error`);
  }

  /** Fills in what the server is shown, without giving it: `{ token }`, or `{ user, password }`. */
  async fillCredentials({ token, user, password }) {
    const details = this.panel.locator("details");
    if (!(await details.evaluate(({ open }) => open))) await details.locator("summary").click();
    if (user !== undefined) await typeInto(this.panel.getByLabel("User, if any"), user);
    await typeInto(this.secret, token ?? password);
  }

  /** The field of a password or token. */
  get secret() {
    return this.panel.getByLabel("Password or token");
  }

  button(name) {
    return this.panel.getByRole("button", { name, exact: true });
  }

  /** Connects, and waits for what comes of it. */
  async test() {
    await this.button("Test the connection").click();
    await expect(this.button("Test the connection"), "the test has ended").toBeEnabled({ timeout: 20_000 });
  }

  /** What the newest test or start brought, or why there was none. */
  get outcome() {
    return this.panel.getByTestId("live-outcome");
  }

  /** What the source in force does. */
  get state() {
    return this.panel.getByTestId("live-state");
  }

  /** Its last error, and that of the sink. */
  get problem() {
    return this.panel.getByTestId("live-problem");
  }

  /** Position, lag, rates, retries and gaps, and what is published. */
  get figures() {
    return this.panel.getByTestId("live-figures");
  }
}
