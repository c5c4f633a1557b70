// The app's page: what a person sees and does there, and what a script in it can fetch.
import assert from "node:assert/strict";
import { until } from "../until.mjs";
import { ConsolePanel } from "./console_panel.mjs";
import { fetchIn } from "./fetch_in.mjs";

export class AppPage {
  constructor(page, base) {
    this.page = page;
    this.base = base;
    /** How often the tab has loaded a page. */
    this.loads = 0;
    page.on("load", () => this.loads++);
    this.console = new ConsolePanel(page);
  }

  async open(query = "") {
    await this.page.goto(this.base + query);
  }

  /** Waits until a script's `fetch` reaches the pipeline. Without the service worker the static host would answer. */
  async waitUntilLive() {
    await this.page.waitForFunction(() => navigator.serviceWorker.controller, null, { timeout: 20_000 });
    await until("real requests are answered", async () => (await this.fetch("health")).json().status === "ok", { timeoutMillis: 20_000 });
  }

  /** A real `fetch` of a target relative to the app's base, such as `query?start=2025-06-01`. */
  fetch(target, init) {
    return fetchIn(this.page, this.base + target, init);
  }

  async get(target) {
    const answer = await this.fetch(target);
    assert.equal(answer.status, 200, `GET ${target}: ${answer.text.slice(0, 300)}`);
    return answer.json();
  }

  /** Changes settings and checks that they were taken. */
  async configure(settings) {
    const answer = await this.send("PATCH", "config", JSON.stringify(settings));
    assert.equal(answer.status, 200, `PATCH config: ${answer.text}`);
    return answer.json();
  }

  send(method, target, body, contentType = "application/json") {
    return this.fetch(target, { method, body, headers: { "Content-Type": contentType } });
  }

  /** Posts events that must all be taken. */
  async post(events) {
    const answer = await this.send("POST", "events", JSON.stringify(events));
    assert.equal(answer.status, 202, `POST events: ${answer.text.slice(0, 300)}`);
    assert.deepEqual(answer.json(), { accepted: events.length, rejected: [] });
  }

  /** Forgets results, history and counts. */
  async reset() {
    const answer = await this.fetch("events", { method: "DELETE" });
    assert.equal(answer.status, 204, `DELETE events: ${answer.text}`);
  }

  /** Waits for the newest batch, once there is one. */
  async latest({ timeoutMillis = 15_000 } = {}) {
    return until("there is a batch", async () => {
      const answer = await this.get("latest");
      return answer.latest && answer;
    }, { timeoutMillis });
  }

  /** A number of the pipeline's picture: produced, queued, processed, batches, rejected or history. */
  async count(name) {
    const text = await this.text(`count-${name}`);
    const digits = text.replace(/[^0-9]/g, "");
    assert.notEqual(digits, "", `count-${name} shows "${text}", not a number`);
    return Number(digits);
  }

  /** What stands under a name such as `memory` below the picture. */
  sideText(name) {
    const item = this.page.locator(".side-counters__item", { has: this.page.getByText(name, { exact: true }) });
    return item.locator("dd").innerText();
  }

  /** Waits until a number of the picture satisfies the condition. */
  async waitForCount(name, condition, options) {
    return until(`count-${name} becomes right`, async () => condition(await this.count(name)), options);
  }

  /** The text of the element with this test id. */
  text(testId) {
    return this.page.getByTestId(testId).first().innerText();
  }

  /** Waits until the text of the element with this test id matches. */
  async waitForText(testId, pattern, options) {
    let text = "";
    await until(`${testId} shows ${pattern}`, async () => pattern.test((text = await this.text(testId))), options);
    return text;
  }

  /** The button that starts or pauses the source. */
  get toggle() {
    return this.page.getByRole("button", { name: /^(start|pause|resume)\b/i }).first();
  }

  /** The name of the script that runs in the tab, which differs from build to build. */
  build() {
    return this.page.evaluate(() => document.querySelector("link[rel=modulepreload]").href.split("/").pop());
  }

  /** The offer of a newer version. */
  get updateOffer() {
    return this.page.getByRole("status").filter({ hasText: "A new version is ready." });
  }

  /** Takes the newer version. */
  takeUpdate() {
    return this.updateOffer.getByRole("button", { name: "Reload all tabs" }).click();
  }

  /** Reloads past every cache; the browser then leaves the page without its service worker. */
  async hardReload() {
    const session = await this.page.context().newCDPSession(this.page);
    const loaded = this.page.waitForEvent("load");
    await session.send("Page.reload", { ignoreCache: true });
    await loaded;
    await session.detach();
  }

  /** Stops the service worker, as the browser does when it was idle for a while. */
  async stopServiceWorker() {
    const session = await this.page.context().newCDPSession(this.page);
    const seen = new Set();
    session.on("ServiceWorker.workerVersionUpdated", ({ versions }) => {
      for (const version of versions) seen.add(version.runningStatus);
    });
    await session.send("ServiceWorker.enable");
    await until("the service worker runs", () => seen.has("running"));
    seen.clear();
    await session.send("ServiceWorker.stopAllWorkers");
    // Whoever waits for an answer may start it again at once.
    await until("the service worker was stopped", () => seen.has("stopped"));
    await session.detach();
  }

  close() {
    return this.page.close();
  }
}
