// Whatever ends the browser while a file loads: when the file is chosen again it goes on, and in the end every row is there once.
import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { expect, profileTest, SMOKE } from "./fixtures.mjs";
import { FilesPanel } from "./pages/files_panel.mjs";
import { inForm } from "./support/form.mjs";
import { killsIn } from "./support/kill.mjs";
import { SETTINGS, auditLargeCsv, writeLargeCsv } from "./support/large_csv.mjs";
import { metric, pick, seeded } from "./support/ledger.mjs";
import { Machine } from "./support/machine.mjs";
import { wholeOf } from "./support/numbered.mjs";
import { until } from "./support/until.mjs";

const ROUNDS = { chromium: inForm({ short: 3, full: 20 }), firefox: inForm({ short: 1, full: 20 }) };
const SEED = Number(process.env.MILLRACE_CRASH_SEED ?? Date.now() % 1_000_000);
const MB = 1 << 20;
/** More than is loaded before an end. */
const ROUND_BYTES = 24 * MB;
const NAME = "loading.csv";

profileTest("every row of a file is there once, however often the browser is killed while it loads", SMOKE, async ({ app, profile, browserName, figure }, testInfo) => {
  const rounds = ROUNDS[browserName];
  profileTest.setTimeout(120_000 + rounds * 30_000);
  figure("MILLRACE_CRASH_SEED, which repeats the run", String(SEED));
  const chance = seeded(SEED);
  const path = testInfo.outputPath(NAME);
  const { rows, bytes } = await writeLargeCsv(path, (rounds + 1) * ROUND_BYTES);
  const settings = `?source=none&${SETTINGS}&batch_size=250&history_rows=${rows}&memory_rows=100000`;
  // The browser itself at first and every other time, the ends of its parts in between.
  const kinds = Object.entries(killsIn(browserName));
  const wholes = kinds.filter(([, { isBrowserGone }]) => isBrowserGone);

  const machine = new Machine({ profile, app }, settings);
  await machine.open();
  let rowsBefore = 0;
  const story = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const [kind, way] = pick(chance, round % 2 === 0 ? wholes : kinds);
      await profileTest.step(`round ${round}, ${kind}, behind row ${rowsBefore}`, async () => {
        await load(machine.page, path, rowsBefore > 0);
        await until("more of the file is taken", async () => (await metric(machine.page, "millrace_history_rows")) > rowsBefore, { timeoutMillis: 30_000 });
        // The moment of the end is random: this waits for no rule.
        await pause(20 + 250 * chance());
        await machine.endAndOpen(way);
        const rowsNow = await metric(machine.page, "millrace_history_rows");
        expect(rowsNow, `rows after ${kind}`).toBeGreaterThanOrEqual(rowsBefore);
        expect(rowsNow, "the file was still being loaded; it has to be longer for this machine").toBeLessThan(rows);
        story.push(`${kind} at ${rowsNow}`);
        rowsBefore = rowsNow;
      });
    }
    const { page } = machine;
    const files = await load(page, path, rowsBefore > 0);
    await files.loading(NAME).loaded({ timeoutMillis: 180_000 });
    figure(`rows of a file of ${(bytes / MB).toFixed(0)} MB after ${rounds} ends`, story.join(", "));
    expect(await metric(page, "millrace_history_rows")).toBe(rows);
    expect(await auditLargeCsv(page, rows)).toEqual(wholeOf(rows));
    expect(app.errors.filter((error) => !/terminated|crash/i.test(error))).toEqual([]);
  } finally {
    await rm(path, { force: true });
  }
});

/** Chooses the file, which goes on where it ended if it was loaded in part, and loads it. */
async function load(page, path, isContinued) {
  const files = new FilesPanel(page.page);
  await files.choose(path);
  await files.lookedAt(NAME);
  if (isContinued) await expect(files.notes).toContainText(/was loaded up to row .*, and can go on there/);
  await files.load();
  return files;
}
