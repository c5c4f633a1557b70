// Several tabs, one pipeline: whichever tab closes, freezes or hangs, another goes on where it was, and none writes beside it.
import { CHROMIUM, expect, profileTest } from "./fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { medianAndMax, metric, sentence } from "./support/ledger.mjs";
import { until } from "./support/until.mjs";

const HANDOVERS = inForm({ short: 4, full: 50 });
const FREEZES = inForm({ short: 2, full: 5 });
const HANGS = inForm({ short: 1, full: 3 });
const OWNER = "Runs in this tab";
const WINDOW = "Runs in another tab";
const QUIET = "?source=none&batch_size=10&clock=utc";
// A tab that stopped answering is given up after about a second; the rest is patience with slow machines.
const TAKE_OVER_MILLIS = 5000;
// The relay forgets the owner that was replaced at once, so that the page of the next one does not wait for it.
const ANSWER_MILLIS = 1000;
// Longer than the service worker lets a request wait for an owner.
const LATER_MILLIS = 8000;

for (const count of [2, 5]) {
  profileTest(`of ${count} tabs one runs the pipeline, and all show it live`, async ({ app }) => {
    const tabs = [];
    for (let tab = 0; tab < count; tab++) tabs.push(await app.open("?interval=20ms"));
    await owner(tabs);
    for (const tab of tabs) {
      const batches = await tab.count("batches");
      await tab.waitForCount("batches", (now) => now > batches);
    }
    await owner(tabs);
    expect(app.errors).toEqual([]);
  });
}

profileTest(`the owner is closed ${HANDOVERS} times in a row, and posts, numbers and the stream go on`, async ({ app, ledger, figure }) => {
  profileTest.setTimeout(60_000 + HANDOVERS * 15_000);
  const { tabs, sender } = await tabsAndSender(app, ledger, 2);
  const handovers = [];
  const wentBack = [];
  let batches = 0;
  for (let round = 0; round < HANDOVERS; round++) {
    const former = await owner(tabs);
    await answeredSince(ledger, Date.now());
    const closed = Date.now();
    await former.close();
    tabs.splice(tabs.indexOf(former), 1);
    await owner(tabs);
    handovers.push((await firstAfterSilence(ledger, closed)) - closed);
    const newest = ledger.newestBatch;
    const now = await metric(tabs[0], "millrace_batches_total");
    if (now < batches || now < newest) wentBack.push(`handover ${round}: batch ${Math.max(batches, newest)} was there, now the newest is ${now}`);
    batches = now;
    tabs.push(await app.open(QUIET));
  }
  await sender.page.evaluate(() => globalThis.e2e.stopSending());
  figure(`first 202 after ${HANDOVERS} closed owners`, medianAndMax(handovers));
  await expectNothingLost(tabs[0], ledger, "closed owners", figure);
  expect(wentBack).toEqual([]);
  await expectStreamIsWhole(sender, await metric(tabs[0], "millrace_batches_total"), figure);
});

profileTest("an EventSource that is left to itself hears every batch, also when the owner is closed", async ({ app, ledger, figure }) => {
  const { tabs, sender } = await tabsAndSender(app, ledger, 3, { isLeftToItself: true });
  for (const _ of [1, 2]) {
    const former = await owner(tabs);
    await former.close();
    tabs.splice(tabs.indexOf(former), 1);
    await owner(tabs);
    await answeredSince(ledger, Date.now());
  }
  await sender.page.evaluate(() => globalThis.e2e.stopSending());
  await expectStreamIsWhole(sender, await metric(tabs[0], "millrace_batches_total"), figure);
});

profileTest("an EventSource hears every batch, also when the next owner is later than a request waits", CHROMIUM, async ({ app, ledger, figure }) => {
  const { tabs, sender } = await tabsAndSender(app, ledger, 2, { isLeftToItself: true });
  const former = await owner(tabs);
  const [next] = tabs.filter((tab) => tab !== former);
  const closed = Date.now();
  hang(next, LATER_MILLIS).catch(() => {}); // its page may start another worker
  await former.close();
  await owner([next]);
  await answeredSince(ledger, Date.now());
  figure("first 202 after the owner was closed", (await firstAfterSilence(ledger, closed)) - closed, "ms");
  await sender.page.evaluate(() => globalThis.e2e.stopSending());
  await expectStreamIsWhole(sender, await metric(next, "millrace_batches_total"), figure);
});

