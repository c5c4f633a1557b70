// The README's figures, between two marks of its section "Speed": the table of works and the picture of growth. A full run of
// `make bench` writes them; this writes them again from a stored result:
//
//   node benches/frame/readme.mjs [target/bench/frame.json]
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { PICTURES, drawGrowth } from "./growth.mjs";
import { growth } from "./report.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const README = join(ROOT, "README.md");
const BEGIN = "<!-- figures of make bench: begin -->";
const END = "<!-- figures of make bench: end -->";
const ROWS = 1_000_000;
const LINE_LENGTH = 120;

const OURS = "millrace, wasm";
const PLAIN = "plain JS";
/** The README's columns by those of the result. */
const COLUMNS = { [OURS]: "millrace", [PLAIN]: PLAIN, Arquero: "Arquero", DuckDB: "DuckDB", pandas: "pandas, native", polars: "polars, native" };
/** The versions that the README names, by their names in the result. */
const VERSIONS = { pandas: "pandas", polars: "polars", "@duckdb/duckdb-wasm": "DuckDB-wasm", arquero: "Arquero" };
const NAMES = {
  melt_written: "melt: id and 4 columns to 4,000,000 rows, written out",
  melt_view: "the same as a view",
  pivot_codes: "pivot mean, 1,000 ids x 4, keys coded",
  pivot_text: "the same, keys as text",
  rolling_mean: "rolling `5s` mean, 100 rows in a window",
  rolling_std: "rolling std",
  rolling_min: "rolling min",
  rolling_median: "rolling median",
  range_json: "1% of the time as JSON records",
  batch_10: "a batch of 10: three tables as JSON",
};

/** What plain JavaScript leaves out: of works that add values up both, of others that read them the missing values. */
const NOTES = [
  "plain JavaScript does not compensate its sums, as millrace and pandas do, and has no missing values",
  "plain JavaScript has no missing values",
];
const NOTE_OF_WORK = { pivot_codes: 1, pivot_text: 1, rolling_mean: 1, batch_10: 1, rolling_std: 2, rolling_min: 2, rolling_median: 2, range_json: 2 };

/** What a result lacks of the README's figures; nothing where it comes from a full run. */
export function gaps({ rows, works, scales }) {
  const columns = Object.entries(COLUMNS).filter(([column]) => !Object.values(works).some(({ columns }) => columns[column]));
  const names = Object.entries(NAMES).filter(([work]) => !works[work]?.columns[OURS]);
  return [
    ...(rows === ROWS ? [] : [`${ROWS.toLocaleString("en")} rows`]),
    ...columns.map(([, title]) => `figures of ${title}`),
    ...(columns.some(([column]) => column === OURS) ? [] : names.map(([, name]) => `figure of millrace for "${name}"`)),
    ...(scales ? [] : ["curves of growth"]),
  ];
}

/** A result as Markdown: what was measured where, the table, its notes, and the picture of growth. */
export function figures(result) {
  const { cores, processor, date, versions } = result;
  const used = Object.entries(VERSIONS).map(([name, title]) => `${title} ${versions[name]}`);
  const browser = `Chromium ${versions.chromium.split(".")[0]}`;
  const notes = NOTES.map((note, i) => `${mark(i + 1)} ${note}`).join("; ");
  return [
    wrapped(`Medians of one run in milliseconds, on ${cores} cores, ${processor} (${[`${date.slice(0, 10)}; ${used[0]}`, ...used.slice(1), browser].join(", ")}):`),
    table(result.works),
    wrapped(`${notes}. Where keys are text, finding out which are equal is part of the time.`),
    picture(result.scales),
  ].join("\n\n");
}

function table(works) {
  const head = ["work", ...Object.values(COLUMNS), "fastest peer / millrace"];
  const rows = Object.entries(NAMES).map(([work, name]) => {
    const { columns = {}, fastestPeer, timesAsFastAsFastestPeer } = works[work] ?? {};
    const note = NOTE_OF_WORK[work];
    const noted = (text, column) => (text && note && column === PLAIN ? `${text} ${mark(note)}` : text);
    const cells = Object.keys(COLUMNS).map((column) => noted(shown(columns[column]?.median), column));
    return [name, ...cells, noted(shown(timesAsFastAsFastestPeer), fastestPeer)];
  });
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `|${cells.map((cell) => (cell === "---" ? cell : cell ? ` ${cell} ` : " ")).join("|")}|`).join("\n");
}

function picture(scales) {
  const charts = growth(scales).map(({ title, sizes, lines }) => {
    const [first, last] = [sizes[0], sizes.at(-1)].map((size) => size.toLocaleString("en"));
    const ends = lines.map(({ name, nanos }) => `${name} from ${shown(nanos[0])} to ${shown(nanos.at(-1))}`);
    return `from ${first} to ${last} ${title}: ${ends.join(", ")}`;
  });
  return [
    "How the cost of a row grows in millrace; both axes are logarithmic, and a row of melt is one of its result:",
    "",
    "<picture>",
    `  <source media="(prefers-color-scheme: dark)" srcset="${PICTURES.dark}" />`,
    `  <img src="${PICTURES.light}" alt="Three charts of nanoseconds a row; ${charts.join("; ")}" />`,
    "</picture>",
  ].join("\n");
}

/** The README with other figures between its marks. */
export function replaceFigures(readme, markdown) {
  const [begin, end] = [BEGIN, END].map((text) => readme.indexOf(text));
  if (begin < 0 || end < begin) throw new Error(`README.md has no place for the figures: write "${BEGIN}" and "${END}" into its section "Speed", each on a line of its own.`);
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${markdown}\n\n${readme.slice(end)}`;
}

/** Draws the pictures and writes the README; answers the paths of what was written. */
export async function writeReadme(result) {
  const readme = replaceFigures(await readFile(README, "utf8"), figures(result));
  // First, so that the README shows no picture that is missing or older.
  await drawGrowth(growth(result.scales), ROOT);
  await writeFile(README, readme);
  return ["README.md", ...Object.values(PICTURES)];
}

/** Two digits, as these machines repeat no more. */
function shown(number) {
  if (number === null || number === undefined) return "";
  if (number < 0.01) return "below 0.01";
  return number >= 99.5 ? number.toFixed(0) : number.toPrecision(2);
}

function mark(note) {
  return `<sup>${note}</sup>`;
}

/** A paragraph in lines as long as the README's. */
function wrapped(text) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1).length + word.length >= LINE_LENGTH) lines.push("");
    lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines.join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = process.argv[2] ?? join(ROOT, "target/bench/frame.json");
  const result = JSON.parse(await readFile(path, "utf8"));
  const missing = gaps(result);
  if (missing.length) {
    console.error(`README.md stays as it is: ${path} has no ${missing.join(", no ")}.`);
    process.exit(1);
  }
  for (const written of await writeReadme(result)) console.log(`wrote ${written}`);
}
