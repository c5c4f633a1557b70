// A file as a stream: at its own pace and others, with pauses, jumps and rounds; and a file that grows, of which new lines
// become events. The rules themselves are a property test of the pure machine.
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { typeInto } from "./pages/fields.mjs";
import { FilesPanel } from "./pages/files_panel.mjs";
import { until } from "./support/until.mjs";

const QUIET = "?source=none&clock=utc&batch_size=1";
const START_MILLIS = Date.UTC(2026, 4, 1);
const NAME = "minutes.csv";
const ALL = "query?start=1970-01-01&views=latest";

/** A row a minute. */
const timeOf = (row) => new Date(START_MILLIS + row * 60_000).toISOString();
const lines = (from, to) => Array.from({ length: to - from }, (_, place) => `${timeOf(from + place)},gauge,${from + place}\n`).join("");
const file = (rows) => ({ name: NAME, mimeType: "text/csv", buffer: Buffer.from(`timestamp,id,value\n${lines(0, rows)}`) });

/** Begins to replay a file of so many rows, so many times faster than its own pace. */
async function replay(app, rows, speed, { isLooped = false } = {}) {
  const page = await app.open(QUIET);
  const files = new FilesPanel(page.page);
  await files.drop(file(rows));
  await files.lookedAt(NAME);
  await files.pace("as a stream");
  await typeInto(files.preview.getByLabel("times its own pace"), String(speed));
  if (isLooped) await files.preview.getByLabel("again and again").check();
  await files.load();
  return { page, files, loading: files.loading(NAME) };
}

const values = async (page) => ((await page.get(ALL)).latest ?? []).map(({ value }) => value);
const upTo = (rows) => Array.from({ length: rows }, (_, row) => row);

test("a replay at 600 times its pace takes a tenth of a second a minute, and each row once", SMOKE, async ({ app }) => {
  const rows = 30;
  const { page, loading } = await replay(app, rows, 600);
  const started = Date.now();
  await loading.loaded();
  // 29 minutes, of which the first rows may have come before this clock began.
  expect(Date.now() - started).toBeGreaterThan(1500);
  expect(await values(page)).toEqual(upTo(rows));
  expect(await page.get("config")).toMatchObject({ source: "file", replay_speed: 600 });
});

test("a replay is paused, sought and resumed on the page and over HTTP", SMOKE, async ({ app }) => {
  const { page, loading } = await replay(app, 600, 600);
  await until("rows come", async () => (await values(page)).length >= 3);
  await loading.button("Pause this file").click();
  await loading.waitForState("paused");
  const paused = await values(page);
  expect(paused).toEqual(upTo(paused.length));
  expect(await page.get("source")).toMatchObject({ source: "file", state: "waiting" });

  const sought = await page.send("POST", "source/seek", JSON.stringify({ time: timeOf(590) }));
  expect(sought.status, sought.text).toBe(200);
  expect(await values(page), "a jump alone brings nothing").toEqual(paused);
  const resumed = await page.send("POST", "source/resume", "");
  expect(resumed.status, resumed.text).toBe(200);
  await loading.loaded();
  expect(await values(page), "what was jumped over is not taken").toEqual([...paused, ...upTo(600).slice(590)]);
  expect(await loading.counts()).toMatchObject({ taken: paused.length + 10 });

  const late = await page.send("POST", "source/seek", JSON.stringify({ time: "when?" }));
  expect(late.status, late.text).toBe(422);
});

test("without a file nothing is paused, and the answer says so", async ({ app }) => {
  const page = await app.open("?source=none");
  expect(await page.get("source")).toMatchObject({ source: "none", state: "idle", cursor: null });
  for (const target of ["source/pause", "source/resume", "source/seek?position=0"]) {
    const answer = await page.send("POST", target, "");
    expect(answer.status, answer.text).toBe(409);
    expect(answer.json().detail).toMatch(/./);
  }
});

test("a replay that is repeated goes on in time, and ends when it is cancelled", async ({ app }) => {
  const { page, loading } = await replay(app, 20, 10_000, { isLooped: true });
  await until("it comes again", async () => (await values(page)).length > 50);
  await loading.button(`Cancel ${NAME}`).click();
  await loading.waitForState(/cancelled/);
  const { latest } = await page.get(ALL);
  expect(latest.map(({ value }) => value), "in rounds").toEqual(latest.map((_, row) => row % 20));
  const times = latest.map(({ timestamp }) => Date.parse(timestamp));
  expect(times.every((time, row) => row === 0 || time > times[row - 1]), "each row is later than the one before").toBe(true);
});

test("the speed is changed while it runs, and the rest comes at once", async ({ app }) => {
  // At its own pace, five hours.
  const { page, loading } = await replay(app, 300, 1);
  await loading.waitForState("replaying");
  const speed = loading.item.getByRole("group", { name: "Replay" }).locator(".file-load__speed input");
  await typeInto(speed, "6000");
  await speed.press("Enter");
  await until("a hundred rows a second", async () => (await values(page)).length > 20);
  await loading.button("The rest at once").click();
  await loading.loaded();
  expect(await values(page)).toEqual(upTo(300));
});

// The page's own picker is a dialog of the browser; a file of the browser's private ones has a handle just the same.
test("new lines of a file that is followed become events", CHROMIUM, async ({ app }) => {
  await app.context.addInitScript(() => {
    globalThis.showOpenFilePicker = async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("followed-by-a-test", { create: true });
      return [await folder.getFileHandle("growing.csv", { create: true })];
    };
  });
  const page = await app.open(QUIET);
  const append = (text) =>
    page.page.evaluate(async (text) => {
      const [handle] = await globalThis.showOpenFilePicker();
      const { size } = await handle.getFile();
      const file = await handle.createWritable({ keepExistingData: true });
      await file.write({ type: "write", position: size, data: text });
      await file.close();
    }, text);
  await append(`timestamp,id,value\n${lines(0, 3)}`);
  const files = new FilesPanel(page.page);
  await files.show();
  await files.view.getByRole("button", { name: "Choose a file to follow" }).click();
  await files.lookedAt("growing.csv");
  await files.pace("and follow");
  await files.load();
  const loading = files.loading("growing.csv");
  await loading.waitForState(/followed/);
  expect(await values(page)).toEqual(upTo(3));

  const [whole, rest] = [lines(3, 5), lines(5, 6)];
  await append(whole + rest.slice(0, 9));
  await expect.poll(() => values(page), { message: "a line that has not ended is awaited", timeout: 20_000 }).toEqual(upTo(5));
  await append(rest.slice(9) + lines(6, 8));
  await expect.poll(() => values(page), { message: "it comes once it has ended", timeout: 20_000 }).toEqual(upTo(8));
  expect(app.errors).toEqual([]);
});
