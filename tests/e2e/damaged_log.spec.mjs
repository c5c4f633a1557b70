// A log whose end is missing or whose bytes were changed: what is whole is read, what is not is told, nothing is made up.
import assert from "node:assert/strict";
import { seeded } from "./ledger.mjs";
import { StoredFiles } from "./pages/stored_files.mjs";
import { profileTest } from "./profile.mjs";
import { until } from "./until.mjs";

const BATCHES = 20;
const CUTS = 20;
const FLIPS = 12;
const SEED = Number(process.env.MILLRACE_CRASH_SEED ?? 1);
const HEADER_BYTES = 64;
const BATCH_SIZE = 10;
const QUERY = `?source=none&batch_size=${BATCH_SIZE}&clock=utc`;
const HOST = { path: "/app/" };
const DAMAGE = /corrupt|damaged|unreadable/i;

profileTest("a log that ends anywhere in its last record loses only that record", { host: HOST, timeoutMillis: 180_000 }, async (app, ledger) => {
  const stored = await StoredFiles.open(app);
  const before = await write(app, ledger, stored, 0, BATCHES);
  const after = await write(app, ledger, stored, BATCHES, 1);
  const [path, bytes] = [...after].at(-1);
  const start = before.get(path)?.length ?? HEADER_BYTES;
  assert.ok(bytes.length > start, `the last batch was written at the end of ${path}`);

  const span = bytes.length - start;
  const cuts = Array.from({ length: CUTS }, (_, place) => start + Math.floor((place * span) / CUTS));
  // The last byte of all is missing, too.
  for (const cut of new Set([...cuts, bytes.length - 1])) {
    await stored.write(new Map([...after, [path, bytes.subarray(0, cut)]]));
    const { rows, batches } = await reopened(app, ledger);
    assert.ok(rows === BATCHES * BATCH_SIZE || (cut > start && rows === (BATCHES + 1) * BATCH_SIZE), `${rows} rows when ${bytes.length - cut} bytes are missing`);
    assert.equal(batches * BATCH_SIZE, rows, "the numbers of batches go on from what is there");
  }
  console.log(`damaged log: the last record of ${span} bytes was cut at ${cuts.length + 1} places`);
});

profileTest("after a cut the log goes on", { host: HOST }, async (app, ledger) => {
  const stored = await StoredFiles.open(app);
  const files = await write(app, ledger, stored, 0, 3);
  const [path, bytes] = [...files].at(-1);
  await stored.write(new Map([...files, [path, bytes.subarray(0, bytes.length - 5)]]));

  await write(app, ledger, stored, 10, 2);
  const page = await app.open(QUERY);
  await ledger.fill(page, 0);
  const finding = await ledger.audit(page, 0);
  assert.equal(finding.twice + finding.corrupt, 0, finding.examples.join());
  assert.ok(finding.missing <= BATCH_SIZE, `${finding.missing} rows are missing: ${finding.examples}`);
  for (let number = 100; number < 120; number++) assert.ok(!finding.examples.includes(`0.${number} is missing`));
});

profileTest("a byte that was changed in the middle is told, and costs no more than its record", { host: HOST, timeoutMillis: 180_000 }, async (app, ledger) => {
  const stored = await StoredFiles.open(app);
  const files = await write(app, ledger, stored, 0, BATCHES);
  const [path, bytes] = [...files].sort(([, one], [, other]) => other.length - one.length)[0];
  const chance = seeded(SEED);
  const lost = [];
  for (let flip = 0; flip < FLIPS; flip++) {
    // Not in the last tenth, where it could pass for an end that is missing.
    const place = HEADER_BYTES + Math.floor(chance() * 0.9 * (bytes.length - HEADER_BYTES));
    const changed = Uint8Array.from(bytes);
    changed[place] ^= 1 << Math.floor(8 * chance());
    await stored.write(new Map([...files, [path, changed]]));

    const { rows } = await reopened(app, ledger, assertSaysDamage);
    lost.push(BATCHES * BATCH_SIZE - rows);
    assert.ok(lost.at(-1) <= BATCH_SIZE, `${lost.at(-1)} rows are lost by a change of byte ${place} of ${bytes.length}`);
  }
  console.log(`damaged log: rows lost by one changed bit of ${bytes.length} bytes: ${lost.join(", ")} (seed ${SEED})`);
});

for (const [harm, change] of Object.entries({
  "whose header was changed": (bytes) => bytes.map((byte, place) => (place < HEADER_BYTES ? byte ^ 0xff : byte)),
  "of random bytes": (bytes, chance) => bytes.map(() => Math.floor(256 * chance())),
})) {
  profileTest(`a file ${harm} is told, and the pipeline starts and stores all the same`, { host: HOST }, async (app, ledger) => {
    const stored = await StoredFiles.open(app);
    const files = await write(app, ledger, stored, 0, 3);
    const chance = seeded(SEED);
    await stored.write(new Map([...files].map(([path, bytes]) => [path, change(bytes, chance)])));

    const page = await app.open(QUERY);
    await assertSaysDamage(page);
    assert.equal(await ledger.post(page, 1, 0, 30), 202);
    await page.close();
    const again = await app.open(QUERY);
    await ledger.fill(again, 1);
    const finding = await ledger.audit(again, 1);
    assert.equal(finding.missing + finding.twice + finding.corrupt, 0, finding.examples.join());
  });
}

/** Opens the app, posts so many batches, one at a time, closes it, and returns what it has stored then. */
async function write(app, ledger, stored, first, batches) {
  const page = await app.open(QUERY);
  for (let batch = first; batch < first + batches; batch++) {
    assert.equal(await ledger.post(page, 0, batch * BATCH_SIZE, (batch + 1) * BATCH_SIZE), 202);
  }
  assert.equal((await ledger.audit(page, 0)).corrupt, 0);
  await page.close();
  return stored.readWhenFree();
}

/** Opens the app on what is stored, counts rows and batches, and closes it. None is twice, none is wrong. */
async function reopened(app, ledger, look = () => {}) {
  const page = await app.open(QUERY);
  await look(page);
  const { found, twice, corrupt, examples } = await ledger.audit(page, 0);
  assert.equal(twice + corrupt, 0, examples.join());
  assert.equal(found % BATCH_SIZE, 0, "batches are there or not, as a whole");
  const batches = Number(/^millrace_batches_total (\d+)$/m.exec((await page.fetch("metrics")).text)[1]);
  await page.close();
  return { rows: found, batches };
}

async function assertSaysDamage({ page }) {
  const said = page.locator("[role=alert], [role=status], [data-testid=storage-notes]").filter({ hasText: DAMAGE });
  await until(`the page says ${DAMAGE}`, () => said.first().isVisible());
}
