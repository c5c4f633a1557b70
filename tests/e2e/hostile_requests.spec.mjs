// Requests made up by chance, for minutes: whatever is asked, sent or given up, the worker never ends, batches go on, memory
// stays where it was, and every answer is one that openapi.json has.
import { MEASURED, expect, test } from "./fixtures.mjs";
import { Attacker } from "./support/attacker.mjs";
import { fault } from "./support/documented.mjs";
import { inForm } from "./support/form.mjs";
import { HostileRequests, inWords } from "./support/hostile_requests.mjs";
import { metric, seeded } from "./support/ledger.mjs";
import { Vitals } from "./support/vitals.mjs";

const SECONDS = Number(process.env.MILLRACE_ATTACK_SECONDS ?? inForm({ short: 12, full: 600 }));
const SEED = Number(process.env.MILLRACE_ATTACK_SEED ?? Date.now() % 1_000_000);
// A body may be a little larger than is read.
const MOST_BYTES = inForm({ short: 4, full: 66 }) * 2 ** 20;
const MOST_ROWS = inForm({ short: 5_000, full: 50_000 });
const HISTORY_ROWS = inForm({ short: 20_000, full: 100_000 });
/** So many requests are on their way at once, and now and then so many more of the same. */
const LANES = 6;
const BURST = 25;
const BURSTS = 0.01;
const MOST_FAULTS = 20;

test(`${SECONDS} s of hostile requests end nothing, and every answer is documented`, MEASURED, async ({ app, figure }) => {
  test.setTimeout(120_000 + SECONDS * 2000);
  figure("MILLRACE_ATTACK_SEED, which repeats the requests", String(SEED));
  const page = await app.open(`?interval=2ms&history_rows=${HISTORY_ROWS}&clock=utc`);
  const document = await page.get("openapi.json");
  // A full history, so that what memory it takes is there before.
  await page.configure({ interval: "10us" });
  await page.waitForCount("history", (rows) => rows === HISTORY_ROWS, { timeoutMillis: 60_000 });
  await page.configure({ interval: "2ms" });
  await page.waitForCount("queued", (queued) => queued < 100, { timeoutMillis: 30_000 });
  const open = await metric(page, "millrace_open_streams");
  const vitals = await Vitals.begin(app, page);
  const attacker = await Attacker.open(app);

  const faults = [];
  const statuses = {};
  const note = (request, answer) => {
    const name = answer.isCancelled ? "given up" : answer.type === "opaqueredirect" ? "307" : String(answer.status);
    statuses[name] = (statuses[name] ?? 0) + 1;
    const found = fault(document, request, answer);
    if (found) faults.push(`${found}: ${inWords(request)}`);
  };
  const end = Date.now() + SECONDS * 1000;
  const lane = async (number) => {
    const requests = new HostileRequests(seeded(SEED + number), { document, mostBytes: MOST_BYTES, mostRows: MOST_ROWS });
    while (Date.now() < end && faults.length < MOST_FAULTS) {
      const request = requests.next();
      const isBurst = !request.body && request.target.startsWith("query") && requests.chance() < BURSTS * LANES;
      const answers = isBurst ? await attacker.sendAtOnce(request, BURST) : [await attacker.send(request)];
      for (const answer of answers) note(request, answer);
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));

  const counts = Object.entries(statuses).sort(([, one], [, other]) => other - one).map(([name, count]) => `${count} ${name}`);
  figure(`hostile requests in ${SECONDS} s`, counts.join(", "));
  expect(faults).toEqual([]);
  await attacker.close();
  const mine = open + 1; // that of the vitals
  await expect.poll(() => metric(page, "millrace_open_streams"), { message: "no answer is read any more", timeout: 20_000 }).toBeLessThanOrEqual(mine);
  await page.configure({ late: "accept", lateness: "1h" });
  await page.post(Array.from({ length: 10 }, (_, value) => ({ id: "afterwards", value })));
  await vitals.expectUnharmed("hostile requests", figure);
});
