// Whatever ends the app, at whatever moment: what was acknowledged or answered is there afterwards, once and right.
import { setTimeout as pause } from "node:timers/promises";
import { expect, profileTest, SMOKE } from "./fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { killsIn } from "./support/kill.mjs";
import { medianAndMax, metric, pick, seeded, sentence, total } from "./support/ledger.mjs";
import { until } from "./support/until.mjs";

// The first rounds use every kind of end once, in an order that follows from the seed, those that take the browser first;
// later ones pick at random.
const ROUNDS = { chromium: inForm({ short: 6, full: 100 }), firefox: inForm({ short: 2, full: 20 }) };
const SEED = Number(process.env.MILLRACE_CRASH_SEED ?? Date.now() % 1_000_000);
// After so many rounds everything is checked again and deleted, which keeps opening cheap.
const ROUNDS_KEPT = 20;
// A round posts no more large bodies after so many events.
const MOST_EVENTS = 20_000;
const BATCH_SIZE = 10;
const QUIET = `?source=none&batch_size=${BATCH_SIZE}&clock=utc`;
const FULL_SPEED = { source: "simulated", interval: "20us" };

profileTest("nothing acknowledged is lost or comes twice, however often and suddenly the app ends", SMOKE, async ({ app, ledger, profile, browserName, figure }) => {
  const rounds = ROUNDS[browserName];
  profileTest.setTimeout(60_000 + rounds * 15_000);
  figure("MILLRACE_CRASH_SEED, which repeats the run", String(SEED));
  const chance = seeded(SEED);
  const kills = killsIn(browserName);
  const deck = shuffled(chance, Object.keys(kills)).sort((one, other) => !kills[other].isBrowserGone - !kills[one].isBrowserGone);
  const story = new Story();
  let page = await app.open(QUIET);

  for (let round = 0; round < rounds; round++) {
    const kind = deck.pop() ?? pick(chance, Object.keys(kills));
    const isFullSpeed = chance() < 0.3;
    // A tab that shows an answer outlives the app's, and goes on posting meanwhile.
    const isSentElsewhere = chance() < 0.5;
    const what = `round ${round}, ${kind}${isFullSpeed ? ", at full speed" : ""}, sent from ${isSentElsewhere ? "another tab" : "the app's tab"}`;
    await profileTest.step(what, async () => {
      if (isFullSpeed) await page.configure(FULL_SPEED);
      const sender = isSentElsewhere ? await app.type("health") : page;
      await sender.page.evaluate(listenAndSend, {
        base: ledger.base,
        // From a little before, so that batches that are known come again.
        position: ledger.positionBefore(3),
        sending: { base: ledger.base, round, sizes: bodySizes(chance), lanes: 4, most: MOST_EVENTS },
      });
      await until(`${what}: a POST is acknowledged`, () => ledger.count(round) > 0);
      // The moment of the end is random: this waits for no rule.
      await pause(50 + 850 * chance());

      const { end, isBrowserGone, isPageAlive } = kills[kind];
      await end(app, page, profile);
      if (isBrowserGone) app.enter(await profile.launch());
      if (!isPageAlive && !isBrowserGone) await page.close();
      page = await story.opening(app, isPageAlive ? page : null);
      // Where the sender is gone with the rest, there is nothing to stop.
      if (sender !== page && !sender.page.isClosed() && !isBrowserGone) {
        await sender.page.evaluate(() => globalThis.e2e.stopSending()).catch(() => {});
        await sender.close();
      }

      story.note(kind, await check(page, ledger, round, what));
    });
    if ((round + 1) % ROUNDS_KEPT === 0 || round + 1 === rounds) {
      await story.checkAgain(page, ledger);
      await page.reset();
      ledger.clear();
      page = await story.opening(app, page);
      story.remember("rows after everything was deleted", await metric(page, "millrace_history_rows"));
    }
  }

  story.record(figure);
  expect(story.wrong).toEqual([]);
  expect(app.errors.filter((error) => !/terminated|crash/i.test(error))).toEqual([]);
});

/** Runs in the sender: follows batches and answers beside the posts. */
function listenAndSend({ base, position, sending }) {
  globalThis.e2e.follow({ base, position });
  globalThis.e2e.watchLatest(base);
  globalThis.e2e.startSending(sending);
}

