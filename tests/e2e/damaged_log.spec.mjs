// A log whose end is missing or whose bytes were changed: the app reads what is whole, says what is not, and makes nothing up.
import { expect, profileTest } from "./fixtures.mjs";
import { StoredFiles } from "./pages/stored_files.mjs";
import { inForm } from "./support/form.mjs";
import { metric, seeded } from "./support/ledger.mjs";

const BATCHES = 20;
const CUTS = inForm({ short: 5, full: 20 });
const FLIPS = inForm({ short: 4, full: 12 });
const SEED = Number(process.env.MILLRACE_CRASH_SEED ?? 1);
// A file begins with two copies of its header.
const COPY_BYTES = 64;
const HEADER_BYTES = 2 * COPY_BYTES;
const BATCH_SIZE = 10;
const QUERY = `?source=none&batch_size=${BATCH_SIZE}&clock=utc`;
const DAMAGE = /corrupt|damaged|unreadable/i;

// StoredFiles needs a page of the same origin outside of the app's folder.
profileTest.use({ hostOptions: { path: "/app/" } });

profileTest("a log that ends anywhere in its last record loses only that record", async ({ app, ledger, figure }) => {
  profileTest.setTimeout(240_000);
  const stored = await StoredFiles.open(app);
  const { before, after } = await write(app, ledger, stored, 0, BATCHES + 1);
  const [path, bytes] = journal(after);
  const end = contentEnd(bytes);
  const start = bytes.findIndex((byte, place) => byte !== before.get(path)?.[place]);
  expect(start >= HEADER_BYTES && start < end, `the last batch lies in ${path} from ${start} to ${end}`).toBe(true);

  const cuts = Array.from({ length: CUTS }, (_, place) => start + Math.floor((place * (end - start)) / CUTS));
  let lost = 0;
  // The last cut leaves out only the last byte.
  for (const [turn, cut] of [...new Set([...cuts, end - 1])].entries()) {
    // The file ends there, or nothing was written from there on into the room that the file has.
    const cutBytes = turn % 2 === 0 ? bytes.subarray(0, cut) : bytes.map((byte, place) => (place < cut ? byte : 0));
    await stored.write(new Map([...after, [path, cutBytes]]));
    const { rows, batches } = await reopened(app, ledger);
    const kept = BATCHES * BATCH_SIZE;
    expect(rows === kept || (cut > start && rows === kept + BATCH_SIZE), `${rows} rows are left when ${end - cut} bytes are missing`).toBe(true);
    expect(batches * BATCH_SIZE, "the numbers of batches go on from what is there").toBe(rows);
    lost += rows === kept ? 1 : 0;
  }
  figure(`last record of ${end - start} bytes, cut at ${cuts.length + 1} places`, `lost ${lost} times`);
});

profileTest("after a cut the log goes on", async ({ app, ledger }) => {
  const stored = await StoredFiles.open(app);
  const { after } = await write(app, ledger, stored, 0, 3);
  const [path, bytes] = journal(after);
  await stored.write(new Map([...after, [path, bytes.subarray(0, contentEnd(bytes) - 5)]]));

  await write(app, ledger, stored, 10, 2);
  const page = await app.open(QUERY);
  const finding = await ledger.audit(page, 0);
  expect(finding.twice + finding.corrupt, finding.examples.join()).toBe(0);
  expect(finding.missing, "only the batch whose record was cut").toBe(BATCH_SIZE);
  expect(finding.examples.slice(0, 2)).toEqual(["0.20 is missing", "0.21 is missing"]);
});

profileTest("a bit that was changed in the middle is reported, and costs no more than its record", async ({ app, ledger, figure }) => {
  profileTest.setTimeout(240_000);
  const stored = await StoredFiles.open(app);
  const { after } = await write(app, ledger, stored, 0, BATCHES);
  const [path, bytes] = journal(after);
  const chance = seeded(SEED);
  const lost = [];
  for (let flip = 0; flip < FLIPS; flip++) {
    // Not in the last tenth, where it could pass for an end that is missing.
    const place = HEADER_BYTES + Math.floor(chance() * 0.9 * (contentEnd(bytes) - HEADER_BYTES));
    const changed = Buffer.from(bytes);
    changed[place] ^= 1 << Math.floor(8 * chance());
    await stored.write(new Map([...after, [path, changed]]));

    const { rows } = await reopened(app, ledger, (page) => expectDamageReported(page, `byte ${place}`));
    lost.push(BATCHES * BATCH_SIZE - rows);
    expect(lost.at(-1), `rows lost by a change of byte ${place} of ${bytes.length}`).toBeLessThanOrEqual(BATCH_SIZE);
  }
  figure(`rows lost by one changed bit, seed ${SEED}`, lost.join(", "));
});

