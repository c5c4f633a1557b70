// Several tabs, one pipeline: whichever tab closes, freezes or hangs, another goes on where it was, and none writes beside it.
import assert from "node:assert/strict";
import { medianAndMax, metric } from "./ledger.mjs";
import { profileTest } from "./profile.mjs";
import { until } from "./until.mjs";

const HANDOVERS = Number(process.env.MILLRACE_HANDOVERS ?? 50);
const OWNER = "Runs in this tab";
const WINDOW = "Runs in another tab";
const QUIET = "?source=none&batch_size=10&clock=utc";
// A tab that stopped answering is given up after about a second; the rest is patience with slow machines.
const TAKE_OVER_MILLIS = 5000;

for (const count of [2, 5]) {
  profileTest(`of ${count} tabs one runs the pipeline, and all show it live`, {}, async (app) => {
    const tabs = [];
    for (let tab = 0; tab < count; tab++) tabs.push(await app.open("?interval=20ms"));
    await owner(tabs);
    for (const tab of tabs) {
      const batches = await tab.count("batches");
      await tab.waitForCount("batches", (now) => now > batches);
    }
    await owner(tabs);
    assert.deepEqual(app.errors, []);
  });
}

profileTest(`the owner is closed ${HANDOVERS} times in a row, and posts, numbers and the stream go on`, { timeoutMillis: 60_000 + HANDOVERS * 15_000 }, async (app, ledger) => {
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
  console.log(`tabs: ${HANDOVERS} handovers after a close, the first 202 after ${medianAndMax(handovers)}; ${wentBack.length} times batch numbers went back`);
  await assertNothingLost(tabs[0], ledger, "closed owners");
  assert.deepEqual(wentBack, []);
  await assertStreamIsWhole(sender, await metric(tabs[0], "millrace_batches_total"));
});

profileTest("an EventSource that is left to itself hears every batch, also when the owner is closed", {}, async (app, ledger) => {
  const { tabs, sender } = await tabsAndSender(app, ledger, 3, { isLeftToItself: true });
  for (const _ of [1, 2]) {
    const former = await owner(tabs);
    await former.close();
    tabs.splice(tabs.indexOf(former), 1);
    await owner(tabs);
    await answeredSince(ledger, Date.now());
  }
  await sender.page.evaluate(() => globalThis.e2e.stopSending());
  await assertStreamIsWhole(sender, await metric(tabs[0], "millrace_batches_total"));
});

profileTest("an owner that is frozen is replaced, and neither owns nor writes when it wakes", { isPlain: true, timeoutMillis: 240_000 }, async (app, ledger) => {
  const { tabs, sender } = await tabsAndSender(app, ledger, 2);
  const handovers = [];
  for (let round = 0; round < 5; round++) {
    const former = await owner(tabs);
    const session = await app.context.newCDPSession(former.page);
    // A browser freezes tabs that are not in front.
    await sender.page.bringToFront();
    await answeredSince(ledger, Date.now());
    const frozen = Date.now();
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    await owner(tabs.filter((tab) => tab !== former));
    handovers.push((await firstAfterSilence(ledger, frozen)) - frozen);

    await session.send("Page.setWebLifecycleState", { state: "active" });
    await former.waitForText("connection", new RegExp(WINDOW));
    const woken = Date.now();
    await answeredSince(ledger, woken);
    await owner(tabs);
    await session.detach();
  }
  await sender.page.evaluate(() => globalThis.e2e.stopSending());
  console.log(`tabs: ${handovers.length} handovers after a freeze, the first 202 after ${medianAndMax(handovers)}`);
  await assertNothingLost(tabs[0], ledger, "frozen owners");
  await assertStreamIsWhole(sender, await metric(tabs[0], "millrace_batches_total"));
  for (const handover of handovers) assert.ok(handover < TAKE_OVER_MILLIS, `${handover} ms`);
});

profileTest("an owner whose worker hangs is replaced, and neither owns nor writes when it goes on", { timeoutMillis: 240_000 }, async (app, ledger) => {
  const { tabs, sender } = await tabsAndSender(app, ledger, 2);
  const handovers = [];
  for (let round = 0; round < 3; round++) {
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
  console.log(`tabs: ${handovers.length} handovers after a hang, the first 202 after ${medianAndMax(handovers)}`);
  await assertNothingLost(tabs[0], ledger, "hung owners");
  await assertStreamIsWhole(sender, await metric(tabs[0], "millrace_batches_total"));
  for (const handover of handovers) assert.ok(handover < TAKE_OVER_MILLIS, `${handover} ms`);
});

profileTest("an owner whose worker hangs for ever is replaced, and closing it harms nobody", {}, async (app, ledger) => {
  const { tabs, sender } = await tabsAndSender(app, ledger, 2);
  const former = await owner(tabs);
  const hung = Date.now();
  hang(former, Infinity).catch(() => {}); // it ends with its tab
  const rest = tabs.filter((tab) => tab !== former);
  await owner(rest);
  console.log(`tabs: an owner hangs for ever, the first 202 after ${(await firstAfterSilence(ledger, hung)) - hung} ms`);
  await former.close();
  await answeredSince(ledger, Date.now());
  await owner(rest);
  await sender.page.evaluate(() => globalThis.e2e.stopSending());
  await assertNothingLost(rest[0], ledger, "an owner that hangs for ever");
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
  return tab.page.workers()[0].evaluate((millis) => {
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

async function assertNothingLost(tab, ledger, what) {
  await ledger.fill(tab, 0);
  const { acknowledged, found, unacknowledged, missing, twice, corrupt, examples } = await ledger.audit(tab, 0);
  console.log(`tabs, ${what}: ${acknowledged} events acknowledged, ${found} found (${unacknowledged} of them not acknowledged), ${missing} missing, ${twice} twice, ${corrupt} corrupt`);
  assert.equal(missing + twice + corrupt, 0, examples.join("; "));
  assert.deepEqual(ledger.changedBatches, [], "no batch came again with other content");
  assert.equal(await metric(tab, "millrace_history_rows"), 10 * (await metric(tab, "millrace_batches_total")));
}

/** The sender heard every batch once and in order, over all owners. */
async function assertStreamIsWhole(sender, newest) {
  const heard = await until("the last batch is heard", async () => {
    const heard = await sender.page.evaluate(() => globalThis.heard);
    if (heard.last !== newest) throw new Error(`batch ${newest} is the newest, ${JSON.stringify(heard)}`);
    return heard;
  });
  console.log(`tabs: ${heard.batches} batches heard, opened ${heard.opened} times, ${heard.repeated} twice, ${heard.missed} missed, ${heard.gaps} gaps`);
  assert.deepEqual([heard.repeated, heard.missed, heard.gaps], [0, 0, 0]);
}
