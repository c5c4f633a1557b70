// Draws the icons of the installed app from style/mark.svg, in headless Chromium, and writes them to style/. To be run by
// hand when the mark changes: `node scripts/icons.mjs`. The results are in the repository.
import { readFileSync, writeFileSync } from "node:fs";
import { launch } from "../tests/e2e/support/browsers.mjs";
import { encode } from "./png.mjs";

const style = new URL("../style/", import.meta.url);
const paper = readFileSync(new URL("tokens.css", style), "utf8").match(/--paper: light-dark\((#\w{6}),/)[1];
const mark = readFileSync(new URL("mark.svg", style), "utf8");
// `share`: how much of the width the mark takes. Of a maskable icon any system may cut away all but a circle of 80%.
const ICONS = [
  { name: "icon-192.png", size: 192, share: 0.72, corner: 0.18 },
  { name: "icon-512.png", size: 512, share: 0.72, corner: 0.18 },
  { name: "icon-maskable-512.png", size: 512, share: 0.54, corner: 0 },
];

const browser = await launch();
const page = await browser.newPage();
for (const { name, size, share, corner } of ICONS) {
  const pixels = Buffer.from(await page.evaluate(draw, { size, share, corner, paper, mark }), "base64");
  const png = encode(pixels, size, size, 17, [paper, ...mark.match(/#\w{6}/g)]);
  writeFileSync(new URL(name, style), png);
  console.log(`${name}: ${png.length} bytes`);
}
await browser.close();

/** In the page: the pixels of an icon, as base64. */
async function draw({ size, share, corner, paper, mark }) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(mark.replace("<svg ", `<svg width="${size}" height="${size}" `))}`;
  await image.decode();
  const context = new OffscreenCanvas(size, size).getContext("2d");
  context.fillStyle = paper;
  context.roundRect(0, 0, size, size, size * corner);
  context.fill();
  const [width, edge] = [size * share, (size * (1 - share)) / 2];
  context.drawImage(image, edge, edge, width, width);
  const { data } = context.getImageData(0, 0, size, size);
  let text = "";
  for (let at = 0; at < data.length; at += 0x8000) text += String.fromCharCode(...data.subarray(at, at + 0x8000));
  return btoa(text);
}
