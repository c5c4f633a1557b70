// The picture of growth: nanoseconds a row against rows, ids and rows in a window, drawn by uPlot in headless Chromium.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "../../tests/e2e/support/browsers.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const UPLOT = join(ROOT, "node_modules/uplot/dist");
/** The pictures by colour scheme, as paths from the project's folder. */
export const PICTURES = { light: "docs/growth-light.png", dark: "docs/growth-dark.png" };
/** As wide as GitHub shows a README, so that texts keep their size. */
const WIDTH = 840;
const PIXELS = 2; // of the picture for one of the page
/** Of works in the order in which they come; dash and marker too, so that lines do not depend on colour alone. */
const STYLES = [
  { colour: "--series-1", dash: [], marker: "circle" },
  { colour: "--series-2", dash: [6, 3], marker: "square" },
  { colour: "--series-3", dash: [2, 2], marker: "triangle" },
  { colour: "--series-4", dash: [10, 3, 2, 3], marker: "diamond" },
  { colour: "--series-5", dash: [4, 4], marker: "cross" },
];
const STYLE = `
  body { margin: 0; width: ${WIDTH}px; font: 12px var(--sans); color: var(--ink); }
  main { display: grid; grid-template: auto auto / repeat(3, 1fr); padding: 12px 8px 8px; background: var(--surface); }
  section { display: grid; grid-row: span 2; grid-template-rows: subgrid; }
  ul { align-self: end; margin: 0; padding: 0 0 4px 58px; list-style: none; }
  li { display: flex; align-items: center; gap: 6px; height: 18px; }
  li canvas { width: 40px; height: 14px; }`;

/**
 * Draws charts into the two pictures below a folder.
 * @param {{ title: string, sizes: number[], lines: { name: string, nanos: number[] }[] }[]} charts
 * @param {string} folder
 */
export async function drawGrowth(charts, folder) {
  const browser = await launch();
  try {
    for (const [colorScheme, path] of Object.entries(PICTURES)) {
      const page = await browser.newPage({ colorScheme, viewport: { width: WIDTH, height: 600 }, deviceScaleFactor: PIXELS });
      const errors = [];
      page.on("pageerror", (error) => errors.push(error));
      await page.setContent("<!doctype html><main></main>");
      for (const file of [join(ROOT, "style/tokens.css"), join(UPLOT, "uPlot.min.css")]) await page.addStyleTag({ path: file });
      await page.addStyleTag({ content: STYLE });
      await page.addScriptTag({ path: join(UPLOT, "uPlot.iife.min.js") });
      await page.evaluate(draw, { charts, styles: STYLES });
      if (errors.length) throw errors[0];
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await page.locator("main").screenshot({ path: join(folder, path) });
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

/** Runs in the page. All charts have one vertical scale, so that they can be compared. */
async function draw({ charts, styles }) {
  const colour = (token) => {
    const probe = document.body.appendChild(Object.assign(document.createElement("i"), { style: `color: var(${token})` }));
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const names = [...new Set(charts.flatMap(({ lines }) => lines.map(({ name }) => name)))];
  const styleOf = (name) => {
    const style = styles[names.indexOf(name) % styles.length];
    return { ...style, colour: colour(style.colour) };
  };
  const nanos = charts.flatMap(({ lines }) => lines.flatMap(({ nanos }) => nanos));
  const rungs = [-3, -2, -1, 0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));
  // With room for the markers.
  const low = rungs.findLast((rung) => rung * 1.2 <= Math.min(...nanos));
  const high = rungs.find((rung) => rung / 1.2 >= Math.max(...nanos));
  const labels = (_, values) => values.map((value) => value.toLocaleString("en", { notation: "compact" }).toLowerCase().replace("m", "M"));
  const axis = { stroke: colour("--ink-soft"), font, labelFont: font, labelSize: 18, labelGap: 0, grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, values: labels, filter: (_, values) => values };

  /** A marker at a point, in the pixels of the canvas. */
  const marker = (context, shape, x, y, radius) => {
    const path = new Path2D();
    const to = (...points) => points.forEach(([dx, dy], i) => path[i ? "lineTo" : "moveTo"](x + dx * radius, y + dy * radius));
    if (shape === "circle") path.arc(x, y, radius, 0, 2 * Math.PI);
    if (shape === "square") path.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
    if (shape === "triangle") to([0, -1.2], [1.1, 0.8], [-1.1, 0.8]);
    if (shape === "diamond") to([0, -1.35], [1.35, 0], [0, 1.35], [-1.35, 0]);
    if (shape === "cross") {
      to([-1, -1], [1, 1]);
      to([1, -1], [-1, 1]);
      context.stroke(path);
    } else context.fill(path);
  };

  for (const { title, sizes, lines } of charts) {
    const figure = document.querySelector("main").appendChild(document.createElement("section"));
    const legend = figure.appendChild(document.createElement("ul"));
    for (const { name } of lines) {
      const item = legend.appendChild(document.createElement("li"));
      const canvas = item.appendChild(document.createElement("canvas"));
      [canvas.width, canvas.height] = [40 * devicePixelRatio, 14 * devicePixelRatio];
      item.append(name);
      const context = canvas.getContext("2d");
      const { colour, dash, marker: shape } = styleOf(name);
      context.scale(devicePixelRatio, devicePixelRatio);
      Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineWidth: 2 });
      context.setLineDash(dash);
      context.stroke(new Path2D("M0 7H40"));
      context.setLineDash([]);
      marker(context, shape, 20, 7, 4);
    }
    const drawMarkers = (plot, at) => {
      const { colour, marker: shape } = styleOf(lines[at - 1].name);
      const { ctx: context } = plot;
      context.save();
      context.setLineDash([]);
      Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineWidth: 2 * devicePixelRatio });
      for (const [i, size] of sizes.entries()) {
        marker(context, shape, plot.valToPos(size, "x", true), plot.valToPos(plot.data[at][i], "y", true), 4 * devicePixelRatio);
      }
      context.restore();
    };
    const options = {
      width: figure.clientWidth,
      height: 250,
      padding: [8, 24, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, distr: 3, range: [sizes[0], sizes.at(-1)] }, y: { distr: 3, range: [low, high] } },
      axes: [
        { ...axis, label: title, size: 26, splits: sizes },
        { ...axis, label: "nanoseconds a row", size: 40, splits: rungs.filter((rung) => rung >= low && rung <= high) },
      ],
      series: [{}, ...lines.map(({ name }) => ({ stroke: styleOf(name).colour, dash: styleOf(name).dash.map((length) => length * devicePixelRatio), width: 2, points: { show: false } }))],
      hooks: { drawSeries: [drawMarkers] },
    };
    new uPlot(options, [sizes, ...lines.map(({ nanos }) => nanos)], figure);
  }
  // uPlot draws in a microtask, the browser at its next frame.
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}
