// The Storage view: exports, and the way of files back in, which leads to the Data view.
import { readFileSync } from "node:fs";
import { expect } from "@playwright/test";
import { FilesPanel } from "./files_panel.mjs";

export class StoragePanel {
  constructor(page) {
    this.page = page.page;
    this.panel = this.page.locator("#view-storage");
  }

  /** Shows the view that the panel is in. */
  static async open(page) {
    await page.show("storage");
    return new StoragePanel(page);
  }

  button(name) {
    return this.panel.getByRole("button", { name, exact: true });
  }

  /** Exports and returns the file. */
  async export(name) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.button(`Export ${name}`).click()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  }

  /** What chooses a file to come in. */
  get importField() {
    return this.panel.getByLabel("Import a file");
  }

  /** Chooses files to come in, paths or `{ name, mimeType, buffer }`; returns the panel that shows what they would become. */
  async import(files) {
    await this.importField.setInputFiles(files);
    const panel = new FilesPanel(this.page);
    await expect(panel.view, "the view of the files is shown").toBeVisible();
    return panel;
  }
}
