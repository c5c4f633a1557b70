// A tab that is not listened to. Playwright is told of each message of a WebSocket, which halves how many come through: where
// that is measured, the tab is asked for its answers and nothing else.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import WebSocket from "ws";
import { fetchIn } from "../pages/fetch_in.mjs";
import { startPlain } from "./browsers.mjs";

export class PlainTab {
  #folder;
  #browser;
  #socket;
  #session;
  #sent = 0;
  #waiting = new Map();
  #loaded = () => {};

  /** Opens an address in a browser of its own. */
  static async open(url) {
    const folder = await mkdtemp(join(tmpdir(), "millrace-tab-"));
    const { browser, address } = await startPlain(folder);
    const socket = new WebSocket(address);
    await once(socket, "open");
    const tab = new PlainTab(folder, browser, socket);
    const { targetId } = await tab.#send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await tab.#send("Target.attachToTarget", { targetId, flatten: true });
    tab.#session = sessionId;
    await tab.#send("Page.enable");
    const loaded = new Promise((resolve) => (tab.#loaded = resolve));
    await tab.#send("Page.navigate", { url });
    await loaded;
    return tab;
  }

  constructor(folder, browser, socket) {
    [this.#folder, this.#browser, this.#socket] = [folder, browser, socket];
    socket.on("message", (text) => {
      const { id, method, result, error } = JSON.parse(text);
      if (method === "Page.loadEventFired") this.#loaded();
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result);
    });
  }

  /** Runs a function in the tab, as Playwright's pages do. */
  async evaluate(run, what) {
    const expression = `(${run})(${JSON.stringify(what)})`;
    const answer = await this.#send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description ?? answer.exceptionDetails.text);
    return answer.result.value;
  }

  async close() {
    const ended = once(this.#browser, "exit");
    await this.#send("Browser.close");
    await ended;
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #send(method, params = {}) {
    const id = ++this.#sent;
    this.#socket.send(JSON.stringify({ id, method, params, sessionId: this.#session }));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }
}

/** The app in such a tab, as far as its answers are read. */
export class PlainApp {
  static async open(url) {
    return new PlainApp(await PlainTab.open(url), new URL("./", url).href);
  }

  constructor(page, base) {
    Object.assign(this, { page, base });
  }

  fetch(target, init) {
    return fetchIn(this.page, this.base + target, init);
  }

  async get(target) {
    return (await this.fetch(target)).json();
  }

  close() {
    return this.page.close();
  }
}
