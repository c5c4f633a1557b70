// The peers, each of which reads the chosen file: `(file, measures) => { rows, sums }`. Their code is loaded before the clock
// starts, as a page that uses them has done.
const readers = {
  async duckdb() {
    const duckdb = await import("duckdb");
    const dist = `${location.origin}/npm/@duckdb/duckdb-wasm/dist/`;
    const db = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), new Worker(`${dist}duckdb-browser-eh.worker.js`));
    await db.instantiate(`${dist}duckdb-eh.wasm`);
    const connection = await db.connect();
    return async (file, measures) => {
      await db.registerFileHandle(file.name, file, duckdb.DuckDBDataProtocol.BROWSER_FILEREADER, true);
      await connection.query(`CREATE TABLE events AS SELECT * FROM read_csv('${file.name}')`);
      const sums = measures.map((name) => `sum(${name}) AS ${name}`);
      const found = (await connection.query(`SELECT count(*) AS rows, ${sums.join()} FROM events`)).get(0);
      return { rows: Number(found.rows), sums: measures.map((name) => Number(found[name])) };
    };
  },

  async arquero() {
    // The build for browsers, which leaves a global behind.
    await import("/npm/arquero/dist/arquero.min.js");
    const { aq } = globalThis;
    return async (file, measures) => {
      const table = aq.fromCSV(await file.text());
      const sums = table.rollup(Object.fromEntries(measures.map((name) => [name, aq.op.sum(name)]))).object();
      return { rows: table.numRows(), sums: measures.map((name) => sums[name]) };
    };
  },

  async papaparse() {
    // It takes `this` for the window, which a module has not.
    await new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: "/npm/papaparse/papaparse.min.js", onload: resolve, onerror: reject });
      document.head.append(script);
    });
    const { Papa } = globalThis;
    return (file, measures) =>
      new Promise((resolve, reject) => {
        const found = { rows: 0, sums: measures.map(() => 0) };
        const chunk = ({ data }) => {
          found.rows += data.length;
          for (const row of data) measures.forEach((name, at) => (found.sums[at] += row[name]));
        };
        Papa.parse(file, { header: true, dynamicTyping: true, skipEmptyLines: true, chunk, complete: () => resolve(found), error: reject });
      });
  },
};

globalThis.readFile = async (name, measures) => {
  const read = await readers[name]();
  const [file] = document.querySelector("input").files;
  const started = performance.now();
  const found = await read(file, measures);
  return { ...found, millis: performance.now() - started };
};
globalThis.readers = readers;
