// A WebAssembly module as binaryen's text, cut into its top-level forms: enough to move functions about by their names.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const NAME = String.raw`\$(?:"(?:[^"\\]|\\.)*"|[^\s()]+)`;
const IMPORT = new RegExp(String.raw`^ \(import "([^"]*)" "([^"]*)" \(func (${NAME})(.*)\)\)$`);
const EXPORT = new RegExp(String.raw`^ \(export "([^"]*)" \((\w+) (${NAME})\)\)$`);
const FUNC = new RegExp(String.raw`^ \(func (${NAME})(.*)$`);
const ELEM = new RegExp(String.raw`^ \(elem ${NAME} (?:\(table ${NAME}\) )?\(i32\.const (\d+)\) (?:func )?(.*)\)$`);
const DATA = /^ \(data (?:\$\S+ )?\(i32\.const (\d+)\) "(.*)"\)$/;
const CALLED = new RegExp(String.raw`\((?:call|return_call|ref\.func) (${NAME})`, "g");
const NAMES = new RegExp(NAME, "g");

const TOOLS = "node_modules/.bin";
// What the compiler uses, and every browser since 2023 understands.
const USED = ["mutable-globals", "nontrapping-float-to-int", "bulk-memory", "bulk-memory-opt", "sign-ext", "reference-types", "multivalue", "call-indirect-overlong"];
/** What tells binaryen's tools the features that they may use. */
export const FEATURES = ["--mvp-features", ...USED.map((name) => `--enable-${name}`)];

/** The module in a file, one string for each form. */
export function read(path) {
  execFileSync(`${TOOLS}/wasm-dis`, [path, `--output=${path}.wat`], { stdio: ["ignore", "inherit", "inherit"] });
  const text = readFileSync(`${path}.wat`, "utf8");
  const body = text.slice(text.indexOf("\n") + 1, text.lastIndexOf("\n)"));
  return body.split(/\n(?= \()/).map((form) => form.replace(/\n ;;[^\n]*/g, "")).filter((form) => form.startsWith(" ("));
}

/** Writes forms as a binary. */
export function write(path, forms) {
  writeFileSync(`${path}.wat`, `(module\n${forms.join("\n")}\n)\n`);
  execFileSync(`${TOOLS}/wasm-as`, [`${path}.wat`, "-g", ...FEATURES, `--output=${path}`], { stdio: "inherit" });
}

/** What kind of form it is: `type`, `import`, `func`, ... */
export const kindOf = (form) => form.match(/^ \((\w+)/)[1];

/** An import of a function: from where, under which name, its own name and its signature. */
export function importOf(form) {
  const [, module, field, name, signature] = form.match(IMPORT) ?? [];
  return name && { module, field, name, signature };
}

/** An export: under which name, of which kind, of what. */
export function exportOf(form) {
  const [, field, kind, name] = form.match(EXPORT) ?? [];
  return name && { field, kind, name };
}

/** A function that the module defines: its name, its parameters' types, and the signature without their names. */
export function functionOf(form) {
  const [, name, rest] = form.split("\n", 1)[0].match(FUNC) ?? [];
  if (!name) return null;
  const params = [...rest.matchAll(new RegExp(String.raw`\(param ${NAME} (\w+)\)`, "g"))].map(([, type]) => type);
  const results = rest.match(/\(result ([\w ]+)\)/)?.[1] ?? "";
  const signature = `${params.length ? ` (param ${params.join(" ")})` : ""}${results && ` (result ${results})`}`;
  return { form, name, params, signature };
}

/** The functions that a form calls or takes the address of. */
export const calledBy = (form) => [...form.matchAll(CALLED)].map(([, name]) => name);

/** What stands in the table from where on. */
export function elementsOf(form) {
  const [, offset, names] = form.match(ELEM) ?? [];
  return names && { offset: Number(offset), names: names.match(NAMES) };
}

/** What stands in memory from where on. */
export function dataOf(form) {
  const [, offset, text] = form.match(DATA) ?? [];
  return text === undefined ? null : { offset: Number(offset), bytes: bytesOf(text) };
}

const LETTERS = { t: 9, n: 10, r: 13, '"': 34, "'": 39, "\\": 92 };

function bytesOf(text) {
  const hex = text.replace(/\\([0-9a-f]{2})|\\(.)|([^\\])/g, (_, pair, escaped, plain) => {
    const code = pair ? parseInt(pair, 16) : escaped ? LETTERS[escaped] : plain.charCodeAt(0);
    return code.toString(16).padStart(2, "0");
  });
  return Buffer.from(hex, "hex");
}