profileTest("a file of whose two headers one was changed loses nothing", async ({ app, ledger }) => {
  const stored = await StoredFiles.open(app);
  const { after } = await write(app, ledger, stored, 0, 3);
  for (const first of [0, COPY_BYTES]) {
    const harmed = [...after].map(([path, bytes]) => [path, bytes.map((byte, place) => (place >= first && place < first + COPY_BYTES ? byte ^ 0xff : byte))]);
    await stored.write(new Map(harmed));
    expect((await reopened(app, ledger)).rows).toBe(3 * BATCH_SIZE);
  }
});

for (const [harm, change] of Object.entries({
  "whose header was changed": (bytes) => bytes.map((byte, place) => (place < HEADER_BYTES ? byte ^ 0xff : byte)),
  "of random bytes": (bytes, chance) => bytes.map(() => Math.floor(256 * chance())),
})) {
  profileTest(`a file ${harm} is reported, and the pipeline starts and stores all the same`, async ({ app, ledger }) => {
    const stored = await StoredFiles.open(app);
    const { after } = await write(app, ledger, stored, 0, 3);
    const [path, bytes] = journal(after);
    await stored.write(new Map([...after, [path, change(bytes, seeded(SEED))]]));

    const page = await app.open(QUERY);
    await expectDamageReported(page, harm);
    expect(await ledger.post(page, 1, 0, 30)).toBe(202);
    await page.close();
    const again = await app.open(QUERY);
    const finding = await ledger.audit(again, 1);
    expect(finding.missing + finding.twice + finding.corrupt, finding.examples.join()).toBe(0);
  });
}

/** The file that was written last: the one of the highest number that holds anything. */
function journal(files) {
  expect(files.size, "the app has stored files").toBeGreaterThan(0);
  return [...files].filter(([, bytes]) => contentEnd(bytes) > HEADER_BYTES).at(-1);
}

/** Where the zeros begin that a file ends with: room that was taken in advance. */
function contentEnd(bytes) {
  return bytes.findLastIndex((byte) => byte !== 0) + 1;
}

/**
 * Opens the app, posts so many batches, one at a time, and closes it.
 * @returns what was stored before the last of them, and in the end
 */
async function write(app, ledger, stored, first, batches) {
  const page = await app.open(QUERY);
  const last = first + batches - 1;
  for (let batch = first; batch < last; batch++) await post(page, ledger, batch);
  const before = await stored.read();
  await post(page, ledger, last);
  await page.close();
  return { before, after: await stored.readWhenFree() };
}

async function post(page, ledger, batch) {
  expect(await ledger.post(page, 0, batch * BATCH_SIZE, (batch + 1) * BATCH_SIZE)).toBe(202);
}

/** Opens the app on what is stored, counts rows and batches, and closes it. No row comes twice, none is wrong. */
async function reopened(app, ledger, look = () => {}) {
  const page = await app.open(QUERY);
  await look(page);
  const { found, twice, corrupt, examples } = await ledger.audit(page, 0);
  expect(twice + corrupt, examples.join()).toBe(0);
  expect(found % BATCH_SIZE, "batches are there or not, as a whole").toBe(0);
  const batches = await metric(page, "millrace_batches_total");
  await page.close();
  return { rows: found, batches };
}

/** The view of the storage says it, or the page as a whole. */
async function expectDamageReported(tab, what) {
  await tab.show("storage");
  const said = tab.page.locator("[role=alert], [role=status], [data-testid=storage-notes]").filter({ hasText: DAMAGE, visible: true });
  await expect(said.first(), `${what}: the page says ${DAMAGE}`).toBeVisible();
}
