// The app's page: what its user sees and does there, and what a script in it can fetch.
import { expect } from "@playwright/test";
import { until } from "../support/until.mjs";
import { ConsolePanel } from "./console_panel.mjs";
import { fetchIn } from "./fetch_in.mjs";
import { openMenu, openSettings, showView } from "./views.mjs";

/** Milliseconds between two looks at the page: short, so that a state that lasts for a second is not missed. */
const INTERVALS = [50];

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

  /** Shows a view: live, history, api, data or storage. */
  show(view) {
    return showView(this.page, view);
  }

  /** Opens the settings beside the view. */
  openSettings() {
    return openSettings(this.page);
  }

  /** Opens the menu of links, tour and clearing. */
  openMenu() {
    return openMenu(this.page);
  }

  /** Waits until a script's `fetch` reaches the pipeline. Without the service worker the static host would answer. */
  async waitUntilLive() {
    await this.page.waitForFunction(() => navigator.serviceWorker.controller, null, { timeout: 20_000, polling: 50 });
    // The static host answers too, with a text that is not JSON: such an answer is not the pipeline's.
    await expect(async () => expect((await this.fetch("health")).json()).toHaveProperty("status", "ok")).toPass({ timeout: 20_000, intervals: INTERVALS });
  }

  /** A real `fetch` of a target relative to the app's base, such as `query?start=2025-06-01`. */
  fetch(target, init) {
    return fetchIn(this.page, this.base + target, init);
  }

  async get(target) {
    const answer = await this.fetch(target);
    expect(answer.status, `GET ${target}: ${answer.text.slice(0, 300)}`).toBe(200);
    return answer.json();
  }

  /** Changes settings and checks that they were taken. */
  async configure(settings) {
    const answer = await this.send("PATCH", "config", JSON.stringify(settings));
    expect(answer.status, `PATCH config: ${answer.text}`).toBe(200);
    return answer.json();
  }

  send(method, target, body, contentType = "application/json") {
    return this.fetch(target, { method, body, headers: { "Content-Type": contentType } });
  }

  /** Posts events that must all be taken. */
  async post(events) {
    const answer = await this.send("POST", "events", JSON.stringify(events));
    expect(answer.status, `POST events: ${answer.text.slice(0, 300)}`).toBe(202);
    expect(answer.json(), "POST events").toEqual({ accepted: events.length, rejected_count: 0, rejected: [] });
  }

  /** Forgets results, history and counts. */
  async reset() {
    const answer = await this.fetch("events", { method: "DELETE" });
    expect(answer.status, `DELETE events: ${answer.text}`).toBe(204);
  }

  /** Waits until there is a batch, and returns the newest. */
  async latest({ timeoutMillis = 15_000 } = {}) {
    return until("there is a batch", async () => {
      const answer = await this.get("latest");
      return answer.latest && answer;
    }, { timeoutMillis });
  }

  /** A number of the stages: produced, queued, processed, batches, rejected or history. */
  async count(name) {
    const text = await this.text(`count-${name}`);
    const digits = text.replace(/[^0-9]/g, "");
    expect(digits, `count-${name} shows "${text}", not a number`).not.toBe("");
    return Number(digits);
  }

  /** The text beside a name such as `memory` at the foot of the live view. */
  sideText(name) {
    const item = this.page.locator(".side-counters__item", { has: this.page.getByText(name, { exact: true }) });
    return item.locator("dd").innerText();
  }

  /** Waits until a number of the stages satisfies the condition. */
  async waitForCount(name, condition, { timeoutMillis = 10_000 } = {}) {
    await expect(async () => {
      const count = await this.count(name);
      expect(condition(count), `count-${name} is ${count}`).toBe(true);
    }).toPass({ timeout: timeoutMillis, intervals: INTERVALS });
  }

  /** The element with this test id. */
  element(testId) {
    return this.page.getByTestId(testId).first();
  }

  /** The text of the element with this test id. */
  text(testId) {
    return this.element(testId).innerText();
  }

  /** Waits until the text of the element with this test id matches. */
  async waitForText(testId, pattern, { timeoutMillis = 10_000 } = {}) {
    await expect(this.element(testId)).toHaveText(pattern, { useInnerText: true, timeout: timeoutMillis });
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

  /** Accepts the newer version. */
  takeUpdate() {
    return this.updateOffer.getByRole("button", { name: "Reload all tabs" }).click();
  }

  /** Reloads without any cache; the browser then leaves the page without its service worker. */
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
    await expect.poll(() => seen.has("running"), "the service worker runs").toBe(true);
    seen.clear();
    await session.send("ServiceWorker.stopAllWorkers");
    // A request that waits for its answer may start it again at once.
    await expect.poll(() => seen.has("stopped"), "the service worker was stopped").toBe(true);
    await session.detach();
  }

  close() {
    return this.page.close();
  }
}
