// Waits until the app at an address answers, opens it in Chromium and waits until `/latest` holds rows.
//
//   node scripts/first_rows.mjs http://127.0.0.1:8080/ [process that serves it]
import { launch } from "../tests/e2e/support/browsers.mjs";
import { until } from "../tests/e2e/support/until.mjs";

/** A first build compiles all dependencies, beside other tests perhaps: this ends only one that hangs. */
const BUILD_MILLIS = 45 * 60_000;
/** A batch of ten events, one a second, and the start of the browser on a busy machine. */
const ROWS_MILLIS = 60_000;

const [address, server] = process.argv.slice(2);
const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;

function checkIsRunning() {
  try {
    if (server) process.kill(Number(server), 0);
  } catch {
    console.error(`first_rows: the program that should serve ${address} has ended.`);
    process.exit(1);
  }
}

await until(`${address} answers`, async () => {
  checkIsRunning();
  return (await fetch(address)).ok;
}, { timeoutMillis: BUILD_MILLIS });
console.log(`first_rows: ${address} answers after ${seconds()}`);

const browser = await launch();
try {
  const page = await browser.newPage();
  await page.goto(address);
  const latest = await until("GET /latest answers rows", () => page.evaluate(async () => {
    const response = await fetch("latest");
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return isJson ? (await response.json()).latest : null;
  }), { timeoutMillis: ROWS_MILLIS });
  if (latest.length !== 10) throw new Error(`GET /latest answers ${latest.length} rows, not 10`);
  console.log(`first_rows: GET /latest answers ${latest.length} rows after ${seconds()}`);
} finally {
  await browser.close();
}
