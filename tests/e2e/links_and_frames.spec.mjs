// Nothing that is stored goes by a link alone, nor by a click in a frame of another site.
import { createServer } from "node:http";
import { SMOKE, expect, test } from "./fixtures.mjs";
import { ConsolePanel } from "./pages/console_panel.mjs";
import { showView } from "./pages/views.mjs";

const ALL = "query?start=1970-01-01&views=latest";
const QUIET = "?source=none&clock=utc&batch_size=1";

/** So many events a second apart, that end at 12:59:59. */
function events(count) {
  const end = Date.UTC(2025, 5, 1, 12, 59, 59);
  return Array.from({ length: count }, (_, i) => ({ timestamp: new Date(end - (count - 1 - i) * 1000).toISOString(), id: `pump-${i % 3}`, value: i }));
}

/** Posts events, and waits until files keep them. */
async function store(page, count) {
  await page.post(events(count));
  await expect.poll(async () => (await page.get("health")).storage).toBe("durable");
}

/** The app with rows that are on disk. */
async function stored(app, count) {
  const page = await app.open(QUIET);
  await store(page, count);
  return page;
}

/** Follows a link in the same tab. */
async function follow(page, link) {
  await page.open(link);
  await page.waitUntilLive();
}

async function rowCount(page) {
  return ((await page.get(ALL)).latest ?? []).length;
}

/** The texts of settings that were held back. */
const held = (page) => page.element("held-settings");
/** Answers the notice about them. */
const press = (page, name) => page.page.locator(".notices").getByRole("button", { name, exact: true }).click();

test("a link that would remove rows is held back until somebody agrees", SMOKE, async ({ app }) => {
  const page = await stored(app, 140);
  await follow(page, `${QUIET}&history_rows=23`);
  await expect(held(page)).toContainText("?history_rows=23 would remove 117 of 140 stored rows");
  expect(await rowCount(page)).toBe(140);
  expect((await page.get("config")).history_rows).toBe(1_000_000);

  await press(page, "Keep");
  await expect(held(page)).toHaveCount(0);
  await expect(page.page, "the address says what is in force").not.toHaveURL(/history_rows/);
  await page.page.reload();
  await page.waitUntilLive();
  expect(await rowCount(page), "the address does not ask again").toBe(140);
  await expect(held(page)).toHaveCount(0);

  await follow(page, `${QUIET}&history_rows=23`);
  await press(page, "Apply");
  await expect.poll(() => rowCount(page), "what was said to stay").toBe(23);
  await expect(held(page)).toHaveCount(0);
  expect(app.errors).toEqual([]);
});

test("a link neither forgets by age nor ends persistence", async ({ app }) => {
  const page = await stored(app, 90);
  await follow(page, `${QUIET}&history_age=44s&persist=0&history_rows=91`);
  await expect(held(page)).toContainText("?history_age=44s would remove 45 of 90 stored rows");
  await expect(held(page)).toContainText("?persist=false would keep new rows in memory only");
  await expect(held(page), "rows would go sooner").toContainText("?history_rows=91 would remove rows sooner");
  expect(await rowCount(page)).toBe(90);
  expect(await page.get("health")).toMatchObject({ storage: "durable" });
  expect(await page.get("config")).toMatchObject({ history_age: null, persist: true, history_rows: 1_000_000 });
});

test("a link publishes nothing to a server that nobody agreed to", async ({ app }) => {
  const page = await app.open(`${QUIET}&source_url=ws%3A%2F%2F127.0.0.1%3A9&sink_subject=plant.out`);
  await expect(held(page)).toContainText("?sink_subject=plant.out would send each processed batch to http://127.0.0.1:9");
  expect(await page.get("config")).toMatchObject({ sink_subject: null });
  await press(page, "Apply");
  await expect.poll(async () => (await page.get("config")).sink_subject).toBe("plant.out");
  // The page notes it with the snapshot that shows it.
  await expect(page.page).toHaveURL(/sink_subject=plant.out/);
  // It is stored with what comes next.
  await store(page, 5);
  await page.page.reload();
  await page.waitUntilLive();
  expect(await page.get("config"), "it was agreed to").toMatchObject({ sink_subject: "plant.out" });
  await expect(held(page)).toHaveCount(0);
});

test("with nothing stored a link applies, and persistence that was ended stays so", async ({ app }) => {
  const page = await app.open(`${QUIET}&history_rows=7&history_age=1min&persist=false`);
  const asked = { history_rows: 7, history_age: "1min", persist: false };
  expect(await page.get("config")).toMatchObject(asked);
  // The page notes it with the snapshot that shows it.
  await page.configure({ persist: true });
  await expect.poll(() => page.page.url()).not.toContain("persist");
  await page.post(events(5));
  await page.configure({ persist: false });
  await expect.poll(() => page.page.url()).toContain("persist=false");
  await page.page.reload();
  await page.waitUntilLive();
  expect(await page.get("config")).toMatchObject(asked);
  await expect(held(page)).toHaveCount(0);
});

