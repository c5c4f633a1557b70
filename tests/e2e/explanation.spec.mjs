// Rows of the newest batch show what they are made of, by pointer and by keys.
import { expect, test } from "./fixtures.mjs";

const START = Date.UTC(2025, 5, 1, 12);
const SETTINGS = "?source=none&clock=utc&batch_size=5&window=3s";

/** Two batches of five events, a second apart; the ids are a, b, a, b, … */
const EVENTS = Array.from({ length: 10 }, (_, row) => ({
  timestamp: new Date(START + row * 1000).toISOString(),
  id: row % 2 === 0 ? "a" : "b",
  value: row,
}));

test("a batch that is held shows the rows of a window, a cell and an id, and counts those that came since", async ({ app }) => {
  const page = await app.open(SETTINGS);
  await page.post(EVENTS);
  await page.waitForText("table-latest", /12:00:05[^]*12:00:09/);
  await page.page.getByRole("button", { name: "Hold this batch" }).click();

  // The window of the third row: its own and the two before it.
  await pointAt(page, "latest", 2);
  await page.waitForText("explanation", /^moving_avg 6 = mean of the values in \(12:00:04Z, 12:00:07Z\]: 3 rows of this page/);
  expect(await marked(page, "source")).toEqual([0, 1, 2]);
  await pointAt(page, "latest", 4);
  await page.waitForText("explanation", /^moving_avg 8 = mean of 3 values in \(12:00:06Z, 12:00:09Z\]: 3 rows of this batch: 7, 8, 9$/);

  await pointAt(page, "melted", 7);
  await page.waitForText("explanation", /^melted row 8 is the value of latest row 3$/);
  expect(await marked(page, "value")).toEqual([2]);

  await pointAt(page, "pivoted", 0);
  await page.waitForText("explanation", /^pivoted value 7 = mean of 2 rows: 6, 8$/);
  expect(await marked(page, "source")).toEqual([1, 3]);

  await page.post(EVENTS.map((event) => ({ ...event, value: 100 })));
  await page.page.getByText("number 2, held; 2 since").waitFor();
  expect(await page.text("table-latest"), "the held batch stays").toMatch(/12:00:05/);
  await page.page.getByRole("button", { name: "Held this batch", pressed: true }).click();
  await page.waitForText("table-latest", /100/);
});

test.describe(() => {
  test.use({ viewport: { width: 390, height: 800 } });

  test("a teacher steps through each verb with the keyboard", async ({ app }) => {
    const page = await app.open(SETTINGS);
    await page.post(EVENTS);
    await page.waitForText("table-latest", /12:00:09/);
    await page.page.getByRole("button", { name: "Hold this batch" }).press("Enter");

    await page.page.getByRole("radio", { name: "melt" }).press("Space");
    const next = page.page.getByRole("button", { name: "Next row", exact: true });
    for (let step = 0; step < 7; step++) await next.press("Enter");
    await page.waitForText("step-place", /cell 7 of 10/);
    await page.waitForText("explanation", /melted row 7 is the value of latest row 2/);
    await expect.poll(() => isInRegion(page, "melted", 6), "the row is in view").toBe(true);

    await page.page.getByRole("radio", { name: "pivot_table" }).press("Space");
    await page.waitForText("step-place", /2 ids/);
    await next.press("Enter");
    await page.waitForText("explanation", /pivoted value 7 = mean of 2 rows/);

    // In a table itself the arrow keys go from row to row; it is one stop.
    await page.page.getByRole("region", { name: /Rows of latest/ }).focus();
    for (const key of ["ArrowDown", "End"]) await page.page.keyboard.press(key);
    await page.waitForText("explanation", /^moving_avg 8 = mean of 3 values/);
    await page.page.keyboard.press("Escape");
    await page.waitForText("explanation", /^Point at a row/);
  });
});

// In the wide window the tables have a height that the window gives; in the narrow one the page scrolls.
for (const [name, viewport] of Object.entries({ wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } })) {
  test.describe(() => {
    test.use({ viewport });

    test(`what stands below the tables of the ${name} page stays where it is when a batch has fewer ids`, async ({ app }) => {
      const page = await app.open("?source=none&batch_size=10");
      await page.page.getByRole("radio", { name: "pivot_table" }).press("Space");
      await expect(page.page.getByRole("region", { name: /^Rows of pivoted/ })).toBeVisible();
      const below = page.page.locator(".side-counters");
      const top = () => below.evaluate((counters) => counters.getBoundingClientRect().top + scrollY);
      const before = await top();
      const batch = (id) => page.post(Array.from({ length: 10 }, (_, row) => ({ id: id(row), value: row })));
      await batch((row) => `pump-${row}`);
      await page.waitForText("table-pivoted", /pump-9/);
      expect(await top()).toBe(before);
      await batch(() => "fan");
      await page.waitForText("table-pivoted", /^(?![^]*pump)[^]*fan/);
      expect(await top()).toBe(before);
    });
  });
}

test("the newest batch is looked into as it comes, with rows from before it", async ({ app }) => {
  const page = await app.open(SETTINGS);
  await page.post(EVENTS);
  await page.waitForText("table-latest", /12:00:09/);
  await pointAt(page, "latest", 1);
  await page.waitForText("explanation", /^moving_avg 5 = mean of 3 values in \(12:00:03Z, 12:00:06Z\]: 2 rows of this batch and 1 before it: 4, 5, 6$/);
  expect(await marked(page, "source")).toEqual([0, 1]);
  // Cells show the time of day: the date is in the heading, the whole instant in the cell's title.
  await expect(page.page.getByRole("heading", { name: "Newest batch number 2, 2025-06-01" })).toBeVisible();
  await expect(row(page, "latest", 0).getByRole("cell", { name: "12:00:05", exact: true })).toHaveAttribute("title", "2025-06-01T12:00:05Z");
  expect(app.errors).toEqual([]);
});

/** Moves the pointer to a row, and on within it: the page does not take it for pointing when rows scroll below the pointer. */
async function pointAt(page, name, index) {
  await row(page, name, index).hover();
  const { x, y } = await row(page, name, index).boundingBox();
  await page.page.mouse.move(x + 12, y + 12);
}

function row(page, name, index) {
  return page.page.getByTestId(`table-${name}`).locator("tbody tr").nth(index);
}

/** The rows of `latest` with this mark. */
function marked(page, mark) {
  return page.page.getByTestId("table-latest").evaluate((table, mark) => {
    const rows = Array.from(table.tBodies[0].rows);
    return rows.flatMap((row, index) => (row.classList.contains(`data-table__row--${mark}`) ? [index] : []));
  }, mark);
}

/** Whether a row is within what scrolls, and within the panel, which would cut off what sticks out of it. */
function isInRegion(page, name, index) {
  return row(page, name, index).evaluate((element) => {
    const [row, ...frames] = [element, element.closest("[role=region]"), element.closest(".panel")].map((each) => each.getBoundingClientRect());
    return frames.every((frame) => row.top >= frame.top - 1 && row.bottom <= frame.bottom + 1);
  });
}
