// Plain JavaScript over typed arrays: what an engineer writes who needs these answers fast and no library.
import { BATCHES_ANSWERED, VARIABLES, batchesOf, isoPrinter, lowerBound, meltAnswer } from "./works.mjs";

const WINDOW_NANOS = 5e9;
const isoMillis = isoPrinter();
const BATCHES = 1000; // batches in a run of batch_10

/** @returns the works of this participant: what is timed, and what turns its result into an answer. */
export function open(input) {
  const { id, variable, ids, a, b, c, d } = input;
  // Nanoseconds since the first row are whole numbers that a double holds, so that nothing below needs BigInts.
  const time = Float64Array.from(input.time, (nanos) => Number(nanos - input.time[0]));
  const startMillis = Number(input.time[0] / 1_000_000n);
  const startNanos = Number(input.time[0] % 1_000_000n);
  const millis = (row) => startMillis + Math.floor((time[row] + startNanos) / 1e6);

  const reused = meltBuffers(a.length * VARIABLES.length);
  const [idOrder, variableOrder] = [inOrder(ids), inOrder(VARIABLES)];
  const idTexts = input.texts(ids, id);
  const variableTexts = input.texts(VARIABLES, variable);
  const batches = batchesOf(BATCHES, a.length, (row) => ({ timestamp: millis(row), id: ids[id[row]], value: a[row] }));

  const meltedAnswer = (melted) => meltAnswer(melted.id.length, (row) => [melted.id[row], melted.variable[row], melted.value[row]]);
  const record = (row) => `{"timestamp":"${isoMillis(millis(row))}","id":"${ids[id[row]]}","value":${a[row]}}`;
  const rolling = (kernel) => ({ run: () => kernel(time, a), answer: (result) => result });
  return {
    melt_written: { run: () => melt(id, [a, b, c, d], meltBuffers(a.length * VARIABLES.length)), answer: meltedAnswer },
    melt_reused: { run: () => melt(id, [a, b, c, d], reused), answer: meltedAnswer },
    pivot_codes: { run: () => pivotCodes(id, idOrder, variable, variableOrder, a), answer: (table) => table.means },
    pivot_text: { run: () => pivotTexts(idTexts, variableTexts, a), answer: (table) => table.means },
    rolling_mean: rolling(rollingMean),
    rolling_std: rolling(rollingStd),
    rolling_min: rolling(rollingMin),
    rolling_median: rolling(rollingMedian),
    range_json: {
      run: () => input.ranges.map(([first, last]) => rangeJson(time, time[first], time[last], record)),
      answer: (texts) => `[${texts.join()}]`,
      units: input.ranges.length,
    },
    batch_10: {
      run: () => batches.map(batchJson),
      answer: (texts) => `[${texts.slice(0, BATCHES_ANSWERED).join()}]`,
      units: batches.length,
    },
  };
}

function meltBuffers(rows) {
  return { id: new Uint32Array(rows), variable: new Uint32Array(rows), value: new Float64Array(rows) };
}

function melt(id, columns, into) {
  const rows = id.length;
  for (const [code, column] of columns.entries()) {
    into.id.set(id, code * rows);
    into.variable.fill(code, code * rows, (code + 1) * rows);
    into.value.set(column, code * rows);
  }
  return into;
}

/** Means by id and variable, which come as codes; `index` and `columns` are these codes in the order of their texts. */
function pivotCodes(id, index, variable, columns, value) {
  const width = columns.length;
  const sums = new Float64Array(index.length * width);
  const counts = new Uint32Array(index.length * width);
  for (let row = 0; row < id.length; row++) {
    const cell = id[row] * width + variable[row];
    sums[cell] += value[row];
    counts[cell]++;
  }
  const means = new Float64Array(sums.length);
  let at = 0;
  for (const idCode of index) {
    for (const column of columns) {
      const cell = idCode * width + column;
      means[at++] = sums[cell] / counts[cell];
    }
  }
  return { index, columns, means };
}

function inOrder(texts) {
  return Uint32Array.from(texts.keys()).sort((x, y) => (texts[x] < texts[y] ? -1 : 1));
}

/** The same over texts, which are given codes first. */
function pivotTexts(id, variable, value) {
  const [ids, idTexts] = encode(id);
  const [variables, variableTexts] = encode(variable);
  return pivotCodes(ids, inOrder(idTexts), variables, inOrder(variableTexts), value);
}

