// Small PNGs: a palette of at most 256 colours instead of three bytes a pixel.
import { crc32, deflateSync } from "node:zlib";

const MOST_COLOURS = 256;

/**
 * A PNG of RGBA pixels. Colours come in steps of `step`, which nobody sees at edges of letters and shapes; those in `exact`,
 * such as `#0a6577`, stay what they are. When there are too many, the rarest become the next one that is kept.
 */
export function encode(pixels, width, height, step, exact = []) {
  const kept = new Set(exact.map((colour) => Number.parseInt(`${colour.slice(1)}ff`, 16)));
  const round = (value) => Math.min(255, Math.round(value / step) * step);
  const rounded = (whole) => Buffer.from([whole >>> 24, whole >>> 16, whole >>> 8, whole].map((byte) => round(byte & 255))).readUInt32BE();
  const known = new Map(); // a colour as it comes, and as it is drawn
  const counts = new Map();
  const drawn = new Uint32Array(width * height);
  for (let at = 0; at < drawn.length; at++) {
    const whole = pixels.readUInt32BE(at * 4);
    if (!known.has(whole)) known.set(whole, kept.has(whole) ? whole : rounded(whole));
    drawn[at] = known.get(whole);
    counts.set(drawn[at], (counts.get(drawn[at]) ?? 0) + 1);
  }
  const palette = [...counts.keys()].sort((a, b) => kept.has(b) - kept.has(a) || counts.get(b) - counts.get(a)).slice(0, MOST_COLOURS);
  const places = new Map(palette.map((colour, place) => [colour, place]));
  for (const colour of counts.keys()) if (!places.has(colour)) places.set(colour, places.get(nearest(colour, palette)));

  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + x + 1] = places.get(drawn[y * width + x]);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8);
  const channel = (shift) => palette.map((colour) => (colour >>> shift) & 255);
  const rgb = palette.flatMap((colour) => [colour >>> 24, (colour >>> 16) & 255, (colour >>> 8) & 255]);
  const image = deflateSync(rows, { level: 9, memLevel: 9 });
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("PLTE", rgb), chunk("tRNS", channel(0)), chunk("IDAT", image), chunk("IEND", [])]);
}

function nearest(colour, palette) {
  const distance = (other) => [24, 16, 8, 0].reduce((sum, shift) => sum + (((colour >>> shift) & 255) - ((other >>> shift) & 255)) ** 2, 0);
  return palette.reduce((best, other) => (distance(other) < distance(best) ? other : best));
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), Buffer.from(data)]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}
