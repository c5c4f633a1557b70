// What openapi.json says is so: an API tester that knows nothing but the document finds no difference in the answers.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CHROMIUM, expect, test } from "./fixtures.mjs";
import { bridge } from "./support/bridge.mjs";
import { inForm } from "./support/form.mjs";

const TESTER = fileURLToPath(new URL("../../target/test-venv/bin/schemathesis", import.meta.url));
const FOLDER = fileURLToPath(new URL("./contract", import.meta.url));
/** Requests that are made up for each operation, right and wrong ones, besides those that cover its schemas. */
const EXAMPLES = inForm({ short: 20, full: 300 });

test("Schemathesis finds no difference between openapi.json and the answers", CHROMIUM, async ({ app, figure }) => {
  test.skip(!existsSync(TESTER), "there is no Python with Schemathesis");
  test.setTimeout(inForm({ short: 300_000, full: 1_800_000 }));
  const page = await app.open("?source=none&clock=utc");
  const relay = await bridge(page);
  const args = ["--no-color", "--config-file", "schemathesis.toml", "run", `${relay.base}/openapi.json`, "--url", relay.base];
  const options = { cwd: FOLDER, maxBuffer: 1 << 28, env: { ...process.env, PYTHONPATH: FOLDER, PYTHONDONTWRITEBYTECODE: "1" } };
  const { code = 0, stdout, stderr } = await promisify(execFile)(TESTER, [...args, "--max-examples", String(EXAMPLES)], options).catch((error) => error);
  await relay.close();
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  expect(relay.requests, "it asked").toBeGreaterThan(500);
  expect(relay.failures, "no request failed on its way into the page").toEqual([]);
  expect((await page.get("health")).status, "the pipeline goes on").toBe("ok");
  figure("requests of an API tester whose answers are as openapi.json says", relay.requests);
});
