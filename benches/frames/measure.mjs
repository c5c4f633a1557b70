// How a page keeps up with the screen: the time from one frame to the next, and what the main thread did meanwhile.

/** Longer than this, and a frame was missed. */
const LONG_MILLIS = 25;
const COUNTED = ["TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration", "LayoutCount"];

/**
 * Lets the page run for a while, or as long as `during` takes, and tells how its frames came.
 * @param {import("@playwright/test").Page} page
 * @param {string} name what is measured, for the table
 * @param {number} secs
 * @param {(until: number) => Promise<void>} [during] what is done to the page until that time
 */
export async function measureFrames(page, name, secs, during = (until) => page.waitForTimeout(until - Date.now())) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const before = await metrics(session);
  await page.evaluate(record);
  const started = performance.now();
  await during(Date.now() + secs * 1000);
  const frames = (await page.evaluate(() => globalThis.stopRecording())).sort((a, b) => a - b);
  const took = (performance.now() - started) / 1000;
  const after = await metrics(session);
  await session.detach();
  const quantile = (share) => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))];
  const spent = (what) => ((after[what] - before[what]) * 1000) / frames.length;
  return {
    name,
    frames: frames.length,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    longest: frames.at(-1),
    long: frames.filter((millis) => millis > LONG_MILLIS).length,
    task: spent("TaskDuration"),
    script: spent("ScriptDuration"),
    layout: spent("LayoutDuration") + spent("RecalcStyleDuration"),
    layouts: (after.LayoutCount - before.LayoutCount) / took,
  };
}

async function metrics(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return Object.fromEntries(metrics.filter(({ name }) => COUNTED.includes(name)).map(({ name, value }) => [name, value]));
}

/** Runs in the page. A frame that has not come yet when it is stopped counts with the time that it was awaited. */
function record() {
  const frames = [];
  let last = performance.now();
  let request = 0;
  const tick = (at) => {
    frames.push(at - last);
    last = at;
    request = requestAnimationFrame(tick);
  };
  request = requestAnimationFrame(tick);
  globalThis.stopRecording = () => {
    cancelAnimationFrame(request);
    return [...frames.slice(1), performance.now() - last];
  };
}

/** Turns the wheel over the middle of an element, about sixty times a second. */
export function scrollOver(page, box, rowsATurn = 3, rowHeight = 28) {
  return async (until) => {
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    for (let turn = 0; Date.now() < until; turn++) {
      // Down for two thirds of the time, and up again.
      await page.mouse.wheel(0, (turn % 180 < 120 ? 1 : -1) * rowsATurn * rowHeight);
      await page.waitForTimeout(10);
    }
  };
}

/** What the page's own heap takes after a collection, in bytes: objects, and what typed arrays and wasm hold. */
export async function heap(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize = 0 } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return { objects: usedSize, buffers: backingStorageSize };
}

/** One line for each result. */
export function framesTable(results) {
  const columns = [
    ["frames", ({ frames }) => frames],
    ["p50 ms", ({ p50 }) => p50.toFixed(1)],
    ["p95 ms", ({ p95 }) => p95.toFixed(1)],
    ["p99 ms", ({ p99 }) => p99.toFixed(1)],
    ["longest", ({ longest }) => longest.toFixed(0)],
    [`> ${LONG_MILLIS} ms`, ({ long }) => long],
    ["tasks/frame", ({ task }) => task.toFixed(2)],
    ["script", ({ script }) => script.toFixed(2)],
    ["style+layout", ({ layout }) => layout.toFixed(2)],
    ["layouts/s", ({ layouts }) => layouts.toFixed(0)],
  ];
  const width = Math.max(...results.map(({ name }) => name.length), 24);
  const line = (name, cells) => `${name.padEnd(width)} ${cells.map((cell, at) => String(cell).padStart(Math.max(7, columns[at][0].length))).join("  ")}`;
  return [line("main thread", columns.map(([title]) => title)), ...results.map((result) => line(result.name, columns.map(([, cell]) => cell(result))))].join("\n");
}
