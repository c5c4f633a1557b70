// Builds that follow the one in dist/, without a compiler.
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seal } from "../../../scripts/csp.mjs";
import { precache } from "../../../scripts/precache.mjs";

const SCRIPT = /^app-[0-9a-f]{8,16}\.js$/;

/**
 * A folder as the next build would leave it: the app's script has changed, and with it its name, the page that names it,
 * and the service worker's list.
 * @returns {Promise<{dist: string, script: string, remove: () => Promise<void>}>} `script` is the new name
 */
export async function nextBuild(dist, { script = "app-0123456789abcdef.js" } = {}) {
  const next = await mkdtemp(join(tmpdir(), "millrace-build-"));
  await cp(dist, next, { recursive: true });
  const old = (await readdir(next)).find((name) => SCRIPT.test(name));
  await rename(join(next, old), join(next, script));
  await change(join(next, script), (text) => `${text}\n// of the next build\n`);
  await change(join(next, "index.html"), (text) => text.replaceAll(old, script));
  seal(next);
  precache(next);
  return { dist: next, script, remove: () => rm(next, { recursive: true }) };
}

async function change(path, edit) {
  await writeFile(path, edit(await readFile(path, "utf8")));
}
