// A log whose end is missing or whose bytes were changed: what is whole is read, what is not is told, nothing is made up.
import assert from "node:assert/strict";
import { metric, seeded } from "./ledger.mjs";
import { StoredFiles } from "./pages/stored_files.mjs";
import { profileTest } from "./profile.mjs";
import { until } from "./until.mjs";

const BATCHES = 20;
const CUTS = 20;
const FLIPS = 12;
const SEED = Number(process.env.MILLRACE_CRASH_SEED ?? 1);
// A file begins with two copies of its header.
const COPY_BYTES = 64;
const HEADER_BYTES = 2 * COPY_BYTES;
const BATCH_SIZE = 10;
const QUERY = `?source=none&batch_size=${BATCH_SIZE}&clock=utc`;
const HOST = { path: "/app/" };
const DAMAGE = /corrupt|damaged|unreadable/i;

profileTest("a log that ends anywhere in its last record loses only that record", { host: HOST, timeoutMillis: 240_000 }, async (app, ledger) => {
  const stored = await StoredFiles.open(app);
  const { before, after } = await write(app, ledger, stored, 0, BATCHES + 1);
  const [path, bytes] = journal(after);
  const end = contentEnd(bytes);
  const start = bytes.findIndex((byte, place) => byte !== before.get(path)?.[place]);
  assert.ok(start >= HEADER_BYTES && start < end, `the last batch lies in ${path} from ${start} to ${end}`);

  const cuts = Array.from({ length: CUTS }, (_, place) => start + Math.floor((place * (end - start)) / CUTS));
  let lost = 0;
  // The last byte of all is missing, too.
  for (const [turn, cut] of [...new Set([...cuts, end - 1])].entries()) {
    // The file ends there, or nothing was written from there on into the room that the file has.
    const cutBytes = turn % 2 === 0 ? bytes.subarray(0, cut) : bytes.map((byte, place) => (place < cut ? byte : 0));
    await stored.write(new Map([...after, [path, cutBytes]]));
    const { rows, batches } = await reopened(app, ledger);
    const kept = BATCHES * BATCH_SIZE;
    assert.ok(rows === kept || (cut > start && rows === kept + BATCH_SIZE), `${rows} rows are left when ${end - cut} bytes are missing`);
    assert.equal(batches * BATCH_SIZE, rows, "the numbers of batches go on from what is there");
    lost += rows === kept ? 1 : 0;
  }
  console.log(`damaged log: the last record of ${end - start} bytes was cut at ${cuts.length + 1} places, and was lost ${lost} times`);
});

profileTest("after a cut the log goes on", { host: HOST }, async (app, ledger) => {
  const stored = await StoredFiles.open(app);
  const { after } = await write(app, ledger, stored, 0, 3);
  const [path, bytes] = journal(after);
  await stored.write(new Map([...after, [path, bytes.subarray(0, contentEnd(bytes) - 5)]]));

  await write(app, ledger, stored, 10, 2);
  const page = await app.open(QUERY);
  const finding = await ledger.audit(page, 0);
  assert.equal(finding.twice + finding.corrupt, 0, finding.examples.join());
  assert.equal(finding.missing, BATCH_SIZE, "only the batch whose record was cut");
  assert.deepEqual(finding.examples.slice(0, 2), ["0.20 is missing", "0.21 is missing"]);
});

profileTest("a bit that was changed in the middle is told, and costs no more than its record", { host: HOST, timeoutMillis: 240_000 }, async (app, ledger) => {
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

    const { rows } = await reopened(app, ledger, (page) => assertSaysDamage(page, `byte ${place}`));
    lost.push(BATCHES * BATCH_SIZE - rows);
    assert.ok(lost.at(-1) <= BATCH_SIZE, `${lost.at(-1)} rows are lost by a change of byte ${place} of ${bytes.length}`);
  }
  console.log(`damaged log: rows lost by one changed bit: ${lost.join(", ")} (seed ${SEED})`);
});

profileTest("a file of whose two headers one was changed loses nothing", { host: HOST }, async (app, ledger) => {
  const stored = await StoredFiles.open(app);
  const { after } = await write(app, ledger, stored, 0, 3);
  for (const first of [0, COPY_BYTES]) {
    const harmed = [...after].map(([path, bytes]) => [path, bytes.map((byte, place) => (place >= first && place < first + COPY_BYTES ? byte ^ 0xff : byte))]);
    await stored.write(new Map(harmed));
    assert.equal((await reopened(app, ledger)).rows, 3 * BATCH_SIZE);
  }
});

for (const [harm, change] of Object.entries({
  "whose header was changed": (bytes) => bytes.map((byte, place) => (place < HEADER_BYTES ? byte ^ 0xff : byte)),
  "of random bytes": (bytes, chance) => bytes.map(() => Math.floor(256 * chance())),
})) {
  profileTest(`a file ${harm} is told, and the pipeline starts and stores all the same`, { host: HOST }, async (app, ledger) => {
    const stored = await StoredFiles.open(app);
    const { after } = await write(app, ledger, stored, 0, 3);
    const [path, bytes] = journal(after);
    await stored.write(new Map([...after, [path, change(bytes, seeded(SEED))]]));

    const page = await app.open(QUERY);
    await assertSaysDamage(page, harm);
    assert.equal(await ledger.post(page, 1, 0, 30), 202);
    await page.close();
    const again = await app.open(QUERY);
    const finding = await ledger.audit(again, 1);
    assert.equal(finding.missing + finding.twice + finding.corrupt, 0, finding.examples.join());
  });
}

/** The file that was written last: the one of the highest number that holds anything. */
function journal(files) {
  assert.ok(files.size > 0, "the app has stored nothing");
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
  assert.equal(await ledger.post(page, 0, batch * BATCH_SIZE, (batch + 1) * BATCH_SIZE), 202);
}

/** Opens the app on what is stored, counts rows and batches, and closes it. None is twice, none is wrong. */
async function reopened(app, ledger, look = () => {}) {
  const page = await app.open(QUERY);
  await look(page);
  const { found, twice, corrupt, examples } = await ledger.audit(page, 0);
  assert.equal(twice + corrupt, 0, examples.join());
  assert.equal(found % BATCH_SIZE, 0, "batches are there or not, as a whole");
  const batches = await metric(page, "millrace_batches_total");
  await page.close();
  return { rows: found, batches };
}

async function assertSaysDamage({ page }, what) {
  const said = page.locator("[role=alert], [role=status], [data-testid=storage-notes]").filter({ hasText: DAMAGE });
  await until(`${what}: the page says ${DAMAGE}`, async () => (await said.count()) > 0);
}
