// Prints how a first visit starts in headless Chromium, from a local server, and from one that compresses over a slow line: the
// medians of five fresh profiles without cache.
//
//   node scripts/first_paint.mjs [dist]
//
// The browser's window is open and at rest by then, as it is for whoever follows a link. Interactive is when the first answer
// of the pipeline is on the page and no long task follows for 300 ms. Layout shift is counted in one visit more, which lasts
// until the first batch is there.
import { pathToFileURL } from "node:url";
import { launch } from "../tests/e2e/support/browsers.mjs";
import { serve } from "../tests/e2e/support/server.mjs";

const VISITS = 5;
const VIEWPORT = { width: 1440, height: 900 };
const QUIET_MILLIS = 300;
/** A new window of Chromium starts pages of its own, such as that of its address bar, on the same cores: they end before. */
const WINDOW_MILLIS = 2000;
const GOAL = { interactive: 1000, slowInteractive: 2500, shift: 0 };
/** 10 Mbit/s, and 40 ms until an answer begins. */
const SLOW_LINE = { offline: false, latency: 40, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 };
/** The default source makes an event a second, and ten of them are a batch. */
const FIRST_BATCH_MILLIS = 12_000;

/** Runs in the page before anything else: keeps what the browser reports in `timing`. */
export function observe() {
  const timing = { paint: 0, largest: 0, interactive: 0, long: [], shifts: [] };
  globalThis.timing = timing;
  const watch = (type, hear) => new PerformanceObserver((list) => list.getEntries().forEach(hear)).observe({ type, buffered: true });
  watch("paint", ({ name, startTime }) => name === "first-contentful-paint" && (timing.paint = startTime));
  watch("largest-contentful-paint", ({ startTime }) => (timing.largest = startTime));
  watch("longtask", ({ startTime, duration }) => timing.long.push([startTime, startTime + duration]));
  watch("mark", ({ name, startTime }) => name === "millrace:interactive" && (timing.interactive = startTime));
  watch("layout-shift", ({ value, hadRecentInput, startTime, sources }) => {
    const describe = ({ node, previousRect: from, currentRect: to }) => {
      const name = node?.className?.baseVal ?? node?.className ?? node?.nodeName;
      return `${name} ${[from.x, from.y, from.width, from.height].map((x) => x.toFixed(1))} -> ${[to.x, to.y, to.width, to.height].map((x) => x.toFixed(1))}`;
    };
    if (!hadRecentInput) timing.shifts.push({ value, at: Math.round(startTime), sources: sources.map(describe) });
  });
}

/** From what a visit kept: when it could be used, and how long tasks blocked it until then. */
function summary({ paint, largest, interactive, long }) {
  let ready = interactive;
  for (const [from, to] of long) if (to > ready && from < ready + QUIET_MILLIS) ready = to;
  const blocking = long.filter(([from]) => from >= paint && from < ready).reduce((sum, [from, to]) => sum + Math.max(0, to - from - 50), 0);
  return { paint, largest, interactive: ready, blocking };
}

async function visit(browser, base, { millis = 0, line } = {}) {
  const context = await browser.newContext({ viewport: VIEWPORT });
  try {
    const page = await context.newPage();
    await page.addInitScript(observe);
    if (line) {
      const session = await context.newCDPSession(page);
      await session.send("Network.enable");
      await session.send("Network.emulateNetworkConditions", line);
    }
    await page.waitForTimeout(WINDOW_MILLIS);
    await page.goto(base);
    await page.waitForFunction((quiet) => {
      const { interactive, long } = globalThis.timing;
      return interactive && performance.now() > Math.max(interactive, ...long.map(([, to]) => to)) + quiet;
    }, QUIET_MILLIS, { timeout: 60_000 });
    if (millis) await page.waitForTimeout(millis);
    return await page.evaluate(() => globalThis.timing);
  } finally {
    await context.close();
  }
}

async function measure(dist) {
  let browser;
  try {
    browser = await launch();
  } catch (error) {
    console.log(`first paint: not measured. ${error.message.split("\n")[0]}`);
    return;
  }
  const [host, compressing] = [await serve({ dist }), await serve({ dist, isCompressed: true })];
  const visitOften = async (base, options) => {
    const visits = [];
    for (let count = 0; count < VISITS; count++) visits.push(summary(await visit(browser, base, options)));
    return (name) => visits.map((one) => one[name]).sort((a, b) => a - b)[VISITS >> 1];
  };
  try {
    const median = await visitOften(host.base);
    const { shifts } = await visit(browser, host.base, { millis: FIRST_BATCH_MILLIS });
    // The first visit waits until the host has compressed.
    await visit(browser, compressing.base);
    const slowMedian = await visitOften(compressing.base, { line: SLOW_LINE });
    const shift = shifts.reduce((sum, { value }) => sum + value, 0);
    const line = (name, value, goal = "") => console.log(`${name.padEnd(44)} ${value.padStart(9)} ${goal}`);
    line("a first visit from this machine, median of 5", "ms");
    line("first contentful paint", median("paint").toFixed(0));
    line("largest contentful paint", median("largest").toFixed(0));
    line("interactive", median("interactive").toFixed(0), `(goal: at most ${GOAL.interactive})`);
    line("total blocking time", median("blocking").toFixed(0));
    line("interactive at 10 Mbit/s and 40 ms", slowMedian("interactive").toFixed(0), `(goal: at most ${GOAL.slowInteractive})`);
    line("layout shift until the first batch", shift ? shift.toFixed(4) : "0", `(goal: ${GOAL.shift})`);
    for (const { at, value, sources } of shifts) console.log(`  shift of ${value.toFixed(4)} after ${at} ms: ${sources.join("; ")}`);
  } finally {
    await browser.close();
    await Promise.all([host, compressing].map((one) => one.close()));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await measure(process.argv[2] ?? "dist");
