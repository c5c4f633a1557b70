// Draws the icons of the installed app from style/mark.svg, in headless Chromium, and writes them to style/. To be run by
// hand when the mark changes: `node .ci/icons.mjs`. The results are in the repository.
import { readFileSync, writeFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";
import { launch } from "../tests/e2e/browser.mjs";

const style = new URL("../style/", import.meta.url);
const paper = readFileSync(new URL("tokens.css", style), "utf8").match(/--paper: (#\w{6});/)[1];
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
  const png = encode(pixels, size);
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

/** A PNG with a palette: three colours and what lies between them at the edges, in steps of 17 that nobody sees. */
function encode(pixels, size) {
  const step = (value) => Math.round(value / 17) * 17;
  const exact = new Set([paper, ...mark.match(/#\w{6}/g)].map((colour) => Number.parseInt(`${colour.slice(1)}ff`, 16)));
  const palette = new Map();
  const rows = [];
  for (let y = 0; y < size; y++) {
    const row = Buffer.alloc(size + 1);
    for (let x = 0; x < size; x++) {
      const at = (y * size + x) * 4;
      const whole = pixels.readUInt32BE(at);
      const colour = exact.has(whole) ? whole : Buffer.from(pixels.subarray(at, at + 4).map(step)).readUInt32BE();
      if (!palette.has(colour)) palette.set(colour, palette.size);
      row[x + 1] = palette.get(colour);
    }
    rows.push(row);
  }
  if (palette.size > 256) throw new Error(`${palette.size} colours are too many for a palette`);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 3], 8);
  const colours = [...palette.keys()];
  const channel = (shift) => colours.map((colour) => (colour >>> shift) & 255);
  const rgb = colours.flatMap((colour) => [colour >>> 24, (colour >>> 16) & 255, (colour >>> 8) & 255]);
  const image = deflateSync(Buffer.concat(rows), { level: 9, memLevel: 9 });
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("PLTE", rgb), chunk("tRNS", channel(0)), chunk("IDAT", image), chunk("IEND", [])]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), Buffer.from(data)]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}
