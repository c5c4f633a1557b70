// Prints what a first visit downloads: the files of the built folder, raw and with brotli as static hosts send it. Trunk
// puts only what index.html asks for into it. The service worker keeps the same files for visits without a network; it asks
// whether they have changed, so a host that sends ETag or Last-Modified does not send them twice. Below the sum
// stands what few download: the icons of the installed app, and the program that reads files.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { isIcon, isLater } from "./precache.mjs";

const dist = process.argv[2] ?? "dist";
// It was 900,000 before files and live sources came: what looks at them stands in the page, and what reads them in the worker.
// The worker is compiled for speed since, which costs 65,000.
const BUDGET_BYTES = 1_230_000;

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .sort()
  .map((path) => {
    const bytes = readFileSync(path);
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
    return { name: path.slice(dist.length + 1), raw: bytes.length, brotli: brotliCompressSync(bytes, options).length };
  });

const isCounted = (file) => !isIcon(file.name) && !isLater(file.name);
const loaded = files.filter(isCounted);
const total = loaded.reduce((sum, file) => ({ raw: sum.raw + file.raw, brotli: sum.brotli + file.brotli }), { raw: 0, brotli: 0 });
const line = (name, { raw, brotli }) => console.log(`${name.padEnd(44)} ${String(raw).padStart(9)} ${String(brotli).padStart(9)}`);
console.log(`${"a first visit, in bytes".padEnd(44)} ${"raw".padStart(9)} ${"brotli".padStart(9)}`);
for (const file of loaded) line(file.name, file);
line("together", total);
for (const file of files.filter((file) => !isCounted(file))) line(`not counted: ${file.name}`, file);

if (total.brotli > BUDGET_BYTES) {
  console.error(`sizes: ${total.brotli - BUDGET_BYTES} bytes over the ${BUDGET_BYTES} that a first visit may cost`);
  process.exit(1);
}
