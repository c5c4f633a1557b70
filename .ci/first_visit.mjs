// Which functions of the program a first visit runs: they are what it downloads before the page stands (.ci/split.mjs). They
// are listed in first_visit.txt, which this writes:
//
//   make first-visit
//
// The list decides over speed alone: what is missing there comes when it is needed. So a change to the code needs no new
// list, but once in a while one is worth having; `make build` prints the sizes.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const LIST = fileURLToPath(new URL("first_visit.txt", import.meta.url));
/** The bare address, and a link that somebody passed on. */
const VISITS = [
  { viewport: { width: 1440, height: 900 }, query: "" },
  { viewport: { width: 360, height: 740 }, query: "?interval=100ms&seed=7" },
];
/** The default source makes an event a second, and ten of them are a batch. */
const FIRST_BATCH_MILLIS = 13_000;
/** What runs depends on what is ready first, such as the service worker: visits go on until so many in a row bring nothing new. */
const QUIET_VISITS = 4;

/** A function's name without what changes from build to build. */
export const stable = (name) => name.replace(/^\$|"/g, "").replace(/\[[0-9a-f]{10,16}\]|::h[0-9a-f]{16}|\[\d+\]$/g, "");

/** Tells of a function whether a first visit runs it. What tools put in has no name, and is small. */
export function isOfFirstVisit() {
  const listed = new Set(readFileSync(LIST, "utf8").split("\n"));
  return (name) => /^\$\d/.test(name) || listed.has(stable(name));
}

async function record(dist, namesPath) {
  const { launch } = await import("../tests/e2e/browser.mjs");
  const { serve } = await import("../tests/e2e/server.mjs");
  const names = JSON.parse(readFileSync(namesPath, "utf8"));
  const [browser, host] = [await launch(), await serve({ dist })];
  const seen = new Set();
  for (let visit = 0, quiet = 0; quiet < QUIET_VISITS; visit++) {
    const { viewport, query } = VISITS[visit % VISITS.length];
    const before = seen.size;
    const context = await browser.newContext({ viewport });
    const page = await context.newPage();
    await page.goto(host.base + query);
    await page.waitForTimeout(FIRST_BATCH_MILLIS);
    for (const thread of [page, ...page.workers()]) {
      for (const number of await thread.evaluate(() => [...globalThis.seen])) seen.add(stable(names[number]));
    }
    await context.close();
    quiet = seen.size > before ? 0 : quiet + 1;
  }
  await browser.close();
  await host.close();
  writeFileSync(LIST, [...seen].sort().join("\n") + "\n");
  console.log(`${seen.size} of ${names.length} functions run in a first visit`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await record(...process.argv.slice(2));
