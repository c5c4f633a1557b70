// The same rows in other hands: uPlot alone, and Perspective. Each function runs in a page of its own.

/** uPlot with so many points of two series, given the next ones at each frame; the window slides over what was made before. */
export function drawWithUPlot({ rows, rowsAFrame, width, height }) {
  const all = rows * 3;
  const columns = [new Float64Array(all), new Float64Array(all), new Float64Array(all)];
  for (let row = 0, moving = 55; row < all; row++) {
    const value = 10 + 90 * Math.random();
    moving += (value - moving) / 500;
    [columns[0][row], columns[1][row], columns[2][row]] = [row / 1e5, value, moving];
  }
  const at = (first) => columns.map((column) => column.subarray(first, first + rows));
  const series = [{}, { stroke: "#5d9fac" }, { stroke: "#b8650a", width: 2 }];
  const plot = new uPlot({ width, height, series, scales: { x: { time: false } } }, at(0), document.body);
  let first = 0;
  const draw = () => {
    first = (first + rowsAFrame) % (all - rows);
    plot.setData(at(first));
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
}

/** Perspective's viewer with a table of so many rows. */
export async function openPerspective({ base, rows, plugin, columns }) {
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${base}@finos/perspective-viewer/dist/css/pro.css` });
  document.head.append(style);
  const [{ default: perspective }] = await Promise.all([
    import(`${base}@finos/perspective/dist/cdn/perspective.js`),
    import(`${base}@finos/perspective-viewer/dist/cdn/perspective-viewer.js`),
  ]);
  await Promise.all(["datagrid", "d3fc"].map((name) => import(`${base}@finos/perspective-viewer-${name}/dist/cdn/perspective-viewer-${name}.js`)));
  const client = await perspective.worker();
  const table = await client.table({ timestamp: "datetime", id: "string", value: "float", moving_avg: "float" }, { limit: rows });
  let [next, moving] = [0, 55];
  const start = Date.now();
  const batch = (count) => {
    const made = { timestamp: [], id: [], value: [], moving_avg: [] };
    for (let row = 0; row < count; row++, next++) {
      const value = 10 + 90 * Math.random();
      moving += (value - moving) / 500;
      made.timestamp.push(start + Math.floor(next / 100));
      made.id.push(`sensor-${next % 100}`);
      made.value.push(value);
      made.moving_avg.push(moving);
    }
    return made;
  };
  for (let done = 0; done < rows; done += 50_000) await table.update(batch(50_000));
  // What is streamed later comes as Arrow, which it takes fastest.
  const view = await table.view();
  const parts = await Promise.all(Array.from({ length: 10 }, (_, part) => view.to_arrow({ start_row: part * 10_000, end_row: (part + 1) * 10_000 })));
  await view.delete();
  const viewer = document.createElement("perspective-viewer");
  viewer.style.cssText = "position: fixed; inset: 0";
  document.body.replaceChildren(viewer);
  await viewer.load(table);
  await viewer.restore({ plugin, columns, settings: false });
  await viewer.flush();
  const drawn = await viewer.getPlugin();
  /** Adds 10,000 rows ten times a second until the page ends, as far as they are taken; counts these. */
  globalThis.stream = () => {
    globalThis.streamed = 0;
    let waiting = 0;
    let last = Promise.resolve();
    const next = async (part) => {
      await table.update(parts[part]);
      globalThis.streamed += 10_000;
      waiting--;
    };
    let turn = 0;
    setInterval(() => {
      if (waiting > 2) return;
      waiting++;
      const part = turn++ % parts.length;
      last = last.then(() => next(part));
    }, 100);
  };
  return { rows: await table.size(), most: drawn.max_cells };
}
