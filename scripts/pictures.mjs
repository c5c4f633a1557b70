// Makes the README's pictures from the running app into tests/e2e/screenshots/: `make pictures` after a build. The run is
// seeded, in UTC and on the port of `make run`, so that only the times differ from one making to the next.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launch } from "../tests/e2e/support/browsers.mjs";
import { AppPage } from "../tests/e2e/pages/app_page.mjs";
import { serve } from "../tests/e2e/support/server.mjs";
import { encode } from "./png.mjs";

const INTO = fileURLToPath(new URL("../tests/e2e/screenshots/", import.meta.url));
const CALM = "?interval=100ms&distinct_ids=5&seed=42&clock=utc";
/** A thousand events a second, which go on while the picture is taken. */
const BUSY = "?interval=1ms&distinct_ids=100&batch_size=100&seed=42&clock=utc";
// The page's own colours stay what they are.
const TOKENS = readFileSync(new URL("../style/tokens.css", import.meta.url), "utf8").match(/#[0-9a-f]{6}\b/g);
const MOST_BYTES = 150_000;
/** The window that the page is laid out for, that of a large screen, and that of a phone. */
const SIZES = { wide: { width: 1440, height: 900 }, screen: { width: 1920, height: 1080 }, narrow: { width: 390, height: 844 } };
const SCHEMES = ["light", "dark"];
const RUNS = { calm: CALM, busy: BUSY };

const FIRST_SCREENS = Object.entries(SIZES).flatMap(([size, viewport]) =>
  SCHEMES.flatMap((colorScheme) =>
    Object.entries(RUNS).map(([load, run]) => ({ name: `${size}-${colorScheme}-${load}`, browser: { viewport, colorScheme }, run })),
  ),
);
const PARTS = [
  { name: "chart-zoomed", browser: { viewport: SIZES.wide }, part: ".chart-panel", before: zoom },
  { name: "transforms", browser: { viewport: SIZES.wide }, part: ".tables", before: explain },
];
const PICTURES = [...FIRST_SCREENS, ...PARTS];

mkdirSync(INTO, { recursive: true });
const browser = await launch();
const host = await serve({ port: 8080 }).catch(() => serve());
try {
  // All of them, or those that are named.
  const names = process.argv.slice(2);
  for (const picture of PICTURES) if (names.length === 0 || names.includes(picture.name)) await take(picture);
} finally {
  await browser.close();
  await host.close();
}

async function take({ name, browser: options, run = CALM, part, before = async () => {} }) {
  const context = await browser.newContext({ timezoneId: "UTC", reducedMotion: "reduce", ...options });
  const app = new AppPage(await context.newPage(), host.base);
  await app.open(run);
  await app.waitUntilLive();
  await app.page.evaluate(() => document.querySelector("[aria-label='No tour, thanks']").click());
  // The focus has moved on, and its ring would be in the picture.
  await app.page.evaluate(() => document.activeElement.blur());
  const fewest = run === BUSY ? 20_000 : 300;
  await app.waitForCount("processed", (rows) => rows >= fewest, { timeoutMillis: 60_000 });
  if (run !== BUSY) await app.configure({ paused: true });
  await before(app.page);
  await app.page.waitForTimeout(500);
  const shot = await (part ? app.page.locator(part) : app.page).screenshot();
  // The app's page would not let its pixels be read: its policy knows no data addresses.
  const { pixels, width, height } = await (await context.newPage()).evaluate(pixelsOf, shot.toString("base64"));
  const png = encode(Buffer.from(pixels, "base64"), width, height, 17, TOKENS);
  writeFileSync(`${INTO}${name}.png`, png);
  console.log(`${name}.png: ${png.length} bytes${png.length > MOST_BYTES ? `, more than the ${MOST_BYTES} that a picture may have` : ""}`);
  await context.close();
}

/** The middle third of what the chart shows, with the pointer on it. */
async function zoom(page) {
  const { x, y, width, height } = await page.locator(".chart-panel canvas").first().boundingBox();
  await page.mouse.move(x + width * 0.55, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.85, y + height / 2, { steps: 8 });
  await page.mouse.up();
  await page.mouse.move(x + width * 0.6, y + height / 2);
}

/** The window of a row, or the rows of a cell. */
async function explain(page) {
  await page.locator(".tables td").nth(18).hover();
}

/** In the page: the pixels of a picture, as base64. */
async function pixelsOf(png) {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  let text = "";
  for (let at = 0; at < data.length; at += 0x8000) text += String.fromCharCode(...data.subarray(at, at + 0x8000));
  return { pixels: btoa(text), width, height };
}
