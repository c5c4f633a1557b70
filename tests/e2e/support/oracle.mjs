// What the pipeline must answer, computed the slow and obvious way.

const WINDOW_NANOS = 5_000_000_000n;

/** Nanoseconds since the epoch of an ISO 8601 text; without an offset it is read as UTC, the time zone of these tests. */
export function nanosOf(text) {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (!match) throw new Error(`"${text}" is no timestamp`);
  const [, date, time, fraction = "", offset = "Z"] = match;
  const millis = Date.parse(`${date}T${time}${offset}`);
  if (Number.isNaN(millis)) throw new Error(`"${text}" is no timestamp`);
  return BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** The instant as the API prints it: no fraction when it is zero, else six digits, or nine when they are needed. */
export function textOf(nanos) {
  const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = new Date(Number((nanos - fraction) / 1_000_000n)).toISOString().slice(0, 19);
  if (fraction === 0n) return seconds;
  const digits = String(fraction).padStart(9, "0");
  return `${seconds}.${digits.endsWith("000") ? digits.slice(0, 6) : digits}`;
}

/** The rows in time order, equal times in order of arrival, each with its instant in `nanos`. */
export function inTimeOrder(rows) {
  return rows
    .map(({ timestamp, id, value }) => ({ nanos: nanosOf(timestamp), id, value }))
    .sort((a, b) => (a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0));
}

/**
 * The answer that holds these rows.
 * @param {object[]} matched rows of {@link inTimeOrder}, the ones in the answer
 * @param {object[]} stream rows of {@link inTimeOrder} that windows look back over, `matched` among them
 */
export function answerOf(matched, stream = matched) {
  if (matched.length === 0) return {};
  const place = new Map(stream.map((row, index) => [row, index]));
  const latest = matched.map((row) => ({
    timestamp: textOf(row.nanos),
    id: row.id,
    value: row.value,
    moving_avg: movingAverage(stream, place.get(row)),
  }));
  return { latest, melted: melt(latest), pivoted: pivot(matched) };
}

/** The mean over (t - 5 s, t]: of rows with equal times, each sees itself and the earlier ones. */
function movingAverage(stream, index) {
  const window = [];
  for (let i = index; i >= 0 && stream[i].nanos > stream[index].nanos - WINDOW_NANOS; i--) window.push(stream[i].value);
  return mean(window);
}

function melt(rows) {
  return ["timestamp", "value"].flatMap((variable) => rows.map((row) => ({ id: row.id, variable, val: row[variable] })));
}

function pivot(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.id, [...(groups.get(row.id) ?? []), row]);
  return [...groups]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([id, group]) => ({
      id,
      timestamp: textOf(group.reduce((sum, row) => sum + row.nanos, 0n) / BigInt(group.length)),
      value: mean(group.map((row) => row.value)),
    }));
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
