// The API describes itself: a public validator agrees with openapi.json, and the page's console is made from it.
import { Validator } from "@seriousme/openapi-schema-validator";
import { CHROMIUM, expect, test } from "./fixtures.mjs";
import { showView } from "./pages/views.mjs";

test("openapi.json is valid OpenAPI 3.1 and lists what the console lists", async ({ app }) => {
  const page = await app.open("?source=none");
  const document = await page.get("openapi.json");
  expect(document.openapi).toMatch(/^3\.1\./);
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  expect(valid, JSON.stringify(errors, null, 1)).toBe(true);

  const described = Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
  expect(await page.console.endpoints()).toEqual(described);
  for (const { parameters = [] } of Object.values(document.paths).flatMap((item) => Object.values(item))) {
    for (const { name, description, example } of parameters) {
      expect(name).toBeTruthy();
      expect(description, name).toBeTruthy();
      expect(example, name).toBeDefined();
    }
  }
});

test("the console has a field for each parameter and a sample of each body", async ({ app }) => {
  const page = await app.open("?source=none");
  const { paths } = await page.get("openapi.json");
  await page.console.choose("GET /query");
  for (const { name, schema } of paths["/query"].get.parameters) {
    const field = page.console.field(name);
    if (schema.enum) {
      const options = await field.locator("option").evaluateAll((all) => all.map((option) => option.value));
      // An empty value is absent, and the first option.
      expect(options.toSorted(), name).toEqual(schema.enum.toSorted());
    } else {
      await expect(field, name).toHaveAttribute("placeholder", /./);
    }
  }
  await page.console.choose("POST /events");
  for (const type of Object.keys(paths["/events"].post.requestBody.content)) {
    await page.console.field("Content type").selectOption(type);
    const answer = await page.console.send("POST /events", {}, { keep: true });
    expect(answer.status, `${type}: ${answer.text}`).toBe(202);
  }
  expect(app.errors).toEqual([]);
});

test.describe(() => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  test("requests can be copied as JavaScript, and saved answers read in Python", CHROMIUM, async ({ app }) => {
    const page = await app.open("?interval=20ms");
    await page.latest();
    await page.console.choose("GET /query");
    await page.console.field("format").selectOption("csv");
    expect(await page.console.copy("Copy as Python")).toMatch(/^# Python cannot reach into the tab: .*\n.*pandas[^]*read_csv\("query\.csv"\)/);
    await page.console.field("format").selectOption("");
    const code = await page.console.copy("Copy as fetch");
    const answer = await page.page.evaluate(`(async () => { ${code.replace("console.log", "return ")} })()`);
    expect(answer).toMatch(/moving_avg/);
    await expect(page.console.button("Copy as EventSource")).toBeHidden();
    await expect(page.console.panel.getByRole("radio", { name: "EventSource" }), "only streams are listened to").toHaveCount(0);
  });
});

test("docs shows the app with its console, whether or not the pipeline runs yet", async ({ app }) => {
  const page = await app.open("?seed=7&interval=20ms");
  await page.latest();
  const second = await app.context.newPage();
  await second.goto(`${page.base}docs`);
  await expectAtConsole(second, page.base);
  await showView(second, "live");
  await expect(second.getByTestId("table-latest").getByText("moving_avg").first(), "the pipeline's batches arrive").toBeVisible();
  expect(await page.get("config"), "the settings stay").toHaveProperty("seed", 7);

  await page.close();
  await second.goto("about:blank");
  await second.goto(`${page.base}docs?seed=8`);
  await expectAtConsole(second, page.base);
});

async function expectAtConsole(tab, base) {
  await expect(tab.locator("#console-title"), "the heading of the console has the focus").toBeFocused();
  await expect.poll(() => tab.url(), "the address names the view").toMatch(/#api$/);
  expect(tab.url().startsWith(base), tab.url()).toBe(true);
  const isInUpperHalf = () => tab.evaluate(() => {
    const { top } = document.getElementById("console").getBoundingClientRect();
    return top >= -1 && top < innerHeight / 2;
  });
  await expect.poll(isInUpperHalf, "the console is in view").toBe(true);
}
