// The table of the whole history: what a person reads and does there.
import { readFileSync } from "node:fs";
import { until } from "../until.mjs";

export class HistoryPanel {
  constructor(page) {
    this.page = page;
    this.panel = page.locator("#history");
    this.grid = this.panel.getByRole("grid");
  }

  button(name) {
    return this.panel.getByRole("button", { name, exact: true });
  }

  field(label) {
    return this.panel.getByLabel(label, { exact: true });
  }

  /** Fills a field and leaves it with Enter. */
  async fill(label, text) {
    await this.field(label).fill(text);
    await this.field(label).press("Enter");
  }

  /** Scrolls so far down, in pixels, as a wheel or the bar would. */
  scrollTo(top) {
    return this.grid.evaluate((grid, top) => (grid.scrollTop = top), top);
  }

  /** Which rows are in view: `{ first, last, total, isHeld }`, counted from 1. */
  async range() {
    const text = (await this.panel.getByTestId("history-range").innerText()).replace(/\s/g, "");
    const [, first, last, total, state] = /^rows(\d+)–(\d+)of(\d+),(\w+)$/.exec(text) ?? [];
    if (!first) return { first: 0, last: 0, total: 0, isHeld: false, text };
    return { first: Number(first), last: Number(last), total: Number(total), isHeld: state === "held" };
  }

  /** The rows that stand in the table and are not awaited, by their numbers from 0: `[row, timestamp, id, value, moving]`. */
  rows() {
    return this.grid.evaluate((grid) =>
      [...grid.querySelectorAll(".virtual-table__rows [role=row]")]
        .filter((row) => !row.hidden && !row.className.includes("awaited"))
        .map((row) => [Number(row.getAttribute("aria-rowindex")) - 2, ...[...row.children].map((cell) => cell.textContent)]));
  }

  /** The rows in view, once none of them is awaited. */
  async shown() {
    return until("the rows in view have come", async () => {
      const { first, last, total } = await this.range();
      const rows = (await this.rows()).filter(([row]) => row >= first - 1 && row <= last - 1);
      return total > 0 && rows.length === last - first + 1 && rows;
    });
  }

  /** Waits until so many rows match. */
  total(count) {
    return until(`${count} rows match`, async () => (await this.range()).total === count, { timeoutMillis: 20_000 });
  }

  /** What a copy puts into the clipboard. */
  async copied(act) {
    await this.page.evaluate(() => navigator.clipboard.writeText(""));
    await act();
    return until("something is copied", () => this.page.evaluate(() => navigator.clipboard.readText()));
  }

  /** Exports what the table shows and returns the text of the file. */
  async export(name) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.button(`Export as ${name}`).click()]);
    return readFileSync(await download.path(), "utf8");
  }
}
