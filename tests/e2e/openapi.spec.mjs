// The surface describes itself: a public validator agrees with openapi.json, and the page's console is drawn from it.
import assert from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import { appTest } from "./app.mjs";
import { until } from "./until.mjs";

appTest("openapi.json is valid OpenAPI 3.1 and lists what the console lists", {}, async (app) => {
  const page = await app.open("?source=none");
  const document = await page.get("openapi.json");
  assert.match(document.openapi, /^3\.1\./);
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors, null, 1));

  const described = Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
  assert.deepEqual(await page.console.endpoints(), described);
  for (const { parameters = [] } of Object.values(document.paths).flatMap((item) => Object.values(item))) {
    for (const { name, description, example } of parameters) assert.ok(name && description && example !== undefined, name);
  }
});

appTest("the console has a field for each parameter and a sample of each body", {}, async (app) => {
  const page = await app.open("?source=none");
  const { paths } = await page.get("openapi.json");
  await page.console.choose("GET /query");
  for (const { name, schema } of paths["/query"].get.parameters) {
    const field = page.console.field(name);
    const options = schema.enum && (await field.locator("option").evaluateAll((all) => all.map((option) => option.value)));
    if (schema.enum) assert.deepEqual(options, ["", ...schema.enum]);
    else assert.notEqual(await field.getAttribute("placeholder"), "");
  }
  await page.console.choose("POST /events");
  for (const type of Object.keys(paths["/events"].post.requestBody.content)) {
    await page.console.field("Content type").selectOption(type);
    const answer = await page.console.send("POST /events", {}, { keep: true });
    assert.equal(answer.status, 202, `${type}: ${answer.text}`);
  }
  assert.deepEqual(app.errors, []);
});

appTest("requests can be copied as JavaScript, and saved answers read in Python", {}, async (app) => {
  await app.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await app.open("?interval=20ms");
  await page.latest();
  await page.console.choose("GET /query");
  await page.console.field("format").selectOption("csv");
  assert.match(await page.console.copy("Copy as Python"), /^# Python cannot reach into the tab: .*\n.*pandas[^]*read_csv\("query\.csv"\)/);
  await page.console.field("format").selectOption("");
  const code = await page.console.copy("Copy as fetch");
  const answer = await page.page.evaluate(`(async () => { ${code.replace("console.log", "return ")} })()`);
  assert.match(answer, /moving_avg/);
  assert.equal(await page.console.button("Copy as EventSource").isVisible(), false);
});

appTest("docs shows the app with its console, whether or not the pipeline runs yet", {}, async (app) => {
  const page = await app.open("?seed=7&interval=20ms");
  await page.latest();
  const second = await app.context.newPage();
  await second.goto(`${page.base}docs`);
  await second.getByTestId("table-latest").getByText("moving_avg").first().waitFor();
  await assertAtConsole(second, page.base);
  assert.equal((await page.get("config")).seed, 7, "the settings stay");

  await page.close();
  await second.goto("about:blank");
  await second.goto(`${page.base}docs?seed=8`);
  await assertAtConsole(second, page.base);
});

async function assertAtConsole(tab, base) {
  await until("the console has the focus", () => tab.evaluate(() => document.activeElement?.id === "console"));
  assert.ok(tab.url().startsWith(base) && tab.url().endsWith("#console"), tab.url());
  await until("the console is in view", () => tab.evaluate(() => {
    const { top } = document.getElementById("console").getBoundingClientRect();
    return top >= -1 && top < innerHeight / 2;
  }));
}
