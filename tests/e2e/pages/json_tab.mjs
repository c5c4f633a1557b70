// A tab that shows an answer of the API instead of the app.
import { fetchIn } from "./fetch_in.mjs";

export class JsonTab {
  constructor(page, base) {
    this.page = page;
    this.base = base;
  }

  /** Goes to the address, as if it had been typed. */
  async open(target) {
    const response = await this.page.goto(this.base + target);
    this.status = response.status();
    this.headers = response.headers();
    this.text = await this.page.locator("body").innerText();
  }

  json() {
    return JSON.parse(this.text);
  }

  /** A real `fetch` from this tab. */
  fetch(target, init) {
    return fetchIn(this.page, this.base + target, init);
  }

  close() {
    return this.page.close();
  }
}