profileTest.describe("in a browser whose tabs can freeze", () => {
  profileTest.use({ isPlain: true });

  profileTest("an owner that is frozen is replaced, and neither owns nor writes when it wakes", CHROMIUM, async ({ app, ledger, figure }) => {
    profileTest.setTimeout(240_000);
    const { tabs, sender } = await tabsAndSender(app, ledger, 2);
    const handovers = [];
    const answers = [];
    for (let round = 0; round < FREEZES; round++) {
      const former = await owner(tabs);
      const session = await app.context.newCDPSession(former.page);
      // A browser freezes tabs that are not in front.
      await sender.page.bringToFront();
      await answeredSince(ledger, Date.now());
      const frozen = Date.now();
      await session.send("Page.setWebLifecycleState", { state: "frozen" });
      const next = await owner(tabs.filter((tab) => tab !== former));
      const asked = Date.now();
      expect((await next.fetch("health")).status, "the next owner's page is answered").toBe(200);
      answers.push(Date.now() - asked);
      handovers.push((await firstAfterSilence(ledger, frozen)) - frozen);

      await session.send("Page.setWebLifecycleState", { state: "active" });
      await former.waitForText("connection", new RegExp(WINDOW));
      const woken = Date.now();
      await answeredSince(ledger, woken);
      await owner(tabs);
      await session.detach();
    }
    await sender.page.evaluate(() => globalThis.e2e.stopSending());
    figure(`first 202 after ${handovers.length} frozen owners`, medianAndMax(handovers));
    figure("answer to the next owner's own page", medianAndMax(answers));
    await expectNothingLost(tabs[0], ledger, "frozen owners", figure);
    await expectStreamIsWhole(sender, await metric(tabs[0], "millrace_batches_total"), figure);
    expect(Math.max(...handovers)).toBeLessThan(TAKE_OVER_MILLIS);
    expect(Math.max(...answers)).toBeLessThan(ANSWER_MILLIS);
  });
});

// Another tab can open the files of a worker that hangs only in Chromium: elsewhere it waits until that tab is closed.
profileTest("an owner whose worker hangs is replaced, and neither owns nor writes when it goes on", CHROMIUM, async ({ app, ledger, figure }) => {
  profileTest.setTimeout(240_000);
  const { tabs, sender } = await tabsAndSender(app, ledger, 2);
  const handovers = [];
  for (let round = 0; round < HANGS; round++) {
    const former = await owner(tabs);
    await answeredSince(ledger, Date.now());
    const hung = Date.now();
    const wakes = hang(former, TAKE_OVER_MILLIS + 3000);
    await owner(tabs.filter((tab) => tab !== former));
    handovers.push((await firstAfterSilence(ledger, hung)) - hung);

    await wakes;
    await former.waitForText("connection", new RegExp(WINDOW));
    await answeredSince(ledger, Date.now());
    await owner(tabs);
  }
  await sender.page.evaluate(() => globalThis.e2e.stopSending());
  figure(`first 202 after ${handovers.length} hung owners`, medianAndMax(handovers));
  await expectNothingLost(tabs[0], ledger, "hung owners", figure);
  await expectStreamIsWhole(sender, await metric(tabs[0], "millrace_batches_total"), figure);
  expect(Math.max(...handovers)).toBeLessThan(TAKE_OVER_MILLIS);
});

profileTest("an owner whose worker hangs for ever is replaced, and closing it does no harm", CHROMIUM, async ({ app, ledger, figure }) => {
  const { tabs, sender } = await tabsAndSender(app, ledger, 2);
  const former = await owner(tabs);
  const hung = Date.now();
  hang(former, Infinity).catch(() => {}); // it ends with its tab
  const rest = tabs.filter((tab) => tab !== former);
  await owner(rest);
  figure("first 202 after an owner that hangs for ever", (await firstAfterSilence(ledger, hung)) - hung, "ms");
  await former.close();
  await answeredSince(ledger, Date.now());
  await owner(rest);
  await sender.page.evaluate(() => globalThis.e2e.stopSending());
  await expectNothingLost(rest[0], ledger, "an owner that hangs for ever", figure);
});

