// A disk that is full or out of reach: the page says so, the pipeline goes on, and what was acknowledged stays.
import assert from "node:assert/strict";
import { metric } from "./ledger.mjs";
import { profileTest } from "./profile.mjs";
import { until } from "./until.mjs";

const QUIET = "?source=none&batch_size=10&clock=utc";
// Chromium hands out space for a file in powers of two, from 1 MB on.
const SPARE_BYTES = 3_000_000;
const BODY_EVENTS = 2000;
// More than fits, however small a row is.
const MOST_BODIES = 250;
const FULL = /disk is full/i;
const MEMORY = /in memory|memory only/i;

profileTest("a full disk is said, posts are refused with 507, and nothing acknowledged is lost", { timeoutMillis: 180_000 }, async (app, ledger) => {
  const page = await app.open(QUIET);
  const disk = await fill(page, ledger);
  await says(page, FULL);

  const { from } = ledger.answers.at(-1);
  const refused = await page.send("POST", "events", JSON.stringify([{ id: `0.${from}`, value: 1 }]));
  assert.equal(refused.status, 507, refused.text);
  assert.equal(typeof refused.json().detail, "string");
  assert.equal(await metric(page, "millrace_queue_depth"), 0, "what was refused does not wait either");
  await assertWhole(page, ledger, "full");
  assert.equal((await page.get("latest")).latest.length, 10, "reading goes on");

  await disk.lift();
  const again = await reopen(app, page);
  await assertWhole(again, ledger, "full, lifted and loaded again");
  assert.equal((await again.get("health")).storage, "durable");
  assert.equal(await ledger.post(again, 1, 0, 20), 202);
});

profileTest("when the disk is full the simulated pipeline goes on", { timeoutMillis: 180_000 }, async (app, ledger) => {
  const page = await app.open(QUIET);
  assert.equal(await ledger.post(page, 0, 0, 50), 202);
  const disk = await limit(page);
  await page.configure({ source: "simulated", interval: "10us" });
  await says(page, FULL, { timeoutMillis: 90_000 });
  const batches = await page.count("batches");
  await page.waitForCount("batches", (now) => now > batches + 1000);
  assert.equal(await ledger.post(page, 1, 0, 20), 507);

  await disk.lift();
  await assertWhole(await reopen(app, page), ledger, "full of simulated rows, lifted and loaded again");
});

profileTest("on a full disk one can go on in memory", { timeoutMillis: 180_000 }, async (app, ledger) => {
  const page = await app.open(QUIET);
  const disk = await fill(page, ledger);
  const durable = ledger.acked(0);
  await press(page, /go on in memory/i);
  await until("posts are taken again", async () => (await ledger.post(page, 1, 0, 20)) === 202);
  assert.equal((await page.get("health")).storage, "memory");
  await says(page, MEMORY);
  const inMemory = await ledger.audit(page, 1);
  assert.equal(inMemory.missing + inMemory.twice + inMemory.corrupt, 0, inMemory.examples.join("; "));

  await disk.lift();
  const again = await reopen(app, page);
  assert.deepEqual(ledger.acked(0), durable);
  await assertWhole(again, ledger, "in memory, lifted and loaded again");
  assert.equal((await again.get("health")).storage, "durable");
});

profileTest("on a full disk the oldest can be dropped, and storing goes on", { timeoutMillis: 180_000 }, async (app, ledger) => {
  const page = await app.open(QUIET);
  await fill(page, ledger);
  await press(page, /drop the oldest/i);
  await until("posts are taken again", async () => (await ledger.post(page, 1, 0, 500)) === 202);
  assert.equal((await page.get("health")).storage, "durable");

  const again = await reopen(app, page);
  assert.equal((await again.get("health")).storage, "durable");
  await ledger.fill(again, 1);
  const after = await ledger.audit(again, 1);
  assert.equal(after.missing + after.twice + after.corrupt, 0, after.examples.join("; "));
  const { found, missing, twice, corrupt, examples } = await ledger.audit(again, 0);
  console.log(`disk: ${missing} rows dropped, ${found} kept`);
  assert.equal(twice + corrupt, 0, examples.join("; "));
  assert.ok(missing > 0 && found > 0, `${missing} rows dropped, ${found} kept`);
});

// Empty pages and insecure ones have no storage to begin with.
const NO_FILES = 'if (navigator.storage) navigator.storage.getDirectory = () => Promise.reject(new DOMException("no files here", "SecurityError"));\n';

profileTest("where the browser refuses files, the page says that the history is in memory, and all else works", { host: { before: { "pipeline_worker.js": NO_FILES } } }, async (app, ledger) => {
  await app.context.addInitScript(NO_FILES);
  const page = await app.open("?interval=20ms&clock=utc");
  await says(page, MEMORY);
  assert.equal((await page.get("health")).storage, "memory");
  const batches = await page.count("batches");
  await page.waitForCount("batches", (now) => now > batches);

  await page.configure({ source: "none" });
  assert.equal(await ledger.post(page, 0, 0, 200), 202);
  await ledger.fill(page, 0);
  const finding = await ledger.audit(page, 0);
  assert.equal(finding.missing + finding.twice + finding.corrupt, 0, finding.examples.join("; "));
  assert.deepEqual(app.errors, []);
});

/** Leaves the origin little more space than it takes now. */
async function limit({ page, base }) {
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(base);
  const { usage } = await page.evaluate(() => navigator.storage.estimate());
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + SPARE_BYTES });
  return { lift: () => session.send("Storage.overrideQuotaForOrigin", { origin }) };
}

/** Posts until a post is refused for want of space. */
async function fill(page, ledger) {
  const disk = await limit(page);
  for (let body = 0; body < MOST_BODIES; body++) {
    const status = await ledger.post(page, 0, body * BODY_EVENTS, (body + 1) * BODY_EVENTS);
    if (status === 202) continue;
    assert.equal(status, 507, `POST events on a full disk: ${status}`);
    const { usage } = await page.page.evaluate(() => navigator.storage.estimate());
    console.log(`disk: full after ${ledger.count(0)} events, the origin takes ${usage} bytes`);
    return disk;
  }
  return assert.fail(`${MOST_BODIES * BODY_EVENTS} events were taken with ${SPARE_BYTES} bytes to spare`);
}

async function assertWhole(page, ledger, what) {
  const { acknowledged, found, missing, twice, corrupt, unacknowledged, examples } = await ledger.audit(page, 0);
  console.log(`disk, ${what}: ${acknowledged} events acknowledged, ${found} found, ${missing} missing, ${twice} twice, ${corrupt} corrupt`);
  assert.deepEqual([missing, twice, corrupt, unacknowledged], [0, 0, 0, 0], examples.join("; "));
}

/** Loads the app again with the settings that it had at first. */
async function reopen(app, page) {
  await page.close();
  return app.open(QUIET);
}

async function says({ page }, pattern, options) {
  const said = page.locator("[role=alert], [role=status], [data-testid=storage-notes], [data-testid=storage-state]").filter({ hasText: pattern });
  await until(`the page says ${pattern}`, () => said.first().isVisible(), options);
}

/** Presses a button, and confirms where the page asks. */
async function press({ page }, name) {
  page.on("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name }).click();
}
