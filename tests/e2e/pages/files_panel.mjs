// The files of a person under Data: how they are dropped or chosen, looked at, corrected, loaded, and how far they are.
import { expect } from "@playwright/test";
import { typeInto } from "./fields.mjs";
import { showView } from "./views.mjs";

/** How long a load may take that is not measured. */
const LOAD_MILLIS = 60_000;

export class FilesPanel {
  constructor(page) {
    this.page = page;
    this.view = page.locator("#view-data");
    this.preview = this.view.locator(".file-preview");
  }

  async show() {
    await showView(this.page, "data");
  }

  /** Drops files anywhere on the page, from whatever view: paths, or `{ name, mimeType, buffer }`. */
  async drop(files) {
    await this.page.locator("body").drop({ files });
    await expect(this.view, "the view of the files is shown").toBeVisible();
  }

  /** Chooses files by the button. */
  async choose(files) {
    await this.show();
    await this.view.getByLabel("Choose files").setInputFiles(files);
  }

  /** Chooses a folder by the button. */
  async chooseFolder(path) {
    await this.show();
    await this.view.getByLabel("Choose a folder").setInputFiles(path);
  }

  /** Waits until a file was looked at, whose preview is shown, and returns what is said of it. */
  async lookedAt(name) {
    await expect(this.preview.getByRole("heading", { name, exact: true })).toBeVisible();
    await expect(this.standing).toHaveText(/Of its|No row/);
    return this.standing.innerText();
  }

  /** Size, packing, encoding, and what would become of the sample. */
  get standing() {
    return this.view.getByTestId("file-standing");
  }

  /** Why the file cannot be loaded as it is read. */
  get problems() {
    return this.view.getByTestId("file-problems");
  }

  /** What a person should know of it. */
  get notes() {
    return this.view.getByTestId("file-notes");
  }

  /** Why rows of the sample would be refused. */
  get refusals() {
    return this.view.getByTestId("file-refusals");
  }

  /** What cannot be guessed. */
  get questions() {
    return this.view.getByTestId("file-question");
  }

  /** What says that earlier corrections hold. */
  get remembered() {
    return this.view.getByTestId("file-remembered");
  }

  /** A part of the reading by the name of its setting: `delimiter`, `timestamp_zone` … */
  field(name) {
    return this.view.locator(`#file-${name}`);
  }

  /** Corrects a part of the reading. The button that loads waits for the preview that follows from it. */
  async correct(name, value) {
    const field = this.field(name);
    if ((await field.evaluate(({ tagName }) => tagName)) === "SELECT") await field.selectOption(value);
    else {
      await typeInto(field, value);
      await field.press("Enter");
      await field.blur();
    }
    await expect(field).toHaveValue(value);
  }

  /** The columns in order: `{ name: role }`. */
  roles() {
    return this.view.getByTestId("file-columns").evaluate((table) =>
      Object.fromEntries(Array.from(table.tBodies[0].rows, (row) => [row.cells[0].textContent, row.querySelector("select").value])));
  }

  /** The list of roles of a column. */
  role(column) {
    return this.view.getByLabel(`${column} becomes`, { exact: true });
  }

  /** Gives a column another role: time, id, measure or left out. */
  async assign(column, role) {
    await this.role(column).selectOption(role);
    await expect(this.role(column)).toHaveValue(role);
  }

  /** The first rows: `{ line, raw, parsed }`, texts as they are shown. */
  rows() {
    return this.view.getByTestId("file-rows").evaluate((table) =>
      Array.from(table.tBodies[0].rows, (row) => {
        const texts = Array.from(row.cells, (cell) => cell.textContent);
        const arrow = texts.indexOf("\u2192");
        return { line: Number(texts[0]), raw: texts.slice(1, arrow), parsed: texts.slice(arrow + 1) };
      }));
  }

  /** Chooses how the rows come: `at once`, `as a stream` or `and follow`. */
  async pace(label) {
    await this.preview.getByRole("group", { name: "How its rows come" }).getByRole("radio", { name: label, exact: true }).check();
  }

  get loadButton() {
    return this.preview.getByRole("button", { name: "Load this file", exact: true });
  }

  /** Loads the file whose preview is shown, as soon as nothing is open about it. */
  async load() {
    await this.loadButton.click();
  }

  /** A file that waits, is loaded or was, by its name: the newest of that name. */
  loading(name) {
    return new LoadingFile(this.view.getByTestId("file-load").filter({ has: this.page.getByText(name, { exact: true }) }).last());
  }
}

/** A file in the pipeline. */
class LoadingFile {
  constructor(item) {
    this.item = item;
  }

  get state() {
    return this.item.locator(".file-load__state");
  }

  get progress() {
    return this.item.getByTestId("file-progress");
  }

  button(name) {
    return this.item.getByRole("button", { name });
  }

  /** Rows that were taken, refused and passed over so far. */
  async counts() {
    // Thin spaces stand between thousands.
    const text = (await this.progress.innerText()).replace(/\u202f/g, "");
    const count = (pattern) => Number(pattern.exec(text)?.[1] ?? 0);
    return { taken: count(/(\d+) rows? taken/), refused: count(/(\d+) refused/), passedOver: count(/(\d+) passed over/) };
  }

  async waitForState(state, { timeoutMillis = LOAD_MILLIS } = {}) {
    await expect(this.state).toHaveText(state, { timeout: timeoutMillis });
  }

  /** Waits until all of it is taken, and returns the counts. */
  async loaded(options) {
    await this.waitForState("loaded", options);
    return this.counts();
  }
}
