// What the participants in the browser share with each other and with the harness.
export const VARIABLES = ["a", "b", "c", "d"];
export const BATCHES_ANSWERED = 16; // of batch_10: the first batches stand for all

/** The rows of the table, in order. Answers are Float64Arrays, but for those that are JSON texts. */
export const WORKS = {
  melt_written: "melt: id + 4 columns to 4 rows each",
  melt_reused: "  into reused buffers",
  melt_view: "  as a view, unwritten",
  pivot_codes: "pivot mean: 1,000 ids x 4, keys as codes",
  pivot_text: "  keys as text",
  rolling_mean: "rolling 5s mean, 100 rows in a window",
  rolling_std: "  std",
  rolling_min: "  min",
  rolling_median: "  median",
  range_json: "1% of the time as JSON records",
  batch_10: "a batch of 10: three tables as JSON",
};
export const TEXT_WORKS = ["range_json", "batch_10"];

/**
 * The ranges of `range_json` as first and last row, both included: 1% of the rows each, from places that look random
 * and need no table, the fractions of multiples of the golden ratio. Peers in other languages repeat these lines.
 */
export function ranges(rows) {
  const length = Math.max(1, Math.floor(rows / 100));
  return Array.from({ length: 16 }, (_, i) => {
    const first = Math.floor(((i * 0.618033988749895) % 1) * (rows - length));
    return [first, first + length - 1];
  });
}

/** The first rows as batches of ten events. */
export function batchesOf(count, rows, event) {
  const batches = Math.min(count, Math.floor(rows / 10));
  return Array.from({ length: batches }, (_, batch) => Array.from({ length: 10 }, (_, i) => event(batch * 10 + i)));
}

/**
 * A melted frame's answer: its rows, the sum of each variable's values, and id code, variable code and value of 1,000
 * rows (or of as many as there are), 3,999 rows apart. `row(i)` reads these three of row i in pandas' order, which has
 * all of one variable before the next.
 */
export function meltAnswer(rows, row) {
  const sums = [0, 0, 0, 0];
  const samples = [];
  for (let i = 0; i < rows; i++) {
    const [id, variable, value] = row(i);
    sums[variable] += value;
    if (i % 3999 === 0 && i < 3999 * 1000) samples.push(id, variable, value);
  }
  return Float64Array.of(rows, ...sums, ...samples);
}

/** Prints instants; those that follow each other share all but their milliseconds, which saves most of the work. */
export function isoPrinter() {
  let second = NaN;
  let prefix = "";
  return (millis) => {
    const current = Math.floor(millis / 1000);
    if (current !== second) {
      second = current;
      prefix = new Date(current * 1000).toISOString().slice(0, -4);
    }
    return `${prefix}${String(Math.floor(millis - current * 1000)).padStart(3, "0")}Z`;
  };
}

/** Where the first value that is not below the wanted one stands, among all or as many as are said. */
export function lowerBound(sorted, wanted, count = sorted.length) {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
