// A person's day with files: an export is dropped, a guess is corrected, it is loaded, one id is found and exported; by pointer,
// and by keyboard alone. The export of the next day is read as the first one was corrected.
import { readFile, writeFile } from "node:fs/promises";
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { typeInto } from "./pages/fields.mjs";
import { FilesPanel } from "./pages/files_panel.mjs";
import { HistoryPanel } from "./pages/history_panel.mjs";
import { Keys } from "./pages/keys.mjs";

const QUIET = "?source=none&clock=utc&batch_size=50";
const PUMPS = 4;
const ROWS = 200;

/** Readings of a day up to the 12th, which may be a month; a serial number that is no reading, and one row without numbers. */
function report(day) {
  const rows = Array.from({ length: ROWS }, (_, row) => ({
    at: `${String(day).padStart(2, "0")}/06/2026 08:${String(Math.floor(row / 60)).padStart(2, "0")}:${String(row % 60).padStart(2, "0")}`,
    pump: `pump-${row % PUMPS}`,
    serial: 4000 + (row % PUMPS),
    flow: row === 77 ? "broken" : ((row * 37) % 1000) / 8,
    level: ((row * 11) % 300) / 4,
  }));
  const text = ["measured at;pump;serial;flow;level", ...rows.map((row) => Object.values(row).join(";").replaceAll(".", ",")), ""].join("\r\n");
  const taken = rows.filter(({ flow }) => flow !== "broken");
  return { name: `day-${day}.csv`, text, taken };
}

const asFile = ({ name, text }) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

test("an export is dropped, corrected, loaded, searched and exported", SMOKE, async ({ app, browserName }) => {
  test.setTimeout(120_000);
  const page = await app.open(QUIET);
  const files = new FilesPanel(page.page);
  const [first, second] = [report(5), report(6)];

  await test.step("the preview shows the file, and asks what it cannot know", async () => {
    await files.drop(asFile(first));
    expect(await files.lookedAt(first.name)).toMatch(/UTF-8, 5 columns\. Of its 200 rows, 1 would be refused\./);
    await expect(files.field("delimiter")).toHaveValue(";");
    await expect(files.field("decimal")).toHaveValue(",");
    await expect(files.refusals).toContainText(/line 79: .*broken/);
    await expect(files.questions).toContainText("05/06/2026 08:00:00");
    await expect(files.loadButton, "a date that may be two is asked, not guessed").toBeDisabled();
    expect(await page.get("query?start=1970-01-01"), "nothing is taken before").toEqual({});
  });

  await test.step("the question is answered, and a guess is corrected", async () => {
    await files.questions.getByRole("button", { name: /2026-06-05/ }).click();
    await expect(files.questions).toHaveCount(0);
    await expect(files.field("timestamp_format")).toHaveValue("%d/%m/%Y %H:%M:%S");
    expect(await files.roles()).toMatchObject({ "measured at": "time", pump: "id", flow: "measure", level: "measure" });
    await files.assign("serial", "left out");
    await expect.poll(async () => (await files.rows())[1], "raw beside parsed").toMatchObject({
      line: 3,
      raw: ["05/06/2026 08:00:01", "pump-1", "4001", "4,625", "2,75"],
      parsed: ["2026-06-05T08:00:01Z", "pump-1", "4.625", "2.75"],
    });
  });

  await test.step("it is loaded, and drawn", async () => {
    await files.load();
    expect(await files.loading(first.name).loaded()).toMatchObject({ taken: ROWS - 1, refused: 1 });
    await files.loading(first.name).button("Show in the chart").click();
    await expect(page.page.locator("#view-live")).toBeVisible();
    await expect(page.element("chart")).toBeVisible();
  });

  const history = new HistoryPanel(page.page);
  await test.step("one id is found", async () => {
    await history.show();
    await history.fill("Ids", "pump-3");
    await history.total(first.taken.filter(({ pump }) => pump === "pump-3").length);
  });

  // Playwright reports no downloads of Firefox.
  if (browserName === "chromium") {
    await test.step("it is exported", async () => {
      const [header, ...lines] = (await history.export("CSV")).trim().split(/\r?\n/);
      expect(header.replaceAll('"', "").split(",")).toEqual(["timestamp", "id", "flow", "level", "flow_moving_avg", "level_moving_avg"]);
      const own = first.taken.filter(({ pump }) => pump === "pump-3");
      expect(lines.map((line) => line.split(",")[1])).toEqual(own.map(({ pump }) => pump));
      expect(lines.map((line) => line.split(",").slice(2, 4).map(Number))).toEqual(own.map(({ flow, level }) => [flow, level]));
    });
  }

  await test.step("the file of the next day is read as this one", async () => {
    await page.page.reload();
    await page.waitUntilLive();
    await files.drop(asFile(second));
    await files.lookedAt(second.name);
    await expect(files.remembered, "what was corrected is remembered, also after a reload").toBeVisible();
    await expect(files.questions).toHaveCount(0);
    await expect.poll(() => files.roles()).toMatchObject({ serial: "left out" });
    await files.load();
    await files.loading(second.name).loaded();
    const { latest } = await page.get("query?start=2026-06-06&end=2026-06-06T23:59:59&views=latest");
    expect(latest).toHaveLength(ROWS - 1);
  });
  expect(app.errors).toEqual([]);
});

