// Cuts a program in two: what a first visit runs, and the rest, which comes when the page stands, or when somebody wants it
// sooner. Both share memory, stack and table, so that neither knows where the other begins. In the first part each function
// of the rest is a few bytes that let the rest be loaded if need be, and call it through the table; the rest puts itself
// there when it starts.
import { calledBy, elementsOf, exportOf, functionOf, importOf, kindOf } from "./wat.mjs";

const TABLE = "$0";
const FIRST = "first"; // what the rest calls the first part

/**
 * The two parts of a module.
 * @param {string[]} forms of the whole
 * @param {(name: string) => boolean} isFirst whether a function belongs to the first part
 * @param {[string, string]} load the import that loads the rest
 * @returns {{first: string[], rest: string[], slot: number}} a place in the table that is empty until the rest is there
 */
export function split(forms, isFirst, [module, field]) {
  const of = (kind) => forms.filter((form) => kindOf(form) === kind);
  const functions = new Map(of("func").map((form) => [functionOf(form).name, { form, ...functionOf(form) }]));
  const imports = new Map(of("import").map((form) => [importOf(form)?.name, form]));
  const moved = [...functions.values()].filter(({ name }) => !isFirst(name));
  const isMoved = new Set(moved.map(({ name }) => name));

  const slots = new Map(); // where the table has a function
  const elements = of("elem").map(elementsOf);
  for (const { offset, names } of elements) names.forEach((name, place) => slots.set(name, offset + place));
  const [size] = forms.find((form) => form.startsWith(` (table ${TABLE} `)).match(/\d+(?= \d+ funcref)/);
  const needed = new Set([...functions.values()].filter(({ name }) => !isMoved.has(name)).flatMap(({ form }) => calledBy(form)));
  for (const form of of("export")) needed.add(exportOf(form).name);
  let end = Number(size);
  const slot = end++; // always empty at first, whatever else is called
  for (const { name } of moved) if (!slots.has(name) && needed.has(name)) slots.set(name, end++);
  const widened = forms.map((form) => (form.startsWith(` (table ${TABLE} `) ? ` (table ${TABLE} ${end} ${end} funcref)` : form));

  const stubs = moved.filter(({ name }) => slots.has(name)).map(({ name, params, signature, form }) => {
    const head = form.match(/^ \(func [^\n]*/)[0].replace(/\)$/, (last) => (form.includes("\n") ? last : ""));
    const values = params.map((_, place) => ` (local.get ${place})`).join("");
    return `${head}\n (call $need)\n (call_indirect ${TABLE}${signature}${values} (i32.const ${slots.get(name)}))\n)`;
  });
  const shared = new Map([[`table ${TABLE}`, "table"]]); // what the first part exports for the rest, and for its loader
  const share = (name) => shared.get(name) ?? shared.set(name, `$${shared.size.toString(36)}`).get(name);

  const taken = new Set(moved.flatMap(({ form }) => calledBy(form)).filter((name) => !isMoved.has(name)));
  const borrowed = [...taken].map((name) => imports.get(name) ?? ` (import "${FIRST}" "${share(name)}" (func ${name}${functions.get(name).signature}))`);
  const state = widened.flatMap((form) => {
    const [, kind, name, type] = form.match(/^ \((global|memory|table) (\$\S+) (.*)\)$/s) ?? [];
    if (!kind) return [];
    const plain = kind === "global" ? type.replace(/ \([^()]*\)$/, "") : type;
    return ` (import "${FIRST}" "${share(`${kind} ${name}`)}" (${kind} ${name} ${plain}))`;
  });
  const filled = moved.filter(({ name }) => slots.has(name)).flatMap(({ name }) => elements.flatMap(({ offset, names }) => names.flatMap((other, place) => (other === name ? [[offset + place, name]] : []))).concat(slots.get(name) > slot ? [[slots.get(name), name]] : []));
  filled.push([slot, moved[0].name]);
  filled.sort(([a], [b]) => a - b);

  return {
    slot,
    first: [
      ...widened.filter((form) => kindOf(form) === "type"),
      ` (import "${module}" "${field}" (func $load))`,
      ...widened.filter((form) => kindOf(form) !== "type" && !isMoved.has(functionOf(form)?.name)),
      ...[...shared].map(([name, as]) => ` (export "${as}" (${name.includes(" $") && !functions.has(name) ? name : `func ${name}`}))`),
      ` (func $need\n (if (ref.is_null (table.get ${TABLE} (i32.const ${slot}))) (then (call $load)))\n)`,
      ...stubs,
    ],
    rest: [
      ...widened.filter((form) => kindOf(form) === "type"),
      ...borrowed,
      ...state,
      ...runs(filled).map(([offset, names]) => ` (elem (table ${TABLE}) (i32.const ${offset}) func ${names.join(" ")})`),
      ...moved.map(({ form }) => form),
    ],
  };
}

/** Neighbours in the table, together. */
function runs(filled) {
  const together = [];
  for (const [place, name] of filled) {
    const last = together.at(-1);
    if (last && last[0] + last[1].length === place) last[1].push(name);
    else together.push([place, [name]]);
  }
  return together;
}
