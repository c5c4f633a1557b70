// The strip of the stages shows at once what goes wrong, and each stage opens to show what is inside.
import { SMOKE, expect, test } from "./fixtures.mjs";

/** What is found inside each stage. */
const INSIDE = {
  Source: [/One event every\s*20ms/, /Ids\s*4/, /Schedule\s*on schedule/],
  Queue: [/Full\s*\d+ of 100.000, 0 %/, /When it is full\s*block: the source waits/, /Next to be processed/, /Came last/],
  Batch: [/Batch size\s*10/, /Completed by\s*\d+ events? more/, /Last batch\s*number \d+, 10 rows/],
  Transforms: [/Window\s*5s/, /df\.rolling\("5s"/, /\.melt\(id_vars=\["id"\]/, /pivot_table\(index="id"/],
  Results: [/Retention\s*the newest 1.000.000 rows/, /On disk/],
  API: [/Answered\s*\d+ requests?/, /\/latest/, /\/docs/],
};

test("each stage opens with the keyboard, shows what is inside, and gives the focus back", SMOKE, async ({ app }) => {
  const page = await app.open("?interval=20ms&distinct_ids=4&seed=5");
  await page.waitForCount("batches", (batches) => batches >= 1, { timeoutMillis: 20_000 });
  for (const [name, patterns] of Object.entries(INSIDE)) {
    const button = stage(page, name);
    await button.focus();
    await page.page.keyboard.press("Enter");
    await expect(button, name).toHaveAttribute("aria-expanded", "true");
    await expect(page.page.locator("#inspector"), `the inspector of ${name}`).toBeFocused();
    for (const pattern of patterns) await page.waitForText("inspector", pattern);
    await page.page.keyboard.press("Escape");
    await expect(page.page.getByTestId("inspector"), `${name} is closed`).toHaveCount(0);
    await expect(button, `the focus is back at ${name}`).toBeFocused();
    await expect(button, name).toHaveAttribute("aria-expanded", "false");
  }
  expect(app.errors).toEqual([]);
});

test("the strip rests while another view is shown, and moves again when it is seen", async ({ app }) => {
  const page = await app.open("?interval=1ms&distinct_ids=4");
  await expect.poll(() => moving(page), "water and wheel move").toBeGreaterThan(1);
  await page.show("storage");
  await expect.poll(() => moving(page), "nothing moves").toBe(0);
  await page.waitForCount("batches", (batches) => batches > 0);
  await page.show("live");
  await expect.poll(() => moving(page), "they move again").toBeGreaterThan(1);
});

test.describe(() => {
  // Too low for all of the view: the page scrolls.
  test.use({ viewport: { width: 1280, height: 440 } });

  test("the strip rests while it is scrolled out of view, and moves again when it is seen", async ({ app }) => {
    const page = await app.open("?interval=1ms&distinct_ids=4");
    await expect.poll(() => moving(page), "water and wheel move").toBeGreaterThan(1);
    await page.page.locator(".side-counters").scrollIntoViewIfNeeded();
    await expect.poll(() => moving(page), "nothing moves").toBe(0);
    await page.waitForCount("batches", (batches) => batches > 0);
    await page.page.locator("#pipeline").scrollIntoViewIfNeeded();
    await expect.poll(() => moving(page), "they move again").toBeGreaterThan(1);
  });
});

test("the queue shows what waits, from both ends", async ({ app }) => {
  const page = await app.open("?source=none&batch_size=100");
  await page.post(Array.from({ length: 30 }, (_, row) => ({ id: `pump-${row}`, value: row })));
  await stage(page, "Queue").click();
  await page.waitForText("queue-next", /pump-0\b[^]*pump-1\b[^]*pump-19\b/);
  await page.waitForText("queue-newest", /pump-29\b[^]*pump-28\b[^]*pump-10\b/);
  await page.waitForText("inspector", /30 of 100.000/);
});

test("a consumer that is too slow is shown as backpressure, and what is dropped as a trouble", async ({ app }) => {
  // A batch for each event is more work than the pipeline can do a million times a second.
  const page = await app.open("?interval=1us&batch_size=1&queue_capacity=5000&persist=false");
  await page.waitForText("health-queued", /full: the source waits/, { timeoutMillis: 20_000 });
  await page.waitForText("health-arrived", /behind its schedule/, { timeoutMillis: 20_000 });
  await page.waitForText("health-batches", /whole batches wait/);
  expect(await page.count("dropped")).toBe(0);
  expect(await page.text("alarms"), "nothing is lost").toBe("");

  await page.configure({ overflow: "drop_newest" });
  await page.waitForText("health-queued", /events dropped in 10 s/);
  await page.waitForText("alarms", /Trouble: Queue/);

  // Larger batches keep up, and the trouble ends once it has been shown for a while.
  await page.configure({ batch_size: 1000, interval: "100ms" });
  await page.waitForText("health-queued", /has room/, { timeoutMillis: 30_000 });
  await page.waitForText("alarms", /^$/);
});

test("a refused row is shown at the source, with the way to the refused rows", async ({ app }) => {
  const page = await app.open("?source=none");
  await page.waitForText("health-arrived", /takes what is posted/);
  await page.send("POST", "events", '[{"value": 1}, {"value": "high"}]');
  await page.waitForText("health-arrived", /1 row refused in 10 s/);
  await page.page.getByRole("link", { name: "Refused rows", exact: true }).click();
  await expect(page.page.getByTestId("dead-letters").getByText("high").first()).toBeVisible();
  await expect(page.page.locator("#dead-letters-title")).toBeFocused();
  await expect(page.page, "the address names the view").toHaveURL(/#data$/);
});

/** How many parts of the strip move. */
function moving({ page }) {
  return page.locator("#pipeline").evaluate((strip) => strip.getAnimations({ subtree: true }).length);
}

function stage(page, name) {
  return page.page.getByRole("list").getByRole("button", { name, exact: true });
}
