// Makes a release smaller than its tools leave it: gives what script and program share short names instead of long ones
// with hashes in them, and takes away exports that the script never calls. wasm-opt then removes what only they needed.
// The largest part of that are classes for streams, which a dependency exports and nobody here uses.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const IMPORTS = 2;
const EXPORTS = 7;

const folder = process.argv[2];
const named = (pattern) => join(folder, readdirSync(folder).find((name) => pattern.test(name)));
const scriptPath = named(/^app-\w+\.js$/);
const programPath = named(/^app-\w+_bg\.wasm$/);

let script = readFileSync(scriptPath, "utf8")
  .replace(/export class IntoUnderlying\w+ \{[\s\S]*?\n\}\nif \(Symbol\.dispose\)[^\n]*\n/g, "")
  .replace(/const IntoUnderlying\w+Finalization = [\s\S]*?;\n/g, "");

/** Reads a wasm binary from its start to its end. */
class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }
  byte() {
    return this.bytes[this.at++];
  }
  number() {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte & 128);
    return value;
  }
  take(length) {
    return this.bytes.subarray(this.at, (this.at += length));
  }
  name() {
    return this.take(this.number()).toString();
  }
  limits() {
    const flags = this.number();
    this.number();
    if (flags & 1) this.number();
  }
  /** Passes over what is imported. */
  type() {
    const kind = this.byte();
    if (kind === 0) this.number();
    else if (kind === 1) this.byte(), this.limits();
    else if (kind === 2) this.limits();
    else if (kind === 3) this.take(2);
    else throw new Error(`this script knows no import of kind ${kind}; teach it, or leave it out of finish.sh`);
  }
}

const number = (value) => {
  const bytes = [];
  do {
    bytes.push(value > 127 ? (value % 128) | 128 : value);
    value = Math.floor(value / 128);
  } while (value > 0);
  return Buffer.from(bytes);
};
const text = (value) => Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value)]);

let next = 0;
function imports(section) {
  const parts = [];
  for (let left = section.number(); left > 0; left--) {
    const [module, name, short] = [section.name(), section.name(), `$${(next++).toString(36)}`];
    const known = new RegExp(`\\b${name}(?=: function|\\b)`, "g");
    if (!known.test(script)) throw new Error(`the script has no ${name}, which the program imports`);
    script = script.replace(known, () => short);
    const start = section.at;
    section.type();
    parts.push(text(module), text(short), section.bytes.subarray(start, section.at));
  }
  return parts.length === 0 ? null : Buffer.concat([number(parts.length / 3), ...parts]);
}

function exports(section) {
  const parts = [];
  for (let left = section.number(); left > 0; left--) {
    const name = section.name();
    const start = section.at;
    section.byte();
    section.number();
    if (new RegExp(`\\bwasm\\.${name}\\b`).test(script)) parts.push(Buffer.concat([text(name), section.bytes.subarray(start, section.at)]));
  }
  return Buffer.concat([number(parts.length), ...parts]);
}

const program = new Reader(readFileSync(programPath));
const sections = [program.take(8)];
while (program.at < program.bytes.length) {
  const id = program.byte();
  const body = program.take(program.number());
  const change = { [IMPORTS]: imports, [EXPORTS]: exports }[id];
  const changed = change ? change(new Reader(body)) : body;
  sections.push(Buffer.from([id]), number(changed.length), changed);
}
writeFileSync(scriptPath, script);
writeFileSync(programPath, Buffer.concat(sections));
execFileSync(".ci/bin/wasm-opt", ["-Oz", "--converge", `--output=${programPath}`, programPath], { stdio: "inherit" });
