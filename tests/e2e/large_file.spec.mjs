// A file that is larger than memory is loaded: how fast, in how much memory, and whether the page and its readers wait for it.
import { rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { MEASURED, expect, profileTest } from "./fixtures.mjs";
import { FilesPanel } from "./pages/files_panel.mjs";
import { inForm } from "./support/form.mjs";
import { frameMillis, framesInWords, watchFrames } from "./support/frames.mjs";
import { heapBytes } from "./support/heap.mjs";
import { MEASURES, SETTINGS, auditLargeCsv, writeLargeCsv } from "./support/large_csv.mjs";
import { metric } from "./support/ledger.mjs";
import { wholeOf } from "./support/numbered.mjs";

const MB = 1 << 20;
const BYTES = Number(process.env.MILLRACE_FILE_MB ?? inForm({ short: 20, full: 1024 })) * MB;
const NAME = "large.csv";
/** The worker's share: what wasm holds, and JavaScript beside it. */
const MOST_WORKER_MB = 300;
const MOST_PAGE_MB = 150;
/** So long a request may wait while rows are read. */
const MOST_MILLIS = 2000;
// Far below what a screen shows: a machine without a GPU paints in software.
const FEWEST_FRAMES_A_SECOND = 5;
/** Reading the heaps collects garbage, which stops the worker that is read. */
const MEMORY_EVERY_MILLIS = inForm({ short: 1000, full: 5000 });
/** The file and what is stored of it. */
const DISK_TIMES = 4;

// On a profile on disk: that of a private window keeps the files of a page in memory.
profileTest(`a CSV file of ${BYTES / MB} MB is loaded in little memory, while frames and requests go on`, MEASURED, async ({ app, figure }, testInfo) => {
  profileTest.setTimeout(inForm({ short: 180_000, full: 1_800_000 }));
  const path = testInfo.outputPath(NAME);
  const disk = await statfs(tmpdir());
  profileTest.skip(disk.bavail * disk.bsize < BYTES * DISK_TIMES, "the disk has no room for the file and what is stored of it");
  try {
    const { rows, bytes, sums } = await writeLargeCsv(path, BYTES);
    const page = await app.open(`?source=none&${SETTINGS}&batch_size=10000&history_rows=${rows}&memory_rows=100000`);
    const reader = await app.type("health");
    // A tab behind another one draws a frame a second.
    await page.page.bringToFront();
    const browser = app.context.browser();
    const memory = async () => ({
      wasm: await metric(page, "millrace_wasm_memory_bytes"),
      worker: await heapBytes(browser, "worker", app.host.base),
      page: await heapBytes(browser, "page", `${app.host.base}?`),
    });
    const files = new FilesPanel(page.page);
    await files.choose(path);
    await files.lookedAt(NAME);

    await watchFrames(page);
    let isLoading = true;
    const most = await memory();
    const watching = (async () => {
      while (isLoading) {
        for (const [place, size] of Object.entries(await memory())) most[place] = Math.max(most[place], size);
        await pause(MEMORY_EVERY_MILLIS);
      }
    })();
    const waits = [];
    const asking = (async () => {
      while (isLoading) {
        const asked = performance.now();
        const answer = await reader.fetch("query?limit=100");
        expect(answer.status, answer.text.slice(0, 200)).toBe(200);
        waits.push(performance.now() - asked);
        await pause(200);
      }
    })();
    const started = performance.now();
    await files.load();
    const loading = files.loading(NAME);
    const counts = await loading.loaded({ timeoutMillis: inForm({ short: 120_000, full: 1_500_000 }) }).finally(() => (isLoading = false));
    const seconds = (performance.now() - started) / 1000;
    const frames = await frameMillis(page);
    await Promise.all([watching, asking]);

    const inMb = Object.fromEntries(Object.entries(most).map(([place, size]) => [place, size / MB]));
    figure(`a CSV file of ${(bytes / MB).toFixed(0)} MB, ${MEASURES.length} measures`, `${rows.toLocaleString("en")} rows in ${seconds.toFixed(1)} s`);
    figure("rows a second, durable and queryable", rows / seconds);
    figure("MB a second", bytes / MB / seconds);
    figure("memory at most", Object.entries(inMb).map(([place, size]) => `${place} ${size.toFixed(0)} MB`).join(", "));
    figure("frames while it loads", `${frames.length} in ${seconds.toFixed(1)} s, ${framesInWords(frames)}`);
    figure("requests meanwhile", `${waits.length}, longest ${Math.max(...waits).toFixed(0)} ms`);

    expect(counts).toMatchObject({ taken: rows, refused: 0 });
    expect(await metric(page, "millrace_history_rows")).toBe(rows);
    expect(inMb.wasm + inMb.worker, "MB of the worker").toBeLessThan(MOST_WORKER_MB);
    expect(inMb.page, "MB of the page").toBeLessThan(MOST_PAGE_MB);
    expect(frames.length / seconds, "frames a second").toBeGreaterThan(FEWEST_FRAMES_A_SECOND);
    expect(Math.max(...waits), "milliseconds that a request waited").toBeLessThan(MOST_MILLIS);

    // Queryable: one answer over all rows has their sums.
    const { pivoted } = await page.get("query?start=1970-01-01&views=pivoted&aggfunc=sum");
    MEASURES.forEach((name, measure) => {
      const found = pivoted.reduce((sum, row) => sum + row[name], 0);
      expect(Math.abs(found - sums[measure]) / sums[measure], `the sum of ${name}`).toBeLessThan(1e-9);
    });
    // Durable: all of it is there after a reload.
    await page.page.reload();
    await page.waitUntilLive();
    expect(await metric(page, "millrace_history_rows"), "rows after a reload").toBe(rows);
    if (BYTES <= 64 * MB) expect(await auditLargeCsv(page, rows)).toEqual(wholeOf(rows));
    expect(app.errors).toEqual([]);
  } finally {
    await rm(path, { force: true });
  }
});