function encode(texts) {
  const codes = new Map();
  const encoded = new Uint32Array(texts.length);
  for (let row = 0; row < texts.length; row++) {
    let code = codes.get(texts[row]);
    if (code === undefined) codes.set(texts[row], (code = codes.size));
    encoded[row] = code;
  }
  return [encoded, [...codes.keys()]];
}

function rollingMean(time, value) {
  const result = new Float64Array(value.length);
  let sum = 0;
  for (let row = 0, first = 0; row < value.length; row++) {
    const start = time[row] - WINDOW_NANOS;
    sum += value[row];
    while (time[first] <= start) sum -= value[first++];
    result[row] = sum / (row + 1 - first);
  }
  return result;
}

/** Welford's update, which also runs backwards for the rows that leave. */
function rollingStd(time, value) {
  const result = new Float64Array(value.length);
  let mean = 0;
  let squares = 0;
  let count = 0;
  for (let row = 0, first = 0; row < value.length; row++) {
    const start = time[row] - WINDOW_NANOS;
    for (; time[first] <= start; first++) {
      const delta = value[first] - mean;
      count--;
      mean = count === 0 ? 0 : mean - delta / count;
      squares = count === 0 ? 0 : squares - delta * (value[first] - mean);
    }
    const delta = value[row] - mean;
    mean += delta / ++count;
    squares += delta * (value[row] - mean);
    result[row] = count > 1 ? Math.sqrt(Math.max(squares, 0) / (count - 1)) : NaN;
  }
  return result;
}

/** Keeps the readings that can still become the smallest: their values rise from front to back. */
function rollingMin(time, value) {
  const result = new Float64Array(value.length);
  const values = new Float64Array(value.length);
  const times = new Float64Array(value.length);
  let front = 0;
  let back = 0;
  for (let row = 0; row < value.length; row++) {
    const start = time[row] - WINDOW_NANOS;
    while (front < back && values[back - 1] >= value[row]) back--;
    values[back] = value[row];
    times[back++] = time[row];
    while (times[front] <= start) front++;
    result[row] = values[front];
  }
  return result;
}

/** Keeps the window sorted; at these widths moving some values along is faster than any tree. */
function rollingMedian(time, value) {
  const result = new Float64Array(value.length);
  let sorted = new Float64Array(1024);
  let count = 0;
  for (let row = 0, first = 0; row < value.length; row++) {
    const start = time[row] - WINDOW_NANOS;
    for (; time[first] <= start; first++) {
      const at = lowerBound(sorted, value[first], count);
      sorted.copyWithin(at, at + 1, count--);
    }
    if (count === sorted.length) {
      const wider = new Float64Array(count * 2);
      wider.set(sorted);
      sorted = wider;
    }
    const at = lowerBound(sorted, value[row], count);
    sorted.copyWithin(at + 1, at, count++);
    sorted[at] = value[row];
    const middle = count >>> 1;
    result[row] = count % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
  return result;
}

/** The rows of a closed range of time, found by bisection, as one text. */
function rangeJson(time, start, end, record) {
  const rows = [];
  for (let row = lowerBound(time, start); row < time.length && time[row] <= end; row++) rows.push(record(row));
  return `[${rows.join()}]`;
}

function batchJson(events) {
  const rows = events.toSorted((x, y) => x.timestamp - y.timestamp);
  const texts = rows.map((row) => isoMillis(row.timestamp));
  let sum = 0;
  let first = 0;
  const latest = rows.map(({ timestamp, id, value }, row) => {
    sum += value;
    while (rows[first].timestamp <= timestamp - 5000) sum -= rows[first++].value;
    return { timestamp: texts[row], id, value, moving_avg: sum / (row + 1 - first) };
  });
  const melted = [
    ...rows.map(({ id }, row) => ({ id, variable: "timestamp", val: texts[row] })),
    ...rows.map(({ id, value }) => ({ id, variable: "value", val: value })),
  ];
  const groups = new Map();
  for (const { timestamp, id, value } of rows) {
    const group = groups.get(id);
    if (group) (group.timestamp += timestamp), (group.value += value), group.count++;
    else groups.set(id, { id, timestamp, value, count: 1 });
  }
  const pivoted = [...groups.values()]
    .sort((x, y) => (x.id < y.id ? -1 : 1))
    .map(({ id, timestamp, value, count }) => ({ id, timestamp: isoMillis(timestamp / count), value: value / count }));
  return JSON.stringify({ latest, melted, pivoted });
}
