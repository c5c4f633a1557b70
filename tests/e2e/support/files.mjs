// Files as people have them, with what pandas makes of each: see files.py.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PYTHON = fileURLToPath(new URL("../../../target/test-venv/bin/python", import.meta.url));
const SCRIPT = fileURLToPath(new URL("../files.py", import.meta.url));

/** Whether this machine can make them. */
export const canBeMade = existsSync(PYTHON);

/** Their names. */
export const NAMES = ["sensors.csv", "trades.csv", "log.ndjson", "pyarrow.parquet", "polars.parquet", "pandas.feather", "pandas.arrows"];

/**
 * Makes the files in a folder of their own, with so many rows each.
 * @returns {Promise<{folder: string, path: (name: string) => string, expected: (name: string) => object, remove: () => Promise<void>}>}
 */
export async function makeFiles(rows) {
  const folder = await mkdtemp(join(tmpdir(), "millrace-files-"));
  execFileSync(PYTHON, [SCRIPT, folder, String(rows)], { stdio: ["ignore", "inherit", "inherit"] });
  const all = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  return {
    folder,
    path: (name) => join(folder, name),
    expected: (name) => all.find((file) => file.name === name),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Posts bytes as they are to a target of the page's API. */
export async function postBytes(page, target, bytes, type) {
  const answer = await page.page.evaluate(
    async ({ url, base64, type }) => {
      const body = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const response = await fetch(url, { method: "POST", body, headers: { "Content-Type": type } });
      return { status: response.status, text: await response.text() };
    },
    { url: page.base + target, base64: bytes.toString("base64"), type },
  );
  return { ...answer, json: () => JSON.parse(answer.text) };
}
