// DuckDB as WebAssembly, in its own worker. Results are fetched as Arrow tables but for the melt, which is kept as a
// table of the database: of the two that is the faster for four million rows.
import * as arrow from "apache-arrow";
import * as duckdb from "duckdb";
import { BATCHES_ANSWERED, VARIABLES, batchesOf, isoPrinter, meltAnswer } from "./works.mjs";

const DIST = `${location.origin}/npm/@duckdb/duckdb-wasm/dist/`;
const BATCHES = 20; // batches in a run of batch_10

export async function open(input) {
  const { time, id, variable, ids, a, b, c, d } = input;
  const db = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), new Worker(`${DIST}duckdb-browser-eh.worker.js`));
  await db.instantiate(`${DIST}duckdb-eh.wasm`);
  const connection = await db.connect();
  const query = (sql) => connection.query(sql);
  await connection.insertArrowTable(arrow.tableFromArrays({ row: Uint32Array.from(a.keys()), time, id, variable, a, b, c, d }), { name: "input" });
  await connection.insertArrowTable(arrow.tableFromArrays({ code: Uint32Array.from(ids.keys()), text: ids }), { name: "ids" });
  const list = (texts) => texts.map((text) => `'${text}'`).join();
  // Codes become enums, DuckDB's categories; these sort by their place, so ids get theirs in the order of the texts.
  await query(`CREATE TYPE sensor AS ENUM (${list(ids.toSorted())})`);
  await query(`CREATE TYPE variable AS ENUM (${list(VARIABLES)})`);
  await query(`CREATE TABLE wide AS SELECT time, text::sensor AS id, id AS code, ([${list(VARIABLES)}])[variable + 1]::variable AS variable, a, b, c, d
               FROM input JOIN ids ON code = input.id ORDER BY row`);
  await query("CREATE TABLE texts AS SELECT id::VARCHAR AS id, variable::VARCHAR AS variable, a FROM wide");
  await query("CREATE TABLE readings AS SELECT time, id::VARCHAR AS id, a AS value FROM wide");
  const { version } = (await query("SELECT version() AS version")).get(0);

  const millis = (row) => Number(time[row] / 1_000_000n);
  const batches = batchesOf(BATCHES, a.length, (row) => ({ timestamp: millis(row), id: ids[id[row]], value: a[row] }));

  // Grouped by both keys before it is laid out: half the time of a PIVOT that does both.
  const pivot = (table) => ({
    run: () => query(`PIVOT (SELECT id, variable, avg(a) AS mean FROM ${table} GROUP BY id, variable)
                      ON variable IN (${list(VARIABLES)}) USING max(mean) GROUP BY id ORDER BY id`),
    answer(result) {
      const columns = VARIABLES.map((name) => result.getChild(name).toArray());
      return Float64Array.from({ length: result.numRows * columns.length }, (_, i) => columns[i % columns.length][Math.floor(i / columns.length)]);
    },
  });
  // Over whole nanoseconds the window without its first end is a closed one that is a nanosecond shorter.
  const rolling = (aggregate) => ({
    run: () => query(`SELECT ${aggregate}(a) OVER (ORDER BY time RANGE BETWEEN 4999999999 PRECEDING AND CURRENT ROW) AS result FROM wide`),
    answer(result) {
      const column = result.getChild("result");
      return Float64Array.from({ length: result.numRows }, (_, row) => column.get(row) ?? NaN);
    },
  });
  const rangeJson = async ([first, last]) =>
    recordsJson(await query(`SELECT time, id, value FROM readings WHERE time BETWEEN ${time[first]} AND ${time[last]}`));

  return {
    versions: { "duckdb (engine)": version },
    melt_written: {
      // Faster than UNPIVOT, and in pandas' order.
      run: () => query(`CREATE OR REPLACE TABLE melted AS ${VARIABLES.map((name) => `SELECT code, '${name}'::variable AS variable, ${name} AS value FROM wide`).join(" UNION ALL ")}`),
      async answer() {
        const result = await query("SELECT code, variable, value FROM melted");
        const [codes, variables, values] = ["code", "variable", "value"].map((name) => result.getChild(name));
        const [code, value] = [codes.toArray(), values.toArray()];
        return meltAnswer(value.length, (i) => [code[i], VARIABLES.indexOf(variables.get(i)), value[i]]);
      },
    },
    pivot_codes: pivot("wide"),
    pivot_text: pivot("texts"),
    rolling_mean: rolling("avg"),
    rolling_std: rolling("stddev_samp"),
    rolling_min: rolling("min"),
    rolling_median: rolling("median"),
    range_json: {
      async run() {
        const texts = [];
        for (const range of input.ranges) texts.push(await rangeJson(range));
        return texts;
      },
      answer: (texts) => `[${texts.join()}]`,
      units: input.ranges.length,
    },
    batch_10: {
      async run() {
        const texts = [];
        for (const events of batches) texts.push(await batchJson(query, events));
        return texts;
      },
      answer: (texts) => `[${texts.slice(0, BATCHES_ANSWERED).join()}]`,
      units: batches.length,
    },
  };
}

const isoMillis = isoPrinter();

/** DuckDB's own JSON is an extension that is loaded from another host, so the page writes it. */
function recordsJson(table) {
  const [times, ids, values] = ["time", "id", "value"].map((name) => table.getChild(name));
  const [time, value] = [times.toArray(), values.toArray()];
  const records = Array.from(value, (number, row) => `{"timestamp":"${isoMillis(Number(time[row] / 1_000_000n))}","id":"${ids.get(row)}","value":${number}}`);
  return `[${records.join()}]`;
}

async function batchJson(query, events) {
  const rows = events.map(({ timestamp, id, value }) => `(epoch_ms(${timestamp}), '${id}', ${value}::DOUBLE)`);
  await query(`CREATE OR REPLACE TEMP TABLE batch AS SELECT * FROM (VALUES ${rows.join()}) AS events(timestamp, id, value)`);
  const latest = await query(`SELECT strftime(timestamp, '%Y-%m-%dT%H:%M:%S.%gZ') AS timestamp, id, value, avg(value) OVER
    (ORDER BY timestamp RANGE BETWEEN INTERVAL 4999 MILLISECONDS PRECEDING AND CURRENT ROW) AS moving_avg FROM batch ORDER BY batch.timestamp`);
  // A column has one type here, so instants and numbers are melted as text.
  const melted = await query(`SELECT id, 'timestamp' AS variable, strftime(timestamp, '%Y-%m-%dT%H:%M:%S.%gZ') AS val FROM batch
    UNION ALL SELECT id, 'value', value::VARCHAR FROM batch`);
  const pivoted = await query(`SELECT id, strftime(epoch_ms(avg(epoch_ms(timestamp))::BIGINT), '%Y-%m-%dT%H:%M:%S.%gZ') AS timestamp, avg(value) AS value
    FROM batch GROUP BY id ORDER BY id`);
  const json = (table) => JSON.stringify(table.toArray());
  return `{"latest":${json(latest)},"melted":${json(melted)},"pivoted":${json(pivoted)}}`;
}
