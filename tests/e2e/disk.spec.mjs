// A disk that is full or out of reach: the page says so, the pipeline goes on, and what was acknowledged stays.
import { CHROMIUM, expect, profileTest } from "./fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { metric, sentence } from "./support/ledger.mjs";

const QUIET = "?source=none&batch_size=10&clock=utc";
// Chromium hands out space for a file in powers of two, from 1 MB on.
const SPARE_BYTES = 3_000_000;
const BODY_EVENTS = 2000;
// More than fits, however small a row is.
const MOST_BODIES = 250;
const FULL = /disk is full/i;
const MEMORY = /in memory|memory only/i;
// Of the space that the origin takes when the app is opened again.
const SHARES_AT_START = inForm({ short: [0.5], full: [0.1, 0.3, 0.5, 0.7] });

// Only the DevTools protocol limits the space of an origin.
profileTest.describe("a full disk", CHROMIUM, () => {
  profileTest("a full disk is said, posts are refused with 507, and nothing acknowledged is lost", async ({ app, ledger, figure }) => {
    const page = await app.open(QUIET);
    const disk = await fill(page, ledger);
    await expectSaid(page, FULL);

    const { from } = ledger.answers.at(-1);
    const refused = await page.send("POST", "events", JSON.stringify([{ id: `0.${from}`, value: 1 }]));
    expect(refused.status, refused.text).toBe(507);
    expect(refused.json().detail).toEqual(expect.any(String));
    expect(await metric(page, "millrace_queue_depth"), "what was refused does not wait either").toBe(0);
    await expectWhole(page, ledger);
    expect((await page.get("latest")).latest, "reading goes on").toHaveLength(10);

    await disk.lift();
    const again = await reopen(app, page);
    await expectWhole(again, ledger);
    expect((await again.get("health")).storage).toBe("durable");
    expect(await ledger.post(again, 1, 0, 20)).toBe(202);
    figure("events until the disk was full", ledger.count(0));
  });

  profileTest("when the disk is full the simulated pipeline goes on", async ({ app, ledger }) => {
    const page = await app.open(QUIET);
    expect(await ledger.post(page, 0, 0, 50)).toBe(202);
    const disk = await limit(page);
    await page.configure({ source: "simulated", interval: "10us" });
    await expectSaid(page, FULL, { timeout: 60_000 });
    const batches = await page.count("batches");
    await page.waitForCount("batches", (now) => now > batches + 1000);
    expect(await ledger.post(page, 1, 0, 20)).toBe(507);

    await disk.lift();
    await expectWhole(await reopen(app, page), ledger);
  });

  profileTest("on a full disk one can go on in memory", async ({ app, ledger }) => {
    const page = await app.open(QUIET);
    const disk = await fill(page, ledger);
    const durable = ledger.acked(0);
    await press(page, /go on in memory/i);
    await expect.poll(() => ledger.post(page, 1, 0, 20), "posts are taken again").toBe(202);
    expect((await page.get("health")).storage).toBe("memory");
    await expectSaid(page, MEMORY);
    const inMemory = await ledger.audit(page, 1);
    expect(inMemory.missing + inMemory.twice + inMemory.corrupt, inMemory.examples.join("; ")).toBe(0);

    await disk.lift();
    const again = await reopen(app, page);
    expect(ledger.acked(0)).toEqual(durable);
    await expectWhole(again, ledger);
    expect((await again.get("health")).storage).toBe("durable");
  });

  for (const share of SHARES_AT_START) {
    profileTest(`a start with ${share * 100} % of the space that is taken shows all rows, and takes none until somebody chooses`, async ({ app, ledger, figure }) => {
      const page = await app.open(QUIET);
      for (let body = 0; body < 15; body++) {
        expect(await ledger.post(page, 0, body * BODY_EVENTS, (body + 1) * BODY_EVENTS)).toBe(202);
      }
      const keyed = { method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": "a key" }, body: JSON.stringify([{ value: 1, timestamp: "2030-01-01" }]) };
      expect((await page.fetch("events", keyed)).status).toBe(202);
      // The limit lasts as long as the tab that has set it.
      const keeper = await app.type("health");
      await page.close();
      const disk = await limit(keeper, (usage) => Math.floor(usage * share));

      const full = await app.open(QUIET);
      await expectSaid(full, FULL);
      await expectWhole(full, ledger);
      figure(`rows shown with ${share * 100} % of their space`, ledger.count(0));
      expect((await full.get("latest")).latest, "the newest batch").toHaveLength(10);
      expect((await full.get("health")).storage).toBe("memory");
      expect(await ledger.post(full, 1, 0, 20), "POST events").toBe(507);
      expect((await full.fetch("events", keyed)).status, "an acknowledged POST, again").toBe(202);
      expect(await metric(full, "millrace_queue_depth"), "what waited, without what was refused").toBe(1);

      await disk.lift();
      // Every few seconds it is tried again without a click, too, and the question is gone then.
      await full.page.getByRole("button", { name: /try again/i }).click({ timeout: 6000 }).catch(() => {});
      await expect.poll(() => ledger.post(full, 1, 0, 20), "posts are taken again").toBe(202);
      expect((await full.get("health")).storage).toBe("durable");
      const last = await reopen(app, full);
      await expectWhole(last, ledger);
      await ledger.fill(last, 1);
      const after = await ledger.audit(last, 1);
      expect([after.missing, after.twice, after.corrupt], sentence(after)).toEqual([0, 0, 0]);
    });
  }

  profileTest("on a full disk the oldest can be dropped, and storing goes on", async ({ app, ledger, figure }) => {
    const page = await app.open(QUIET);
    await fill(page, ledger);
    await press(page, /drop the oldest/i);
    await expect.poll(() => ledger.post(page, 1, 0, 500), "posts are taken again").toBe(202);
    expect((await page.get("health")).storage).toBe("durable");

    const again = await reopen(app, page);
    expect((await again.get("health")).storage).toBe("durable");
    await ledger.fill(again, 1);
    const after = await ledger.audit(again, 1);
    expect(after.missing + after.twice + after.corrupt, after.examples.join("; ")).toBe(0);
    const { found, missing, twice, corrupt, examples } = await ledger.audit(again, 0);
    figure("rows dropped and kept", `${missing} and ${found}`);
    expect(twice + corrupt, examples.join("; ")).toBe(0);
    expect(missing, "rows dropped").toBeGreaterThan(0);
    expect(found, "rows kept").toBeGreaterThan(0);
  });
});

// Empty pages and insecure ones have no storage to begin with.
const NO_FILES = 'if (navigator.storage) navigator.storage.getDirectory = () => Promise.reject(new DOMException("no files here", "SecurityError"));\n';

profileTest.describe(() => {
  profileTest.use({ hostOptions: { before: { "pipeline_worker.js": NO_FILES } } });

  profileTest("where the browser refuses files, the page says that the history is in memory, and all else works", async ({ app, ledger }) => {
    await app.context.addInitScript(NO_FILES);
    const page = await app.open("?interval=20ms&clock=utc");
    await expectSaid(page, MEMORY);
    expect((await page.get("health")).storage).toBe("memory");
    const batches = await page.count("batches");
    await page.waitForCount("batches", (now) => now > batches);

    await page.configure({ source: "none" });
    expect(await ledger.post(page, 0, 0, 200)).toBe(202);
    await ledger.fill(page, 0);
    const finding = await ledger.audit(page, 0);
    expect(finding.missing + finding.twice + finding.corrupt, finding.examples.join("; ")).toBe(0);
    expect(app.errors).toEqual([]);
  });
});

/** Leaves the origin little more space than it takes now, or what `quota` makes of that. */
async function limit({ page, base }, quota = (usage) => usage + SPARE_BYTES) {
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(base);
  const { usage } = await page.evaluate(() => navigator.storage.estimate());
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: quota(usage) });
  return { lift: () => session.send("Storage.overrideQuotaForOrigin", { origin }) };
}

