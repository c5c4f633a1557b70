// 100,000 events a second: figures to read, and what must hold on every machine.
import { MEASURED, expect, test } from "./fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { frameMillis, framesInWords, watchFrames } from "./support/frames.mjs";

// Memory has no reason to grow any more once the history is full, rows fill the window of the moving average (500,000 rows
// of 5 s at this rate), and a journal, which ends after 200,000 rows, has come and gone.
const { seconds: SECONDS, rowsKept: ROWS_KEPT, rowsToFill: ROWS_TO_FILL, window: WINDOW } = inForm({
  short: { seconds: 5, rowsKept: 50_000, rowsToFill: 600_000, window: "500ms" },
  full: { seconds: 30, rowsKept: 200_000, rowsToFill: 3_000_000, window: "5s" },
});
const ROWS_A_READING = 250_000;
// Far below what a screen shows: a machine without a GPU paints in software.
const FEWEST_FRAMES_A_SECOND = 5;
const MOST_GROWN = 3 * 1024 ** 2;

test("under load the page keeps painting, nothing is dropped and memory stays flat", MEASURED, async ({ app, figure }) => {
  test.setTimeout(150_000);
  const page = await app.open(`?interval=10us&history_rows=${ROWS_KEPT}&window=${WINDOW}`);
  const first = await reading(page, ROWS_TO_FILL);
  expect(first.history, "the history is full").toBe(ROWS_KEPT);

  await watchFrames(page);
  const readings = [first];
  const started = Date.now();
  while (Date.now() - started < SECONDS * 1000) readings.push(await reading(page, readings.at(-1).produced + ROWS_A_READING));
  const seconds = (Date.now() - started) / 1000;
  const frames = await frameMillis(page);
  const last = readings.at(-1);

  figure(`events a second over ${seconds.toFixed(0)} s`, Math.round((last.produced - first.produced) / seconds));
  figure("frames", `${frames.length}, ${framesInWords(frames)}`);
  figure("wasm memory of the worker", readings.map(({ memory }) => memory).join(", "));
  figure("history", `${last.history} rows, dropped ${last.dropped}, lag ${last.lag}`);

  expect(frames.length / seconds, "frames a second").toBeGreaterThan(FEWEST_FRAMES_A_SECOND);
  expect(last.dropped, "nothing is dropped under overflow=block").toBe(0);
  // All these rows come and go: eight bytes left behind by each would be 4 MB in the short form and 24 MB in the full one.
  // Memory of wasm never shrinks, so that a journal's end at a bad moment costs a few for good.
  expect(bytes(last.memory), `memory grew from ${first.memory} to ${last.memory}`).toBeLessThanOrEqual(bytes(first.memory) + MOST_GROWN);
  expect(app.errors).toEqual([]);
});

/** What the page shows once so many events were produced. */
async function reading(page, produced) {
  await page.waitForCount("arrived", (count) => count >= produced, { timeoutMillis: 60_000 });
  return {
    produced: await page.count("arrived"),
    history: await page.count("history"),
    dropped: await page.count("dropped"),
    memory: await page.sideText("memory"),
    lag: await page.sideText("lag"),
  };
}

/** The bytes that a text such as `20.9 MB` stands for. */
function bytes(text) {
  const match = /^([\d.]+)\s*([KMG]?)B$/.exec(text);
  if (!match) throw new Error(`"${text}" is no amount of memory`);
  return Number(match[1]) * 1024 ** ["", "K", "M", "G"].indexOf(match[2]);
}
