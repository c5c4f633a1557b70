// What the pipeline says of its source.
import { metric } from "./ledger.mjs";
import { until } from "./until.mjs";

/** Waits until `GET source` satisfies a condition, and returns it. */
export function untilSource(page, what, condition, { timeoutMillis = 20_000 } = {}) {
  return until(what, async () => {
    const source = await page.get("source");
    if (condition(source)) return source;
    throw new Error(JSON.stringify(source));
  }, { timeoutMillis });
}

/** Waits until the source is connected. A poll is open, or waits for its next request. */
export const untilOpen = (page, options) =>
  untilSource(page, "the source is open", ({ state, error }) => error === null && (state === "open" || state === "waiting"), options);

/** Waits until the history has so many rows. */
export function untilRows(page, rows, { timeoutMillis = 60_000, everyMillis } = {}) {
  return until(`${rows} rows are kept`, async () => {
    const kept = await metric(page, "millrace_history_rows");
    if (kept >= rows) return true;
    throw new Error(`${kept} rows; ${JSON.stringify(await page.get("source"))}`);
  }, { timeoutMillis, everyMillis });
}

/** Waits until the number of rows of the history stands still for so long. */
export async function untilQuiet(page, { quietMillis = 1500, timeoutMillis = 120_000 } = {}) {
  let [kept, since] = [-1, Date.now()];
  return until("the history stands still", async () => {
    const now = await metric(page, "millrace_history_rows");
    if (now !== kept) [kept, since] = [now, Date.now()];
    return Date.now() - since >= quietMillis && kept + 1;
  }, { timeoutMillis }).then((rows) => rows - 1);
}

/** Sums of what came in and what became of it. */
export async function balance(page) {
  const names = ["millrace_history_rows", "millrace_events_dropped_total", "millrace_events_rejected_total", "millrace_queue_depth"];
  const [kept, dropped, refused, queued] = await Promise.all(names.map((name) => metric(page, name)));
  return { kept, dropped, refused, queued, sum: kept + dropped + refused + queued };
}
