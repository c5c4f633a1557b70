// What the original service answered, asked of this one through real requests. fixtures/seed_api/ holds the recorded
// batches and answers; the deliberate differences are applied to what is expected.
import { readFileSync } from "node:fs";
import { expect, test } from "./fixtures.mjs";
import { difference } from "./support/compare.mjs";
import { answerOf, inTimeOrder, nanosOf } from "./support/oracle.mjs";

const read = (name) => JSON.parse(readFileSync(new URL(`../fixtures/seed_api/${name}`, import.meta.url), "utf8"));
const CASES = read("cases.json");
const MENDED = read("mended_pivoted.json");

test("the original's recorded answers come back", async ({ app, figure }) => {
  test.setTimeout(300_000);
  const page = await app.open("?source=none");
  const unequal = [];
  let batch = "";
  for (const recorded of CASES) {
    if (JSON.stringify(recorded.batch) !== batch) {
      batch = JSON.stringify(recorded.batch);
      await page.configure({ source: "none", clock: "local", rolling_scope: "batch", batch_size: recorded.batch.length });
      await page.reset();
      await page.post(recorded.batch);
    }
    const found = await compare(page, recorded);
    if (found) unequal.push(`${recorded.name}: ${found}`);
  }
  figure("recorded answers of the original that are equal", `${CASES.length - unequal.length} of ${CASES.length}`);
  expect(unequal).toEqual([]);
  expect(app.errors).toEqual([]);
});

/** The first difference between the recorded answer and ours. */
async function compare(page, recorded) {
  const target = recorded.request.slice(1);
  const answer = await page.fetch(target, { method: recorded.method ?? "GET" });
  if (recorded.status === 307) return compareRedirect(page, target, answer);
  const expected = expectedOf(recorded);
  if (answer.status !== recorded.status) return `status ${answer.status}, not ${recorded.status}`;
  if (answer.headers["content-type"] !== recorded.content_type) return `content type ${answer.headers["content-type"]}`;
  return difference(expected, answer.json());
}

/** A script does not see the status of a redirect, only that there was one and where it led. */
async function compareRedirect(page, target, followed) {
  const unfollowed = await page.fetch(target, { redirect: "manual" });
  if (unfollowed.type !== "opaqueredirect") return `answered as ${unfollowed.type}, not with a redirect`;
  const straight = await page.fetch(target.replace(/\/$/, ""));
  return followed.url === straight.url ? difference(straight.json(), followed.json()) : `redirected to ${followed.url}`;
}

/** The recorded answer after the deliberate differences. */
function expectedOf({ name, batch, request, body }) {
  if (request.endsWith("?end=")) return answerOf(inTimeOrder(batch)); // an empty bound counts as absent
  if (!body.latest) return body;
  const rows = inTimeOrder(body.latest);
  const isDescending = rows.some((row, i) => row.nanos !== nanosOf(body.latest[i].timestamp));
  if (isDescending) return answerOf(rows); // rows come in time order, and windows look back, not ahead
  return {
    latest: body.latest,
    melted: body.melted.filter(({ variable }) => variable !== "moving_avg"),
    pivoted: withIds(MENDED[name].pivoted, body.latest),
  };
}

/** `pivoted` is sorted by id; the original drops the id itself. */
function withIds(pivoted, rows) {
  const ids = [...new Set(rows.map((row) => row.id))].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(ids).toHaveLength(pivoted.length);
  return pivoted.map((row, i) => ({ id: ids[i], ...row }));
}
