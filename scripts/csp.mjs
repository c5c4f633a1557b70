// Writes the hashes of the scripts within a built folder's index.html into its Content-Security-Policy: no other script in
// the page runs. Trunk writes the script that starts the program, so they are known after the build alone.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const SCRIPT = /<script\b([^>]*)>([^]*?)<\/script>/gi;
const SOURCES = /(\bscript-src 'self')(?: 'sha256-[^']*')*/;

/** The hashes of the scripts that stand in a page, as sources of a policy. */
export function inlineHashes(page) {
  const inline = [...page.matchAll(SCRIPT)].filter(([, attributes]) => !/\ssrc\s*=/i.test(attributes));
  // Browsers see every end of a line as one character.
  const hash = (text) => createHash("sha256").update(text.replace(/\r\n?/g, "\n")).digest("base64");
  return inline.map(([, , text]) => `'sha256-${hash(text)}'`);
}

/** Fills in the hashes of a folder's page; those that are filled in already are written anew. */
export function seal(folder) {
  const path = join(folder, "index.html");
  const page = readFileSync(path, "utf8");
  if (!SOURCES.test(page)) throw new Error(`${path} has no policy: nothing matches ${SOURCES}`);
  writeFileSync(path, page.replace(SOURCES, (_, before) => [before, ...inlineHashes(page)].join(" ")));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) seal(process.argv[2] ?? "dist");
