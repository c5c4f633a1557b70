// Makes a release smaller than its tools leave it: gives what script and program share short names instead of long ones
// with hashes in them, takes away exports that the script never calls, optimises, and cuts off what a first visit does not
// run (.ci/split.mjs). With a second argument, the program instead notes which functions run: see .ci/first_visit.mjs.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isOfFirstVisit } from "./first_visit.mjs";
import { withoutPanicPlaces } from "./panic_places.mjs";
import { split } from "./split.mjs";
import { FEATURES, exportOf, functionOf, importOf, kindOf, read, write } from "./wat.mjs";

const [folder, namesPath] = process.argv.slice(2);
const named = (pattern) => join(folder, readdirSync(folder).find((name) => pattern.test(name)));
const scriptPath = named(/^app-\w+\.js$/);
const programPath = named(/^app-\w+_bg\.wasm$/);
const restPath = programPath.replace("_bg.", "_rest.");

// The largest part of what nobody calls are classes for streams, which a dependency exports.
let script = readFileSync(scriptPath, "utf8")
  .replace(/export class IntoUnderlying\w+ \{[\s\S]*?\n\}\nif \(Symbol\.dispose\)[^\n]*\n/g, "")
  .replace(/const IntoUnderlying\w+Finalization = [\s\S]*?;\n/g, "");

let count = 0;
function shorten(form) {
  const found = importOf(form);
  if (!found) return form;
  const short = `$${(count++).toString(36)}`;
  const known = new RegExp(`\\b${found.field}(?=: function|\\b)`, "g");
  if (!known.test(script)) throw new Error(`the script has no ${found.field}, which the program imports`);
  script = script.replace(known, () => short);
  return form.replace(`"${found.field}"`, `"${short}"`);
}

const isCalled = (form) => kindOf(form) !== "export" || new RegExp(`\\bwasm\\.${exportOf(form).field}\\b`).test(script);

function optimise(path, ...options) {
  execFileSync(".ci/bin/wasm-opt", [...FEATURES, "-Oz", "--converge", ...options, `--output=${path}`, path], { stdio: "inherit" });
}

/** Puts something into the script, behind what it has in one place. */
function insert(place, code) {
  if (!place.test(script)) throw new Error(`the script has no ${place}; see what wasm-bindgen writes now`);
  script = script.replace(place, (all) => all + code);
}

/** Puts a function among those that the program imports. */
const provide = (name, code) => insert(/const import0 = \{\s*__proto__: null,/, ` ${name}: ${code},`);

/** Lets each function call `$seen` with its number first. */
function observed(forms) {
  const names = [];
  const changed = forms.map((form) => {
    const name = functionOf(form)?.name;
    if (!name) return form;
    const lines = form.split("\n");
    const place = lines.findIndex((line, at) => at > 0 && !line.startsWith("  (local "));
    if (place > 0) lines.splice(place, 0, `  (call $seen (i32.const ${names.push(name) - 1}))`);
    return lines.join("\n");
  });
  writeFileSync(namesPath, JSON.stringify(names));
  const types = changed.filter((form) => kindOf(form) === "type");
  return [...types, ' (import "./app_bg.js" "$seen" (func $seen (param i32)))', ...changed.filter((form) => kindOf(form) !== "type")];
}

write(programPath, read(programPath).filter(isCalled).map(shorten));
// What is called in one place only stays by itself until the program is cut: inlined, it would come with its caller.
optimise(programPath, "-g", "--one-caller-inline-max-function-size=20");
const whole = read(programPath);
if (namesPath) {
  provide("$seen", "(number) => (globalThis.seen ??= new Set()).add(number)");
  write(programPath, observed(whole));
} else {
  const { left, places } = withoutPanicPlaces(whole);
  const { first, rest, slot } = split(left, isOfFirstVisit(), { module: "./app_bg.js", field: "$rest" });
  for (const [path, forms] of [[programPath, first], [restPath, [...rest, ...places]]]) {
    write(path, forms);
    optimise(path);
  }
  provide("$rest", "needRest");
  insert(/const \{ instance, module \} = await __wbg_load\(await module_or_path, imports\);/, "\n    await beforeStart(instance);");
  const loader = readFileSync("src/browser/rest.js", "utf8");
  const filled = loader.replace('REST = ""', () => `REST = ${JSON.stringify(restPath.split("/").at(-1))}`).replace("SLOT = 0", `SLOT = ${slot}`);
  script += filled;
}
writeFileSync(scriptPath, script);
for (const name of readdirSync(folder)) if (name.endsWith(".wat")) rmSync(join(folder, name));
