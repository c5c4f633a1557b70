// How long the frames of a page take.

/** Notes from now on how long each frame takes. */
export function watchFrames({ page }) {
  return page.evaluate(noteFrames);
}

/** Milliseconds of each frame since {@link watchFrames}, the shortest first. */
export async function frameMillis({ page }) {
  return (await page.evaluate(() => globalThis.frameMillis)).sort((a, b) => a - b);
}

/** What {@link frameMillis} gives, as a figure. */
export function framesInWords(sorted) {
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`;
}

/** In the page: from paint to paint. */
function noteFrames() {
  globalThis.frameMillis = [];
  let before = performance.now();
  const note = (now) => {
    globalThis.frameMillis.push(now - before);
    before = now;
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
}