test("a request of a link is marked, and DELETE asks before it is sent", SMOKE, async ({ app }) => {
  const page = await stored(app, 12);
  await follow(page, `${QUIET}#console&request=DELETE%20events`);
  await expect.poll(() => page.console.chosen()).toBe("DELETE /events");
  await expect(page.console.panel.getByText("This request comes from the address.")).toBeVisible();
  const question = page.console.panel.getByRole("group", { name: "Clear results, history and refused rows?" });
  await page.console.button("Send").click();
  await expect(question).toBeVisible();
  await question.getByRole("button", { name: "Keep" }).click();
  await page.console.button("Send").press("Control+Enter");
  await expect(question).toBeVisible();
  expect(await rowCount(page), "nothing was sent").toBe(12);

  await page.console.choose("GET /latest");
  await expect(question, "the question is about another operation").toBeHidden();
  await expect(page.console.panel.getByText("This request comes from the address.")).toHaveCount(0);
  await page.console.choose("DELETE /events");
  await page.console.button("Send").click();
  await question.getByRole("button", { name: "Clear all" }).click();
  await expect(page.console.panel.getByTestId("console-status")).toContainText("204");
  expect(await rowCount(page)).toBe(0);
});

test("an address with an unknown request leaves no earlier one ready to be sent", async ({ app }) => {
  for (const [request, named] of [
    ["GET nowhere", /"GET nowhere"/],
    ["PURGE events", /"PURGE events"/],
    ["delete events", /"delete events"/],
    ["", /request ""/],
    ["GET", /request "GET"/],
  ]) {
    const page = await app.open("?source=none#api&request=DELETE%20events");
    await expect.poll(() => page.console.chosen()).toBe("DELETE /events");
    await page.page.evaluate((hash) => (location.hash = hash), `#api&request=${encodeURIComponent(request)}`);
    await page.waitForText("problems", named);
    await expect.poll(() => page.console.chosen(), `after "${request}"`).toBe("GET /latest");
    await expect.poll(() => page.page.evaluate(() => location.hash)).toBe("#api");
    await page.close();
  }
});

/** A page that shows an address in a frame, at a port of its own. */
async function framingSite(address) {
  const server = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/html" }).end(`<iframe src="${address}" width="1400" height="880"></iframe>`);
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return { base: `http://127.0.0.1:${server.address().port}/`, close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) };
}

/** The app in the frame of the page at this address. */
async function openFrame(app, address) {
  const tab = await app.context.newPage();
  await tab.goto(address);
  const frame = await (await tab.locator("iframe").elementHandle()).contentFrame();
  await frame.getByRole("navigation", { name: "Views" }).waitFor();
  return frame;
}

const FRAMED = "Another site shows this page in a frame.";

test("in a frame of another site nothing stored is removed, and a tab of its own is offered", async ({ app }) => {
  const page = await stored(app, 15);
  const site = await framingSite(`${app.host.base}${QUIET}`);
  try {
    const frame = await openFrame(app, site.base);
    await expect(frame.getByText(FRAMED)).toBeVisible();
    const way = frame.getByRole("link", { name: "Open in a tab of its own" });
    expect(await way.evaluate(({ href, target, rel }) => ({ href, target, rel }))).toEqual({ href: app.host.base, target: "_blank", rel: "noopener" });

    const storage = await showView(frame, "storage");
    for (const name of ["Clear everything…", "Reset everything…"]) await expect(storage.getByRole("button", { name, exact: true })).toBeDisabled();

    const console = new ConsolePanel(frame);
    const status = console.panel.getByTestId("console-status");
    await console.choose("DELETE /events");
    await console.button("Send").click();
    await console.panel.getByRole("button", { name: "Clear all" }).click();
    await expect(status).toHaveText("No answer");
    await console.choose("PATCH /config");
    for (const [body, answer] of [['{"history_rows":4}', "No answer"], ['{"window":"7s"}', /^200/], ['{"history_age":"2s","window":"8s"}', "No answer"]]) {
      await console.field("Body").fill(body);
      await console.button("Send").click();
      await expect(status, body).toHaveText(answer);
    }
    await expect(console.panel.getByRole("alert").filter({ hasText: "a page of another site shows this one" })).toBeVisible();
    expect(await rowCount(page)).toBe(15);
    expect(await page.get("config")).toMatchObject({ history_rows: 1_000_000, history_age: null, window: "7s" });
  } finally {
    await site.close();
  }
});

test("in a frame of its own origin the page acts as everywhere", async ({ app }) => {
  const framing = `${app.host.base}framing.html`;
  await app.context.route(framing, (route) => route.fulfill({ contentType: "text/html", body: `<iframe src="./${QUIET}" width="1400" height="880"></iframe>` }));
  const frame = await openFrame(app, framing);
  await expect(frame.getByText(FRAMED)).toHaveCount(0);
  await expect((await showView(frame, "storage")).getByRole("button", { name: "Clear everything…", exact: true })).toBeEnabled();
});
