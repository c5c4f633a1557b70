// The chart: what its user does to it with pointer, wheel and keys, and what it then says.
import { readFile } from "node:fs/promises";
import { expect } from "@playwright/test";

const TIMEOUT_MILLIS = 8000;

export class ChartPanel {
  constructor(page) {
    this.page = page;
    this.panel = page.locator(".chart-panel");
    this.chart = page.getByTestId("chart");
    /** The ids that have lines, each with its value. */
    this.chips = this.panel.locator('[data-testid="chart-chip"]:visible');
  }

  /** Waits until it is drawn, and brings it into view. */
  async ready() {
    await this.chart.locator("canvas").waitFor({ timeout: 15_000 });
    await this.waitFor("chart-value", /\d/);
    await this.chart.evaluate((element) => element.scrollIntoView({ block: "center", behavior: "instant" }));
  }

  button(name) {
    return this.panel.getByRole("button", { name });
  }

  /** The element with this test id. */
  element(testId) {
    return this.page.getByTestId(testId).first();
  }

  text(testId) {
    return this.element(testId).innerText();
  }

  /** Waits until the text of the element with this test id matches; its text counts even while it is hidden. */
  async waitFor(testId, pattern) {
    await expect(this.element(testId)).toHaveText(pattern, { timeout: TIMEOUT_MILLIS });
  }

  /** The span as the chart's accessible name gives it. */
  async span() {
    return (await this.chart.getAttribute("aria-label")).split(", ")[1];
  }

  /** Waits until the span matches, and returns its ends in seconds. */
  async waitForSpan(pattern) {
    let span = "";
    const poll = { message: "the span of the chart", timeout: TIMEOUT_MILLIS };
    await expect.poll(async () => (span = await this.span()), poll).toMatch(pattern);
    return ends(span);
  }

  /** The plot without its axes. */
  async plot() {
    return this.chart.locator(".u-over").boundingBox();
  }

  async point(share) {
    const { x, y, width, height } = await this.plot();
    await this.page.mouse.move(x + width * share, y + height / 2);
  }

  async drag(from, to, { button = "left" } = {}) {
    await this.point(from);
    await this.page.mouse.down({ button });
    await this.point((from + to) / 2);
    await this.point(to);
    await this.page.mouse.up({ button });
  }

  /** Clicks a button and returns the file that the browser saves. */
  async save(name) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.button(name).click()]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }

  /** Opens the chart as a table, and returns the table. */
  async table() {
    await this.panel.getByRole("button", { name: "Table", exact: true }).click();
    return this.panel.getByRole("table");
  }

  /** Moves two fingers, each between two positions from 0 to 1 across the plot. */
  async pinch(from, to) {
    const { x, y, width, height } = await this.plot();
    const [start, end] = [from, to].map((places) => places.map((place) => x + width * place));
    await this.chart.locator(".u-over").evaluate((plot, { start, end, clientY }) => {
      const send = (name, finger, clientX) => {
        const pointer = { pointerId: 901 + finger, pointerType: "touch", isPrimary: finger === 0, clientX, clientY };
        plot.dispatchEvent(new PointerEvent(name, { bubbles: true, cancelable: true, ...pointer }));
      };
      start.forEach((clientX, finger) => send("pointerdown", finger, clientX));
      end.forEach((clientX, finger) => send("pointermove", finger, clientX));
    }, { start, end, clientY: y + height / 2 });
  }

  async openPicker() {
    await this.button("Time range…").click();
    await this.panel.getByLabel("From", { exact: true }).waitFor();
  }

  /** Types two times into the picker and applies them. */
  async pick(from, until) {
    await this.openPicker();
    await this.panel.getByLabel("From", { exact: true }).fill(from);
    await this.panel.getByLabel("To", { exact: true }).fill(until);
    await this.page.keyboard.press("Enter");
  }
}

function ends(span) {
  return span.split(" to ").map((text) => Date.parse(text) / 1000);
}
