// Cuts a program in two: what a first visit runs, and the rest, which comes when the page stands, or when somebody wants it
// sooner. Both share memory, stack and table, so that neither knows where the other begins. In the first part each function
// of the rest is a few bytes that let the rest be loaded if need be, and call it through the table; the rest puts itself
// there when it starts.
import { calledBy, elementsOf, exportOf, functionOf, importOf, kindOf } from "./wat.mjs";

/** What the rest calls the first part. */
const FIRST = "first";

/**
 * The two parts of a module.
 * @param {string[]} forms of the whole
 * @param {(name: string) => boolean} isFirst whether a function belongs to the first part
 * @param {{module: string, field: string}} load the import that loads the rest
 * @returns {{first: string[], rest: string[], slot: number}} a place in the table that is empty until the rest is there
 */
export function split(forms, isFirst, load) {
  const functions = new Map(forms.map(functionOf).filter(Boolean).map((found) => [found.name, found]));
  const imports = new Map(forms.filter(importOf).map((form) => [importOf(form).name, form]));
  const moved = [...functions.values()].filter(({ name }) => !isFirst(name));
  const isMoved = new Set(moved.map(({ name }) => name));
  const isLeft = (form) => !isMoved.has(functionOf(form)?.name);

  const table = new Table(forms);
  const slot = table.add(moved[0].name);
  const called = new Set(forms.filter(isLeft).flatMap((form) => exportOf(form)?.name ?? calledBy(form)));
  for (const { name } of moved) if (called.has(name) && table.placeOf(name) === undefined) table.add(name);

  const shared = new Map(); // what the first part exports for the rest: what it is, and under which name
  const share = (what, as = `$${shared.size.toString(36)}`) => shared.get(what) ?? shared.set(what, as).get(what);
  const borrow = (name) => imports.get(name) ?? ` (import "${FIRST}" "${share(`func ${name}`)}" (func ${name}${functions.get(name).signature}))`;
  const borrowed = new Set(moved.flatMap(({ form }) => calledBy(form)).filter((name) => !isMoved.has(name)));
  const state = forms.map((form) => (form === table.declared ? table.declaration() : form)).flatMap((form) => {
    const { what, type } = stateOf(form) ?? {};
    return what ? [` (import "${FIRST}" "${share(what, form.includes(" funcref)") ? "table" : undefined)}" (${what} ${type}))`] : [];
  });

  const types = forms.filter((form) => kindOf(form) === "type");
  const others = forms.filter((form) => kindOf(form) !== "type" && isLeft(form));
  const rest = [...types, ...[...borrowed].map(borrow), ...state, ...table.elements(isMoved), ...moved.map(({ form }) => form)];
  const first = [
    ...types,
    ` (import "${load.module}" "${load.field}" (func $load))`,
    ...others.map((form) => (form === table.declared ? table.declaration() : form)),
    ...[...shared].map(([what, as]) => ` (export "${as}" (${what}))`),
    ` (func $need (if (ref.is_null (table.get ${table.name} (i32.const ${slot}))) (then (call $load))))`,
    ...moved.filter(({ name }) => table.placeOf(name) !== undefined).map((found) => table.stub(found)),
  ];
  return { first, rest, slot };
}

/** What both parts read and write, such as `memory $0`, and its type. */
function stateOf(form) {
  const [, kind, name, type] = form.match(/^ \((global|memory|table) (\$\S+) (.*)\)$/s) ?? [];
  return kind && { what: `${kind} ${name}`, type: kind === "global" ? type.replace(/ \([^()]*\)$/, "") : type };
}

/** The program's table of functions. */
class Table {
  constructor(forms) {
    this.declared = forms.find((form) => form.endsWith(" funcref)") && kindOf(form) === "table");
    [, this.name, this.size] = this.declared.match(/\(table (\S+) (\d+)/);
    this.size = Number(this.size);
    /** Pairs of a place and the function that stands there. */
    this.entries = forms.map(elementsOf).filter(Boolean).flatMap(({ offset, names }) => names.map((name, at) => [offset + at, name]));
    this.places = new Map(this.entries.map(([place, name]) => [name, place]));
  }
  placeOf(name) {
    return this.places.get(name);
  }
  /** Makes room for a function behind all others. */
  add(name) {
    this.places.set(name, this.size);
    this.entries.push([this.size, name]);
    return this.size++;
  }
  declaration() {
    return ` (table ${this.name} ${this.size} ${this.size} funcref)`;
  }
  /** A function of the first part that calls the one of the same name in the rest. */
  stub({ name, params, signature }) {
    const values = params.map((_, at) => ` (local.get ${at})`).join("");
    return ` (func ${name}${signature} (call $need) (call_indirect ${this.name}${signature}${values} (i32.const ${this.placeOf(name)})))`;
  }
  /** Forms that put these functions in their places. */
  elements(names) {
    const runs = [];
    for (const [place, name] of this.entries.filter(([, name]) => names.has(name)).sort(([a], [b]) => a - b)) {
      const run = runs.at(-1);
      if (run?.end === place) run.names.push(name), run.end++;
      else runs.push({ start: place, end: place + 1, names: [name] });
    }
    return runs.map(({ start, names }) => ` (elem (table ${this.name}) (i32.const ${start}) func ${names.join(" ")})`);
  }
}
