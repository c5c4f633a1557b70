// Where in the sources panics say that they happened: a record of 16 bytes for each place (core::panic::Location) and the
// paths of the files, a fifth of a program's data. Only the code that tells of a panic reads them, so they go where it goes.
import { dataOf } from "./wat.mjs";

const RECORD = 16;
const PATH = /^[\w./@+-]+\.rs$/;

/**
 * Cuts these out of the data.
 * @param {string[]} forms of a module
 * @returns {{left: string[], places: string[]}} the forms without them, and forms that put them back
 */
export function withoutPanicPlaces(forms) {
  const segments = forms.map(dataOf);
  const known = segments.filter((segment) => segment);
  const start = Math.min(...known.map(({ offset }) => offset));
  const memory = Buffer.alloc(Math.max(...known.map(({ offset, bytes }) => offset + bytes.length)) - start);
  for (const { offset, bytes } of known) bytes.copy(memory, offset - start);

  const isPlace = new Uint8Array(memory.length);
  for (let at = 0; at + RECORD <= memory.length; at += 4) {
    const [path, length, line, column] = [0, 4, 8, 12].map((field) => memory.readUInt32LE(at + field));
    const from = path - start;
    if (line === 0 || column === 0 || from < 0 || from + length > memory.length || length > 256) continue;
    if (!PATH.test(memory.toString("latin1", from, from + length))) continue;
    isPlace.fill(1, at, at + RECORD).fill(1, from, from + length);
  }

  const places = [];
  for (let at = isPlace.indexOf(1); at >= 0; at = isPlace.indexOf(1, at)) {
    const end = isPlace.indexOf(0, at) < 0 ? memory.length : isPlace.indexOf(0, at);
    places.push(data(start + at, memory.subarray(at, end)));
    at = end;
  }
  const blanked = ({ offset, bytes }) => data(offset, bytes.map((byte, at) => (isPlace[offset - start + at] ? 0 : byte)));
  return { left: forms.map((form, at) => (segments[at] ? blanked(segments[at]) : form)), places };
}

const data = (offset, bytes) => ` (data (i32.const ${offset}) "${Buffer.from(bytes).toString("hex").replace(/../g, "\\$&")}")`;
