// Files that people have are dropped on the page, and answered as pandas reads the same files; a POST of their bytes too.
import { readFileSync } from "node:fs";
import { CHROMIUM, SMOKE, expect, test as base } from "./fixtures.mjs";
import { FilesPanel } from "./pages/files_panel.mjs";
import { assertSame } from "./support/compare.mjs";
import { NAMES, canBeMade, makeFiles, postBytes } from "./support/files.mjs";
import { inForm } from "./support/form.mjs";
import { metric } from "./support/ledger.mjs";

const ROWS = inForm({ short: 600, full: 6000 });
const QUIET = "?source=none&clock=utc&batch_size=100";
const ALL = "query?start=1970-01-01";

const test = base.extend({
  /** The files, which all tests of a worker share. */
  made: [
    async ({}, use) => {
      const made = canBeMade ? await makeFiles(ROWS) : null;
      await use(made);
      await made?.remove();
    },
    { scope: "worker" },
  ],
});

test.beforeEach(() => test.skip(!canBeMade, "there is no Python with pandas, polars and pyarrow"));

for (const name of NAMES) {
  test(`${name}, dropped or posted, is answered as pandas reads it`, SMOKE, async ({ app, made, figure }) => {
    test.setTimeout(inForm({ short: 90_000, full: 240_000 }));
    const { type, time, id, measures, ignored, taken, refused, answer } = made.expected(name);
    const page = await app.open(QUIET);
    const files = new FilesPanel(page.page);
    await files.drop(made.path(name));
    await files.lookedAt(name);
    const others = Object.fromEntries(ignored.map((column) => [column, "left out"]));
    const roles = { [time]: "time", [id]: "id", ...Object.fromEntries(measures.map((measure) => [measure, "measure"])), ...others };
    await expect.poll(() => files.roles(), "what becomes of the columns").toEqual(roles);
    if ((await files.field("missing").inputValue()) !== "allow") await files.correct("missing", "allow");
    await files.load();
    expect(await files.loading(name).loaded()).toMatchObject({ taken, refused });

    assertSame(await page.get(ALL), answer, `${name}, dropped`);
    const settings = { source: "file", measures: measures.join(","), timestamp_field: time, id_field: id, missing: "allow" };
    expect(await page.get("config"), "how it was read is part of the settings").toMatchObject(settings);
    expect(await page.get("source")).toMatchObject({ source: "file", state: "done", error: null });

    await page.reset();
    const posted = await postBytes(page, "events?complete=true", readFileSync(made.path(name)), type);
    expect(posted.status, posted.text.slice(0, 500)).toBe(taken > 0 ? 202 : 422);
    const receipt = posted.json();
    expect(receipt).toMatchObject({ accepted: taken, rejected_count: refused });
    expect((receipt.ignored ?? []).toSorted(), "the fields that were ignored").toEqual(ignored);
    assertSame(await page.get(ALL), answer, `${name}, posted`);
    figure(`cells of ${name} that are those of pandas`, answer.latest.length * (2 + 2 * measures.length));
    expect(app.errors).toEqual([]);
  });
}

test("several files are loaded one after the other, each with its own measures", async ({ app, made }) => {
  test.setTimeout(120_000);
  const names = ["trades.csv", "pyarrow.parquet", "pandas.feather"];
  const page = await app.open(`${QUIET}&missing=allow`);
  const files = new FilesPanel(page.page);
  await files.choose(names.map(made.path));
  // In order of their names; each is looked at on its own.
  for (const name of names.toSorted()) {
    await files.view.getByRole("list", { name: "Chosen files" }).getByRole("button", { name, exact: true }).click();
    await files.lookedAt(name);
    await files.correct("missing", "allow");
  }
  await files.view.getByRole("button", { name: "Load 3 files that need no answer" }).click();
  for (const name of names) await files.loading(name).loaded();
  const rows = names.reduce((sum, name) => sum + made.expected(name).taken, 0);
  expect(await metric(page, "millrace_history_rows")).toBe(rows);

  // The rows of each have the measures that they came with, by name.
  for (const name of names) {
    const { measures, answer } = made.expected(name);
    await page.configure({ measures: measures.join(",") });
    const [first, last] = [answer.latest[0].timestamp, answer.latest.at(-1).timestamp];
    const found = await page.get(`query?start=${first}&end=${last}&views=pivoted`);
    const own = new Set(answer.pivoted.map((row) => row.id));
    assertSame({ pivoted: found.pivoted.filter((row) => own.has(row.id)) }, { pivoted: answer.pivoted }, `${name} beside the others`);
  }
});

// Over BiDi Playwright chooses no folders.
test("the files of a folder are chosen at once", CHROMIUM, async ({ app, made }) => {
  const page = await app.open(QUIET);
  const files = new FilesPanel(page.page);
  await files.chooseFolder(made.folder);
  const list = files.view.getByRole("list", { name: "Chosen files" });
  // What pandas made of them lies beside them.
  await expect(list.getByRole("listitem")).toHaveCount(NAMES.length + 1);
  await expect(list).toContainText("trades.csv");
});