/** Posts until a post is refused for want of space. */
async function fill(page, ledger) {
  const disk = await limit(page);
  for (let body = 0; body < MOST_BODIES; body++) {
    const status = await ledger.post(page, 0, body * BODY_EVENTS, (body + 1) * BODY_EVENTS);
    if (status === 202) continue;
    expect(status, "POST events on a full disk").toBe(507);
    return disk;
  }
  throw new Error(`${MOST_BODIES * BODY_EVENTS} events were taken with ${SPARE_BYTES} bytes to spare`);
}

async function expectWhole(page, ledger) {
  const finding = await ledger.audit(page, 0);
  const { missing, twice, corrupt, unacknowledged } = finding;
  expect([missing, twice, corrupt, unacknowledged], sentence(finding)).toEqual([0, 0, 0, 0]);
}

/** Loads the app again with the settings that it had at first. */
async function reopen(app, page) {
  await page.close();
  return app.open(QUIET);
}

async function expectSaid({ page }, pattern, options) {
  // What another view says is not seen.
  const said = page.locator("[role=alert], [role=status], [data-testid=storage-notes], [data-testid=storage-state]").filter({ hasText: pattern, visible: true });
  await expect(said.first(), `the page says ${pattern}`).toBeVisible(options);
}

/** Presses a button, and confirms where the page asks. */
async function press({ page }, name) {
  page.on("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name }).click();
}
