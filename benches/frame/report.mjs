// The figures as tables.
import { WORKS } from "./works.mjs";

const PEERS = ["pandas", "polars", "plain JS", "Arquero", "DuckDB"];
const SCALE_TITLES = { rows: "rows", ids: "ids in 1,000,000 rows", window: "rows in a window, of 1,000,000" };
export const COLUMNS = [...PEERS, "plain Rust, native", "plain Rust, wasm", "millrace, native", "millrace, wasm"];

/** By work: median, fastest and slowest of each column, and how millrace in wasm compares. */
export function summary(millis) {
  const works = {};
  for (const work of Object.keys(WORKS)) {
    const columns = {};
    for (const column of COLUMNS.filter((column) => millis[column]?.[work])) {
      const sorted = millis[column][work].toSorted((x, y) => x - y);
      columns[column] = { median: median(sorted), fastest: sorted[0], slowest: sorted.at(-1), runs: sorted.length };
    }
    if (!Object.keys(columns).length) continue;
    const ours = columns["millrace, wasm"]?.median;
    const peers = PEERS.filter((peer) => columns[peer]).sort((x, y) => columns[x].median - columns[y].median);
    works[work] = {
      columns,
      fastestPeer: peers[0] ?? null,
      timesAsFastAsFastestPeer: ours && peers.length ? columns[peers[0]].median / ours : null,
      timesPlainRust: ours && columns["plain Rust, wasm"] ? ours / columns["plain Rust, wasm"].median : null,
    };
  }
  return works;
}

function median(sorted) {
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function frameTable({ rows, cores, processor, date, versions, works }) {
  const lines = [["", ...PEERS, "plain Rust", "", "millrace", "", "peer / ours", "ours / plain"], ["ms", "native", "native", "", "", "", "native", "wasm", "native", "wasm", "", ""]];
  for (const [work, { columns, timesAsFastAsFastestPeer, timesPlainRust }] of Object.entries(works)) {
    const cells = COLUMNS.map((column) => shown(columns[column]?.median));
    lines.push([WORKS[work], ...cells, shown(timesAsFastAsFastestPeer), shown(timesPlainRust)]);
  }
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  return [
    `\n${rows.toLocaleString("en")} rows, medians in milliseconds; ${cores} cores, ${processor}, ${date.slice(0, 10)}`,
    `"peer / ours" is how many times as fast millrace in wasm is as the fastest peer, "ours / plain" what it takes of the plain Rust loop in wasm`,
    aligned(lines),
    used,
  ].join("\n");
}

export function scaleTable(scales) {
  const tables = growth(scales).map(({ title, sizes, lines }) =>
    aligned([[title, ...sizes.map((size) => size.toLocaleString("en"))], ...lines.map(({ name, nanos }) => [name, ...nanos.map(shown)])]),
  );
  return `\nmillrace in wasm, nanoseconds a row\n${tables.join("\n\n")}\n`;
}

/** By what grows: its sizes, and for each work the nanoseconds a row at each of them. */
export function growth(scales) {
  return Object.entries(SCALE_TITLES).map(([unit, title]) => {
    const works = Object.keys(scales).filter((work) => work.endsWith(`_${unit}`));
    const sizes = Object.keys(scales[works[0]]);
    const lines = works.map((work) => ({ name: work.slice(0, -unit.length - 1).replace("_", " "), nanos: sizes.map((size) => scales[work][size]) }));
    return { title, sizes: sizes.map(Number), lines };
  });
}

/** Three digits, which is more than these machines repeat. */
function shown(number) {
  if (number === null || number === undefined) return "–";
  return number >= 100 ? number.toFixed(0) : number.toPrecision(3);
}

function aligned(lines) {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines.map((line) => line.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join("  ")).join("\n");
}
