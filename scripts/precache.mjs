// Writes into a built folder's sw.js which files it keeps for visits without a network, and a hash of all of them, so
// that each build has a service worker of its own.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Files that the page never loads: what the system shows of an installed app. The browser fetches them when it installs
 * and keeps them itself, so a first visit does not pay for them.
 */
export const isIcon = (name) => /^icon-.*\.png$/.test(name);

/**
 * What is loaded when it is needed first, and kept from then on: the program that reads files, the script that tests connections
 * to live sources, and the NATS client.
 */
export const isLater = (name) => /^(decoder(_bg\.wasm|_worker\.js|\.js)|(source_sample|nats_client)\.js)$/.test(name);

/** Fills in the lists of a folder; those that are filled in already are written anew. */
export function precache(folder) {
  const names = readdirSync(folder).filter((name) => name !== "sw.js" && !isIcon(name)).sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
  const script = join(folder, "sw.js");
  let text = readFileSync(script, "utf8");
  const fill = (pattern, value) => {
    if (!pattern.test(text)) throw new Error(`${script} has no place for ${value}: nothing matches ${pattern}`);
    text = text.replace(pattern, (_, before) => before + value);
  };
  // The page is kept under the folder's address, which is how it is asked for.
  fill(/(\bFILES\s*=\s*)\[[^\]]*\]/, JSON.stringify(names.filter((name) => name !== "index.html" && !isLater(name))));
  fill(/(\bLATER\s*=\s*)\[[^\]]*\]/, JSON.stringify(names.filter(isLater)));
  fill(/(\bBUILD\s*=\s*)"[^"]*"/, JSON.stringify(hash.digest("hex").slice(0, 16)));
  writeFileSync(script, text);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) precache(process.argv[2] ?? "dist");
