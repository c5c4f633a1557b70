// Compares answers. Numbers may differ by 1e-9 of their size, instants by 2 ms: some
// participants cut them to milliseconds, and then once more their mean.
import { TEXT_WORKS } from "./works.mjs";

const TOLERANCE = 1e-9;
const TOLERANCE_MILLIS = 2;

/**
 * The first difference between two answers to a work as a sentence's end ("row 3: 1.5, not 2.5"), or null.
 * @param {Buffer} found @param {Buffer} expected
 */
export function difference(work, found, expected) {
  if (TEXT_WORKS.includes(work)) return differentJson(JSON.parse(found), JSON.parse(expected), "");
  const [ours, theirs] = [floats(found), floats(expected)];
  if (ours.length !== theirs.length) return `${ours.length} numbers, not ${theirs.length}`;
  const at = ours.findIndex((number, i) => !isClose(number, theirs[i]));
  return at < 0 ? null : `number ${at} is ${ours[at]}, not ${theirs[at]}`;
}

function floats(buffer) {
  return new Float64Array(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length));
}

function isClose(x, y) {
  return Object.is(x, y) || x === y || Math.abs(x - y) <= TOLERANCE * Math.abs(y);
}

function differentJson(found, expected, path) {
  if (typeof expected === "object" && expected !== null) {
    if (typeof found !== "object" || found === null) return `${path} is ${found}, not ${JSON.stringify(expected)}`;
    const [ours, theirs] = [Object.keys(found), Object.keys(expected)];
    const odd = theirs.find((key) => !(key in found)) ?? ours.find((key) => !(key in expected));
    if (odd !== undefined) return `${path}/${odd} is ${odd in found ? "there" : "missing"}, where it should not be`;
    for (const key of theirs) {
      const different = differentJson(found[key], expected[key], `${path}/${key}`);
      if (different) return different;
    }
    return null;
  }
  return isSame(plain(found), plain(expected)) ? null : `${path} is ${found}, not ${expected}`;
}

function isSame(x, y) {
  if (typeof x === "number" && typeof y === "number") return isClose(x, y);
  if (x instanceof Date && y instanceof Date) return Math.abs(x - y) <= TOLERANCE_MILLIS;
  return x === y;
}

/** Texts that hold an instant or a number as what they hold: not every participant has columns of mixed type. */
function plain(value) {
  if (typeof value !== "string") return value;
  // Arquero leaves out seconds that are nought, and midnight.
  const instant = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?(?:Z|\+00:00)?)?$/.exec(value);
  if (instant) return new Date(`${instant[1]}T${instant[2] ?? "00:00"}${instant[3] ?? ":00"}${(instant[4] ?? "").slice(0, 4)}Z`);
  return value !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
}