/** So many tabs of the app, and one that shows an answer, outlives them, posts without end and follows the stream. */
async function tabsAndSender(app, ledger, count, { isLeftToItself = false } = {}) {
  const tabs = [];
  for (let tab = 0; tab < count; tab++) tabs.push(await app.open(QUIET));
  const sender = await app.type("health");
  await sender.page.evaluate(followAndSend, {
    following: { base: ledger.base, isLeftToItself },
    // With rests, so that some are always free to ask the next owner while others wait for the last one.
    sending: { base: ledger.base, round: 0, sizes: [1, 7, 3, 25, 10], lanes: 12, restMillis: 60 },
  });
  await until("POSTs are acknowledged", () => ledger.count(0) > 100);
  return { tabs, sender };
}

/** Runs in the sender. */
function followAndSend({ following, sending }) {
  globalThis.e2e.follow(following);
  globalThis.e2e.startSending(sending);
}

/** The tab that runs the pipeline, once exactly one says so and every other says that it is a window onto it. */
async function owner(tabs) {
  return until("one tab runs the pipeline", async () => {
    const texts = await Promise.all(tabs.map((tab) => tab.text("connection")));
    const isSettled = texts.filter((text) => text === OWNER).length === 1 && texts.every((text) => [OWNER, WINDOW].includes(text));
    if (!isSettled) throw new Error(texts.join(", "));
    return tabs[texts.indexOf(OWNER)];
  }, { timeoutMillis: 20_000 });
}

/** Keeps the worker of a tab busy; settled when it is free again. */
function hang(tab, millis) {
  const worker = tab.page.workers().find((worker) => worker.url().endsWith("/pipeline_worker.js"));
  return worker.evaluate((millis) => {
    const end = Date.now() + millis;
    while (Date.now() < end);
  }, millis === Infinity ? Number.MAX_SAFE_INTEGER : millis);
}

/** Waits until a POST that was sent after this instant is acknowledged. */
async function answeredSince(ledger, millis) {
  return until("POSTs are acknowledged again", () => ledger.answers.some(({ status, sentAt }) => status === 202 && sentAt >= millis), { timeoutMillis: 30_000 });
}

/**
 * When the silence that began at this instant ended: the longest one without a 202 since then. The former owner may still
 * have answered what was on its way.
 */
async function firstAfterSilence(ledger, millis) {
  await answeredSince(ledger, Date.now());
  const times = ledger.answers.filter(({ status, answeredAt }) => status === 202 && answeredAt >= millis).map(({ answeredAt }) => answeredAt);
  times.sort((one, other) => one - other);
  let [longest, end] = [-1, millis];
  [millis, ...times].forEach((time, place, all) => {
    if (place === 0 || time - all[place - 1] <= longest) return;
    [longest, end] = [time - all[place - 1], time];
  });
  return end;
}

async function expectNothingLost(tab, ledger, what, figure) {
  await ledger.fill(tab, 0);
  const finding = await ledger.audit(tab, 0);
  figure(`events over ${what}`, sentence(finding));
  expect(finding.missing + finding.twice + finding.corrupt, sentence(finding)).toBe(0);
  expect(ledger.changedBatches, "no batch came again with other content").toEqual([]);
  expect(await metric(tab, "millrace_history_rows")).toBe(10 * (await metric(tab, "millrace_batches_total")));
}

/** The sender heard every batch once and in order, over all owners. */
async function expectStreamIsWhole(sender, newest, figure) {
  const heard = await until("the last batch is heard", async () => {
    const heard = await sender.page.evaluate(() => globalThis.heard);
    if (heard.last !== newest) throw new Error(`batch ${newest} is the newest, ${JSON.stringify(heard)}`);
    return heard;
  });
  figure("stream", `${heard.batches} batches heard, ${heard.repeated} twice, ${heard.missed} missed, ${heard.gaps} gaps`);
  expect([heard.repeated, heard.missed, heard.gaps]).toEqual([0, 0, 0]);
}
