// Compares an answer with what it should be: numbers by value, texts and the order of keys exactly.
import { nanosOf } from "./oracle.mjs";

const RELATIVE = 1e-9;
const ABSOLUTE = 1e-12;

/**
 * The first difference between two JSON values, as a sentence, or nothing.
 *
 * An average of instants in `pivoted` is seldom a whole nanosecond: it may differ by one microsecond.
 */
export function difference(want, got, path = "$") {
  if (Array.isArray(want)) {
    if (!Array.isArray(got)) return `${path} is ${show(got)}, not an array`;
    if (want.length !== got.length) return `${path} has ${got.length} entries, not ${want.length}`;
    return first(want.map((entry, i) => () => difference(entry, got[i], `${path}[${i}]`)));
  }
  if (want !== null && typeof want === "object") {
    if (got === null || typeof got !== "object" || Array.isArray(got)) return `${path} is ${show(got)}, not an object`;
    if (String(Object.keys(want)) !== String(Object.keys(got))) return `${path} has the keys ${Object.keys(got)}, not ${Object.keys(want)}`;
    return first(Object.keys(want).map((key) => () => difference(want[key], got[key], `${path}.${key}`)));
  }
  if (typeof want === "number" && typeof got === "number") {
    const slack = Math.max(ABSOLUTE, RELATIVE * Math.max(Math.abs(want), Math.abs(got)));
    return Math.abs(want - got) <= slack ? undefined : `${path} is ${got}, not ${want}`;
  }
  if (/\.pivoted\[\d+\]\.timestamp$/.test(path) && typeof got === "string" && typeof want === "string") {
    const apart = nanosOf(want) - nanosOf(got);
    return -1000n <= apart && apart <= 1000n ? undefined : `${path} is ${got}, not ${want}`;
  }
  return want === got ? undefined : `${path} is ${show(got)}, not ${show(want)}`;
}

/** Fails with the first difference. */
export function assertSame(got, want, what) {
  const found = difference(want, got);
  if (found) throw new Error(`${what}: ${found}`);
}

function first(checks) {
  for (const check of checks) {
    const found = check();
    if (found) return found;
  }
  return undefined;
}

function show(value) {
  return String(JSON.stringify(value)).slice(0, 80);
}