/** What is wrong after a round, as sentences, and the figures. */
async function check(page, ledger, round, what) {
  const wrong = [];
  const health = await page.get("health");
  if (health.storage !== "durable") wrong.push(`${what}: GET health says storage "${health.storage}"`);
  const { seen, newestBatch } = ledger;
  const batches = await metric(page, "millrace_batches_total");
  if (batches < newestBatch) wrong.push(`${what}: batch ${newestBatch} was heard, afterwards the newest is ${batches}`);
  const changed = ledger.changedBatches.splice(0);
  if (changed.length > 0) wrong.push(`${what}: ${changed.length} batches came again with other content, such as ${changed[0]}`);
  const rows = await metric(page, "millrace_history_rows");
  if (rows !== batches * BATCH_SIZE) wrong.push(`${what}: ${rows} rows are kept of ${batches} batches`);

  const unseen = await missingOf(page, seen);
  if (unseen.length > 0) wrong.push(`${what}: ${unseen.length} rows that GET latest answered are gone, such as ${unseen[0]}`);
  await ledger.fill(page, round);
  const finding = await ledger.audit(page, round);
  if (finding.missing + finding.twice + finding.corrupt > 0) wrong.push(`${what}: ${sentence(finding)}`);
  return { finding, wrong };
}

/** Those of some rows that a query does not answer just so. The posted ones have an instant of their own. */
async function missingOf(page, rows) {
  const text = ({ timestamp, id, value }) => `${timestamp} ${id} ${value}`;
  const isPosted = ({ id }) => /^\d+\.\d+$/.test(id);
  const missing = [];
  for (const part of [rows.filter(isPosted), rows.filter((row) => !isPosted(row))]) {
    if (part.length === 0) continue;
    // As texts they would not be in order: a whole second has no fraction.
    const times = part.map(({ timestamp }) => timestamp).sort((one, other) => Date.parse(one) - Date.parse(other) || (one < other ? -1 : 1));
    const { latest = [] } = await page.get(`query?start=${times[0]}&end=${times.at(-1)}&views=latest`);
    const there = new Set(latest.map(text));
    missing.push(...part.map(text).filter((row) => !there.has(row)));
  }
  return missing;
}

/** A few events or many, in turn. */
function bodySizes(chance) {
  return Array.from({ length: 64 }, () => (chance() < 0.8 ? 1 + Math.floor(9 * chance()) : 200 + Math.floor(1800 * chance())));
}

/** All of these in a random order. */
function shuffled(chance, all) {
  return all.map((one) => [chance(), one]).sort(([one], [other]) => one - other).map(([, one]) => one);
}

/** What happened in all rounds. */
class Story {
  kinds = {};
  findings = [];
  wrong = [];
  reopenMillis = [];

  /** Opens the app and notes how long it took until it answered. */
  async opening(app, page) {
    const started = Date.now();
    if (page) await page.open(QUIET);
    const opened = page ?? (await app.openPage(QUIET));
    await opened.waitUntilLive();
    this.reopenMillis.push(Date.now() - started);
    return opened;
  }

  note(kind, { finding, wrong }) {
    this.kinds[kind] = (this.kinds[kind] ?? 0) + 1;
    this.findings.push(finding);
    this.wrong.push(...wrong);
  }

  remember(what, count) {
    if (count !== 0) this.wrong.push(`${count} ${what}`);
  }

  /** Checks that what earlier rounds left has outlived the later ones too. */
  async checkAgain(page, ledger) {
    for (const round of ledger.rounds.keys()) {
      const finding = await ledger.audit(page, round);
      if (finding.missing + finding.twice + finding.corrupt > 0) this.wrong.push(`round ${round}, checked again later: ${sentence(finding)}`);
    }
  }

  record(figure) {
    const kinds = Object.entries(this.kinds).map(([kind, count]) => `${count} ${kind}`);
    figure(`${this.findings.length} rounds`, kinds.join(", "));
    figure("events", sentence(total(this.findings)));
    figure("open again after", medianAndMax(this.reopenMillis));
  }
}
