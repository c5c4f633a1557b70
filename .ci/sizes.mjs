// Prints what a first visit downloads: the files of the built folder, raw and with brotli as static hosts send it. Trunk
// puts only what index.html asks for into it. The service worker keeps the same files for visits without a network; it asks
// whether they have changed, so a host that sends ETag or Last-Modified does not send them twice. The icons of the installed
// app are listed below the sum: only who installs it downloads them. The rest of the program (.ci/split.mjs) is listed below
// it too: it comes when the page stands already, and nothing waits for it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { isIcon } from "./precache.mjs";

const dist = process.argv[2] ?? "dist";
const BUDGET_BYTES = 250_000;

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .sort()
  .map((path) => {
    const bytes = readFileSync(path);
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
    return { name: path.slice(dist.length + 1), raw: bytes.length, brotli: brotliCompressSync(bytes, options).length };
  });

const isRest = ({ name }) => /_rest\.wasm$/.test(name);
const loaded = files.filter((file) => !isIcon(file.name) && !isRest(file));
const sum = (some) => some.reduce((all, file) => ({ raw: all.raw + file.raw, brotli: all.brotli + file.brotli }), { raw: 0, brotli: 0 });
const total = sum(loaded);
const line = (name, { raw, brotli }) => console.log(`${name.padEnd(44)} ${String(raw).padStart(9)} ${String(brotli).padStart(9)}`);
console.log(`${"a first visit until the page stands, in bytes".padEnd(44)} ${"raw".padStart(9)} ${"brotli".padStart(9)}`);
for (const file of loaded) line(file.name, file);
line("together", total);
const rest = files.filter(isRest);
for (const file of rest) line(`afterwards: ${file.name}`, file);
line("all that the app ever loads", sum([...loaded, ...rest]));
for (const file of files.filter((file) => isIcon(file.name))) line(`not counted: ${file.name}`, file);

if (total.brotli > BUDGET_BYTES) {
  console.log(`sizes: ${total.brotli - BUDGET_BYTES} bytes over the ${BUDGET_BYTES} that a first visit is to cost`);
}
