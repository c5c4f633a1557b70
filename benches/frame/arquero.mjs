// Arquero. Its windows count rows and know no time, so it has no part in the rolling works. Its fold keeps the rows of
// one reading together, where pandas has those of one variable together: answers are brought into pandas' order.
import "/npm/arquero/dist/arquero.min.js"; // the build for browsers, which leaves a global behind
import { BATCHES_ANSWERED, VARIABLES, batchesOf, lowerBound, meltAnswer } from "./works.mjs";

const { aq } = globalThis;
const VARIABLE_ORDER = { timestamp: 0, value: 1 };
const BATCHES = 200; // batches in a run of batch_10

export function open(input) {
  const { id, variable, ids, a, b, c, d } = input;
  const rows = a.length;
  const wide = aq.table({ id, a, b, c, d });
  const codes = aq.table({ id, variable, a });
  const texts = aq.table({ id: input.texts(ids, id), variable: input.texts(VARIABLES, variable), a });
  const dates = Array.from(input.time, (nanos) => new Date(Number(nanos / 1_000_000n)));
  const readings = aq.table({ timestamp: dates, id: Array.from(id, (code) => ids[code]), value: a });
  const batches = batchesOf(BATCHES, rows, (row) => ({ timestamp: dates[row], id: ids[id[row]], value: a[row] }));

  const pivot = (table) => table.groupby("id").pivot("variable", { value: (row) => aq.op.mean(row.a) }).orderby("id").reify();
  return {
    melt_written: {
      run: () => wide.fold(VARIABLES),
      answer(melted) {
        const [ids, keys, values] = ["id", "key", "value"].map((name) => melted.array(name));
        const at = (i) => (i % rows) * VARIABLES.length + Math.floor(i / rows);
        return meltAnswer(values.length, (i) => [ids[at(i)], VARIABLES.indexOf(keys[at(i)]), values[at(i)]]);
      },
    },
    pivot_codes: {
      run: () => pivot(codes),
      answer(table) {
        const order = Array.from(ids.keys()).sort((x, y) => (ids[x] < ids[y] ? -1 : 1));
        return rowMajor(["0", "1", "2", "3"].map((name) => table.array(name)), order);
      },
    },
    pivot_text: {
      run: () => pivot(texts),
      answer: (table) => rowMajor(VARIABLES.map((name) => table.array(name)), ids.keys()),
    },
    range_json: {
      run: () => input.ranges.map(([first, last]) => {
        const offset = lowerBound(input.time, input.time[first]);
        const end = lowerBound(input.time, input.time[last] + 1n);
        return readings.toJSON({ type: "rows", offset, limit: end - offset });
      }),
      answer: (texts) => `[${texts.join()}]`,
      units: input.ranges.length,
    },
    batch_10: {
      run: () => batches.map(batchJson),
      answer(texts) {
        const answers = texts.slice(0, BATCHES_ANSWERED).map((text) => JSON.parse(text));
        for (const { melted } of answers) melted.sort((x, y) => VARIABLE_ORDER[x.variable] - VARIABLE_ORDER[y.variable]);
        return JSON.stringify(answers);
      },
      units: batches.length,
    },
  };
}

function rowMajor(columns, order) {
  return Float64Array.from(Array.from(order).flatMap((row) => columns.map((column) => column[row])));
}

/** Ten rows lie within five seconds, so a window over all rows so far answers as one over time would. */
function batchJson(events) {
  const rows = aq.from(events).orderby("timestamp").reify();
  const latest = rows.derive({ moving_avg: aq.rolling((row) => aq.op.mean(row.value)) });
  const melted = rows.fold(["timestamp", "value"], { as: ["variable", "val"] });
  const pivoted = rows
    .groupby("id")
    .rollup({ timestamp: (row) => aq.op.mean(row.timestamp), value: (row) => aq.op.mean(row.value) })
    .derive({ timestamp: aq.escape((row) => new Date(row.timestamp)) })
    .orderby("id");
  const json = (table) => table.toJSON({ type: "rows" });
  return `{"latest":${json(latest)},"melted":${json(melted)},"pivoted":${json(pivoted)}}`;
}