// Each stop of a way through the page is a key. Firefox reports no file dialog over BiDi, and no download.
test("a file is chosen, corrected, loaded, searched and exported by keyboard alone", CHROMIUM, async ({ app }, testInfo) => {
  test.setTimeout(240_000);
  const page = await app.open(QUIET);
  const keys = new Keys(page.page);
  const files = new FilesPanel(page.page);
  const { name, text, taken } = report(7);
  const path = testInfo.outputPath(name);
  await writeFile(path, text);

  const data = await keys.show("Data");
  const chosen = page.page.waitForEvent("filechooser");
  await keys.press("Enter", data.getByLabel("Choose files"));
  await (await chosen).setFiles(path);
  await files.lookedAt(name);
  await keys.press("Enter", files.questions.getByRole("button", { name: /2026-06-07/ }));
  await expect(files.questions).toHaveCount(0);
  // The first letter chooses in a list: "left out".
  await keys.press("l", files.role("serial"));
  await expect(files.role("serial")).toHaveValue("left out");
  await expect(files.loadButton).toBeEnabled();
  await keys.press("Enter", files.loadButton);
  expect(await files.loading(name).loaded()).toMatchObject({ taken: ROWS - 1, refused: 1 });

  const history = await keys.show("History");
  await keys.type("pump-2", history.getByLabel("Ids", { exact: true }));
  const own = taken.filter(({ pump }) => pump === "pump-2");
  await page.waitForText("history-range", new RegExp(`of ${own.length}\\b`));
  await keys.press("Enter", history.getByRole("button", { name: "Export", exact: true }));
  const [download] = await Promise.all([
    page.page.waitForEvent("download"),
    keys.press("Enter", history.getByRole("button", { name: "Export as CSV" })),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").slice(1);
  expect(lines.map((line) => line.split(",").slice(2, 4).map(Number))).toEqual(own.map(({ flow, level }) => [flow, level]));
});

test("times of a zone that a person names are read over the start of summer time", SMOKE, async ({ app }) => {
  const page = await app.open(QUIET);
  const files = new FilesPanel(page.page);
  // Two readings a minute apart, between which the clocks go forward by an hour.
  const text = "zeit,sensor,value\n2026-03-29 01:59:30,a,1\n2026-03-29 03:00:30,a,2\n";
  await files.drop({ name: "spring.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await files.lookedAt("spring.csv");
  await files.correct("timestamp_zone", "Europe/Berlin");
  await files.load();
  await files.loading("spring.csv").loaded();
  const { latest } = await page.get("query?start=2026-03-29&views=latest");
  expect(latest.map(({ timestamp, value }) => [timestamp, value])).toEqual([["2026-03-29T00:59:30Z", 1], ["2026-03-29T01:00:30Z", 2]]);
});

/** Readings a second apart. */
const SECONDS = 300;
const seconds = {
  name: "seconds.csv",
  mimeType: "text/csv",
  buffer: Buffer.from(["timestamp,id,flow", ...Array.from({ length: SECONDS }, (_, row) => `${new Date(Date.UTC(2026, 0, 1) + row * 1000).toISOString()},a,${row}`), ""].join("\n")),
};
const FLOW = `${QUIET}&measures=flow`;
const flows = async (page) => ((await page.get("query?start=1970-01-01&views=latest")).latest ?? []).map(({ flow }) => flow);
const each = Array.from({ length: SECONDS }, (_, row) => row);

/** More rows than come within the quarter of a second after which the first of them are flushed, at ten times their pace. */
const DURABLE_ROWS = 10;

/** Begins to replay the file, and waits until the first rows of it would outlive their tab. */
async function replay(page, speed) {
  const files = new FilesPanel(page.page);
  await files.drop(seconds);
  await files.lookedAt(seconds.name);
  await files.pace("as a stream");
  await typeInto(files.preview.getByLabel("times its own pace"), String(speed));
  await files.load();
  const loading = files.loading(seconds.name);
  await expect.poll(async () => (await loading.counts()).taken, "rows come").toBeGreaterThan(DURABLE_ROWS);
  return loading;
}

test("a file dropped on a second tab is read where the pipeline runs, also when that tab is closed", SMOKE, async ({ app }) => {
  const owner = await app.open(FLOW);
  await owner.waitForText("connection", /this tab/);
  const other = await app.open(FLOW);
  await other.waitForText("connection", /another tab/);
  await replay(other, 60);
  await other.close();
  await expect.poll(() => flows(owner), { message: "each row once", timeout: 30_000 }).toEqual(each);
});

test("when the tab that reads a file is closed, another says so, and the file goes on there when it is chosen again", SMOKE, async ({ app }) => {
  const owner = await app.open(FLOW);
  await owner.waitForText("connection", /this tab/);
  const other = await app.open(FLOW);
  await other.waitForText("connection", /another tab/);
  await replay(owner, 10);
  await owner.close();
  await other.waitForText("connection", /this tab/, { timeoutMillis: 20_000 });
  const files = new FilesPanel(other.page);
  await files.show();
  await files.loading(seconds.name).waitForState(/interrupted; choose it again/);
  await files.choose(seconds);
  await files.lookedAt(seconds.name);
  await expect(files.notes).toContainText("can go on there");
  await files.load();
  await files.loading(seconds.name).loaded();
  expect(await flows(other)).toEqual(each);
});

test("a load that is cancelled keeps what was taken, and goes on where it ended when it is chosen again", async ({ app }) => {
  const page = await app.open(FLOW);
  const files = new FilesPanel(page.page);
  const loading = await replay(page, 10);
  await loading.button(`Cancel ${seconds.name}`).click();
  await loading.waitForState(/cancelled/);
  const { taken } = await loading.counts();

  await files.drop(seconds);
  await files.lookedAt(seconds.name);
  await expect(files.notes).toContainText(`This file was loaded up to row ${taken}, and can go on there.`);
  await files.pace("at once");
  await files.load();
  await files.loading(seconds.name).loaded();
  expect(await flows(page)).toEqual(each);
});
