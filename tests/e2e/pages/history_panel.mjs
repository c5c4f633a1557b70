// The table of the whole history: what its user reads and does there.
import { readFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { until } from "../support/until.mjs";
import { copied } from "./clipboard.mjs";
import { typeInto } from "./fields.mjs";
import { showView } from "./views.mjs";

/** Heights that the grid's style sheet sets. */
export const ROW_PIXELS = 24;
const HEAD_PIXELS = 28;

export class HistoryPanel {
  constructor(page) {
    this.page = page;
    this.panel = page.locator("#history");
    this.grid = this.panel.getByRole("grid");
  }

  /** Shows the view. */
  async show() {
    await showView(this.page, "history");
    await expect(this.grid).toBeVisible();
  }

  button(name) {
    return this.panel.getByRole("button", { name, exact: true });
  }

  field(label) {
    return this.panel.getByLabel(label, { exact: true });
  }

  /** Fills a field and leaves it with Enter. */
  async fill(label, text) {
    await typeInto(this.field(label), text);
    await this.field(label).press("Enter");
  }

  /** Scrolls so far down, in pixels, as a wheel or the bar would. */
  scrollTo(top) {
    return this.grid.evaluate((grid, top) => (grid.scrollTop = top), top);
  }

  /** The height of the rows' area, in pixels. */
  rowsPixels() {
    return this.grid.evaluate((grid, head) => grid.clientHeight - head, HEAD_PIXELS);
  }

  /** How many rows a page key moves by: those that are fully in view less one. */
  async pageRows() {
    return Math.floor((await this.rowsPixels()) / ROW_PIXELS) - 1;
  }

  /** Which rows are in view: `{ first, last, total, isHeld }`, counted from 1. */
  async range() {
    const text = (await this.panel.getByTestId("history-range").innerText()).replace(/\s/g, "");
    const [, first, last, total, state] = /^rows(\d+)–(\d+)of(\d+),(\w+)$/.exec(text) ?? [];
    if (!first) return { first: 0, last: 0, total: 0, isHeld: false, text };
    return { first: Number(first), last: Number(last), total: Number(total), isHeld: state === "held" };
  }

  /** The rows in the table that are not awaited, by their numbers from 0: `[row, timestamp, id, value, moving]`. */
  rows() {
    return this.grid.evaluate((grid) =>
      [...grid.querySelectorAll(".virtual-table__rows [role=row]")]
        .filter((row) => !row.hidden && !row.className.includes("awaited"))
        .map((row) => [Number(row.getAttribute("aria-rowindex")) - 2, ...[...row.children].map((cell) => cell.textContent)]));
  }

  /** Returns the rows in view once none of them is awaited. */
  async shown() {
    return until("the rows in view have come", async () => {
      const { first, last, total } = await this.range();
      const rows = (await this.rows()).filter(([row]) => row >= first - 1 && row <= last - 1);
      return total > 0 && rows.length === last - first + 1 && rows;
    });
  }

  /** Waits until so many rows match. */
  async total(count) {
    const poll = { message: "how many rows match", timeout: 20_000, intervals: [50] };
    await expect.poll(async () => (await this.range()).total, poll).toBe(count);
  }

  /** Waits until the rows in view are these: any of `{ first, last, total, isHeld }`. */
  async waitForRange(expected) {
    await expect.poll(() => this.range(), { message: "the rows in view", intervals: [50] }).toMatchObject(expected);
  }

  /** Returns the text that an action such as a click puts into the clipboard. */
  copied(act) {
    return copied(this.page, act);
  }

  /** Exports what the table shows and returns the text of the file. */
  async export(name) {
    await this.button("Export").click();
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.button(`Export as ${name}`).click()]);
    return readFile(await download.path(), "utf8");
  }
}
