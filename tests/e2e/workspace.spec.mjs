// The page is a workspace: all of the pipeline fits the window, views and commands are a key away, old addresses still lead
// to what they named.
import { SMOKE, expect, test } from "./fixtures.mjs";
import { metric } from "./support/ledger.mjs";

/** The views by their names in the address, in the order of their links and keys, with the ids of their headings. */
const HEADINGS = {
  live: "pipeline-title",
  history: "history-title",
  api: "console-title",
  data: "own-data-title",
  storage: "storage-title",
};
const VIEWS = Object.keys(HEADINGS);
/** All of them, from another one than the first, which is shown already. */
const TURN = [...VIEWS.slice(1), VIEWS[0]];
const TABLES = ["latest", "melted", "pivoted"];
const STAGES = ["Source", "Queue", "Batch", "Transforms", "Results", "API"];
const LAPTOP = { width: 1440, height: 900 };
const SCREEN = { width: 1920, height: 1080 };
const PHONE = { width: 390, height: 844 };
const FEWEST_PLOT_PIXELS = 180;
const FEWEST_LINK_PIXELS = 44;
const FIRST_ROWS = 10;
/** Boxes end at parts of pixels. */
const ROUNDING_PIXELS = 1;
/** Each event has an id of its own, so that all three tables have ten rows and more. */
const FAST = "?interval=20ms&seed=7";

test.use({ viewport: LAPTOP });

const LAYOUTS = {
  "1440x900": { viewport: LAPTOP },
  "1920x1080": { viewport: SCREEN },
  "1920x1080 with the settings open": { viewport: SCREEN, hasSettings: true },
};
for (const [name, { viewport, hasSettings = false }] of Object.entries(LAYOUTS)) {
  test.describe(() => {
    test.use({ viewport });

    test(`stages, chart and tables are wholly in view at ${name}`, async ({ app }) => {
      const page = await openPaused(app);
      if (hasSettings) await page.openSettings();
      const right = hasSettings ? (await page.page.locator("#settings").boundingBox()).x : viewport.width;
      for (const [part, locator] of Object.entries(partsOf(page))) {
        const { x, y, width, height } = await locator.boundingBox();
        expect(Math.min(x, y), `${part} begins inside`).toBeGreaterThanOrEqual(0);
        expect(x + width, `${part} ends at the right`).toBeLessThanOrEqual(right);
        expect(y + height, `${part} ends at the foot`).toBeLessThanOrEqual(viewport.height);
      }
      const plot = await page.page.locator(".chart-panel .u-over").boundingBox();
      expect(plot.height, "pixels of the plot").toBeGreaterThanOrEqual(FEWEST_PLOT_PIXELS);
    });
  });
}

test("each table shows its first ten rows without scrolling at 1440x900", async ({ app }) => {
  const page = await openPaused(app);
  for (const name of TABLES) {
    const shown = await page.page.getByTestId(`table-${name}`).evaluate(rowsInRegion, { rows: FIRST_ROWS, rounding: ROUNDING_PIXELS });
    expect(shown, `rows of ${name} that are wholly in view`).toBe(FIRST_ROWS);
  }
});

test("no view scrolls the page at 1440x900", async ({ app }) => {
  const page = await openPaused(app);
  for (const view of VIEWS) {
    await page.show(view);
    await contentOf(page, view).waitFor();
    expect(await page.page.evaluate(overflowing, { isDownwardsToo: true }), `what of ${view} sticks out`).toEqual([]);
  }
});

test.describe(() => {
  test.use({ viewport: PHONE, reducedMotion: "reduce" });

  test("at 390x844 the order of the document is the order seen, and nothing sticks out sideways", async ({ app }) => {
    const page = await openPaused(app);
    for (const view of TURN) {
      await page.show(view);
      await expectView(page.page, view);
      await contentOf(page, view).waitFor();
      await page.page.evaluate(() => scrollTo(0, 0));
      expect(await page.page.evaluate(outOfOrder), `what of ${view} is seen before what it follows`).toEqual([]);
      expect(await page.page.evaluate(overflowing, { isDownwardsToo: false }), `what of ${view} sticks out`).toEqual([]);
    }
  });

  test("at 390x844 the links to the views are large enough for a finger", async ({ app }) => {
    const page = await app.open("?source=none");
    const links = page.page.getByRole("navigation", { name: "Views" }).getByRole("link");
    await expect(links).toHaveCount(VIEWS.length);
    for (const link of await links.all()) {
      const { x, width, height } = await link.boundingBox();
      expect(height, await link.innerText()).toBeGreaterThanOrEqual(FEWEST_LINK_PIXELS);
      expect(Math.min(x, PHONE.width - x - width), `${await link.innerText()} is in view`).toBeGreaterThanOrEqual(0);
    }
  });
});

test("views, the list of keys and the settings are a key away", SMOKE, async ({ app }) => {
  const { page } = await app.open("?source=none");
  const [keys, settings] = [page.getByRole("dialog", { name: "Keys" }), page.locator("#settings")];
  for (const view of TURN) {
    await page.keyboard.press(String(VIEWS.indexOf(view) + 1));
    await expectView(page, view);
  }

  await page.keyboard.press("?");
  await expect(keys).toBeVisible();
  await expect(keys.getByText("Hold the batch, or follow the newest again")).toBeVisible();
  await page.keyboard.press("2");
  await page.keyboard.press("Escape");
  await expect(keys).toBeHidden();
  await expectView(page, "live");

  await page.keyboard.press(",");
  await expect(settings).toBeFocused();
  await page.keyboard.press(",");
  await expect(settings).toBeHidden();
  await expect(page.locator("#settings-button")).toBeFocused();
  expect(app.errors).toEqual([]);
});

test("Space pauses and starts where no control has the focus, and the full stop makes one event", async ({ app }) => {
  const page = await app.open("?interval=1h");
  const { keyboard } = page.page;
  await page.waitForText("run-state", /running/i);
  await keyboard.press("Space");
  await page.waitForText("run-state", /paused/i);

  const produced = await page.count("arrived");
  await keyboard.press(".");
  await page.waitForCount("arrived", (count) => count === produced + 1);
  // On a control Space is the control's: that of the button makes one event, and starts nothing.
  await page.page.getByRole("button", { name: "Step", exact: true }).focus();
  await keyboard.press("Space");
  await page.waitForCount("arrived", (count) => count === produced + 2);
  await page.waitForText("run-state", /paused/i);

  await page.page.getByRole("button", { name: "Step", exact: true }).blur();
  await keyboard.press("Space");
  await page.waitForText("run-state", /running/i);
});

test("keys hold the batch and choose the verb", async ({ app }) => {
  const page = await openPaused(app);
  const { keyboard } = page.page;
  const hold = page.page.locator(".tables__hold");
  await keyboard.press("h");
  await expect(hold).toHaveAttribute("aria-pressed", "true");
  await expect(hold).toHaveText("Held this batch");
  await keyboard.press("h");
  await expect(hold).toHaveAttribute("aria-pressed", "false");

  for (const [key, verb] of Object.entries({ m: "melt", p: "pivot_table", r: "rolling" })) {
    await keyboard.press(key);
    await expect(page.page.getByRole("radio", { name: verb, exact: true }), `key ${key}`).toBeChecked();
  }
  await keyboard.press("j");
  await page.waitForText("step-place", /\b1 of \d/);
});

test("the palette finds a view by a word of it", async ({ app }) => {
  const { page } = await app.open("?source=none");
  const palette = page.getByRole("dialog", { name: "Commands" });
  await page.keyboard.press("ControlOrMeta+k");
  await expect(palette.getByRole("combobox", { name: "Command" })).toBeFocused();
  await page.keyboard.type("storage");
  await expect(palette.getByRole("option", { selected: true })).toHaveText(/Go to Storage/);
  await page.keyboard.press("Enter");
  await expect(palette).toBeHidden();
  await expectView(page, "storage");

  await page.getByRole("button", { name: /^Find/ }).click();
  await expect(palette).toBeVisible();
  await page.keyboard.type("no such command");
  await expect(palette.getByText("No command matches.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
  await expectShown(page, "storage");
});

test("single keys write what they are in a field, and rest once they are switched off", async ({ app }) => {
  const page = await openPaused(app);
  const { keyboard } = page.page;
  const keys = page.page.getByRole("dialog", { name: "Keys" });
  const produced = () => metric(page, "millrace_events_produced_total");
  const before = await produced();
  const expectUntouched = async () => {
    await expectShown(page.page, "live");
    await expect(keys).toBeHidden();
    await expect(page.page.locator(".tables__hold")).toHaveAttribute("aria-pressed", "false");
    await page.waitForText("run-state", /paused/i);
    expect(await produced(), "events").toBe(before);
  };
  const settings = await page.openSettings();
  const field = settings.getByLabel("Search the settings");
  await field.pressSequentially("2 3?h.,rmp/");
  await expect(field).toHaveValue("2 3?h.,rmp/");
  await expectUntouched();
  await field.fill("");
  await field.press("Escape");

  await keyboard.press("?");
  await keys.getByRole("checkbox", { name: "Single keys" }).uncheck();
  await keyboard.press("Escape");
  for (const key of ["2", "?", "h", "."]) await keyboard.press(key);
  await expectUntouched();
  await page.page.reload();
  await page.waitForText("run-state", /running|paused/i);
  await keyboard.press("2");
  await keyboard.press("ControlOrMeta+k");
  await expect(page.page.getByRole("dialog", { name: "Commands" }), "keys with Ctrl stay").toBeVisible();
  await expectShown(page.page, "live");
});

/** Where the anchors of the page as one long document lead: to a view, to what takes the focus, to the address that stays. */
const ANCHORS = {
  "#console": { view: "api", focused: "console-title", address: "#api" },
  "#tables": { view: "live", focused: "tables-title", address: "" },
  "#history": { view: "history", focused: "history-title", address: "#history" },
  "#own-data": { view: "data", focused: "own-data-title", address: "#data" },
  "#dead-letters-title": { view: "data", focused: "dead-letters-title", address: "#data" },
  "#storage": { view: "storage", focused: "storage-title", address: "#storage" },
  // Beside the view that is shown; as the first of an address that is Live.
  "#settings": { view: "live", focused: "settings", address: "" },
};

test("old addresses lead to what they named", async ({ app }) => {
  const { page } = await app.open("?source=none");
  for (const [anchor, place] of Object.entries(ANCHORS)) {
    await page.goto("about:blank");
    await page.goto(`${app.host.base}?source=none${anchor}`);
    await expectPlace(page, anchor, place);
  }
});

test("links within the page lead to what they name, from any view", async ({ app }) => {
  const { page } = await app.open("?source=none");
  for (const [anchor, place] of Object.entries(ANCHORS).filter(([anchor]) => anchor !== "#settings")) {
    await page.evaluate((anchor) => (location.hash = anchor), anchor);
    await expectPlace(page, anchor, place);
  }
  await page.evaluate(() => (location.hash = "#settings"));
  await expectPlace(page, "#settings", { ...ANCHORS["#settings"], view: "storage", address: "#storage" });
});

test("the first event is drawn before the first batch, which is counted down", async ({ app }) => {
  const page = await app.openPage();
  await expect(page.element("chart-first-batch")).toHaveText(/^[1-9] of 10 until the first batch$/);
  await expect(page.element("chart-first-batch")).toBeVisible();
  await expect(page.element("chart-empty"), "nothing is said to be missing").toBeHidden();
  expect(await page.count("batches")).toBe(0);
});

test("a theme that is chosen goes before that of the system, and outlives a reload", async ({ app }) => {
  const page = await app.open("?source=none");
  const scheme = () => page.page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  const theme = (name) => page.page.locator("#menu").getByRole("radio", { name, exact: true });
  await page.openMenu();
  await expect(theme("System")).toBeChecked();
  await theme("Dark").check();
  await expect.poll(scheme, "the scheme").toBe("dark");

  // All of the page is there, and no script that is loaded has run.
  await page.page.addInitScript(() => {
    const note = () => (globalThis.themeAtFirst = document.documentElement.dataset.theme);
    document.addEventListener("readystatechange", note, { once: true });
  });
  await page.page.reload();
  await page.openMenu();
  await expect(theme("Dark")).toBeChecked();
  expect(await scheme()).toBe("dark");
  expect(await page.page.evaluate(() => globalThis.themeAtFirst), "before the program has come").toBe("dark");
  await theme("Light").check();
  await expect.poll(scheme, "the scheme").toBe("light");
  await theme("System").check();
  await expect.poll(scheme, "the scheme").toBe("light dark");
});

test("Present enlarges the page until Escape, by key and by the menu", async ({ app }) => {
  const page = await openPaused(app);
  const barHeight = async () => (await page.page.locator(".bar").boundingBox()).height;
  const before = await barHeight();
  const expectEnlarged = () => expect.poll(barHeight, "the bar's height").toBeGreaterThan(1.3 * before);
  const expectUsual = () => expect.poll(barHeight, "the bar's height").toBe(before);

  await page.page.keyboard.press("Shift+P");
  await expectEnlarged();
  for (const name of ["latest", "melted"]) await expect(page.page.getByTestId(`table-${name}`), `${name} is seen`).toBeInViewport();
  await page.page.keyboard.press("Escape");
  await expectUsual();

  const menu = await page.openMenu();
  await menu.getByRole("button", { name: "Present", exact: true }).click();
  await expectEnlarged();
  await page.page.keyboard.press("Escape");
  await expectUsual();
});

test("while presenting the chart's cursor is at the pointer, and Escape on the chart ends it", async ({ app }) => {
  const { page } = await openPaused(app);
  const chart = page.getByTestId("chart");
  await page.keyboard.press("Shift+P");
  await expect.poll(async () => (await page.locator(".bar").boundingBox()).height, "enlarged").toBeGreaterThan(60);

  const plot = await chart.locator(".u-over").boundingBox();
  const pointer = plot.x + plot.width * 0.75;
  await page.mouse.move(pointer, plot.y + plot.height / 2);
  const apart = async () => Math.abs((await chart.locator(".u-cursor-x").boundingBox()).x - pointer);
  await expect.poll(apart, "pixels from the pointer to the cursor").toBeLessThan(3);

  await chart.focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Escape");
  await expect(page.locator(".workspace--presenting"), "the first goes back in the chart").toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator(".workspace--presenting")).toBeHidden();
});

/** The app with whole batches in its tables, which then stand still. */
async function openPaused(app) {
  const page = await app.open(FAST);
  await page.waitForCount("batches", (batches) => batches >= 2, { timeoutMillis: 20_000 });
  await page.configure({ paused: true });
  await page.waitForText("run-state", /paused/i);
  await contentOf(page, "live").waitFor();
  return page;
}

/** What of the live view has to be in the window, by its name. */
function partsOf({ page }) {
  const stages = STAGES.map((name) => [name, page.locator("li.stage", { has: page.getByRole("button", { name, exact: true }) })]);
  const tables = TABLES.map((name) => [name, page.locator(`.tables__${name}`)]);
  return Object.fromEntries([...stages, ["the chart", page.locator(".chart-panel")], ...tables]);
}

/** What a view shows once all of it has come. */
function contentOf(page, view) {
  const contents = {
    live: page.page.getByTestId("chart").locator("canvas"),
    history: page.page.locator("#history .virtual-table__rows [role=row]:visible").first(),
    api: page.console.operations.first(),
    data: page.page.locator("#own-data-text"),
    storage: page.page.locator("#view-storage").getByText(/ of .+B$/),
  };
  return contents[view];
}

/** Waits until a view, and no other, is shown. */
async function expectShown(page, view) {
  for (const other of VIEWS) await expect(page.locator(`#view-${other}`), other).toBeVisible({ visible: other === view });
}

/** Waits until a view is shown and its heading has the focus. */
async function expectView(page, view) {
  await expectShown(page, view);
  await expect(page.locator(`#${HEADINGS[view]}`), `the heading of ${view}`).toBeFocused();
}

async function expectPlace(page, anchor, { view, focused, address }) {
  await expect(page.locator(`#${focused}`), `what ${anchor} names`).toBeFocused();
  await expectShown(page, view);
  await expect.poll(() => page.evaluate(() => location.hash), `the address after ${anchor}`).toBe(address);
}

/** In the page: how many of a table's first rows are wholly in its region, below its heading. */
function rowsInRegion(table, { rows, rounding }) {
  const region = table.closest(".data-table__scroll");
  const [top, bottom] = [table.tHead.getBoundingClientRect().bottom, region.getBoundingClientRect().top + region.clientTop + region.clientHeight];
  const isInside = (row) => {
    const box = row.getBoundingClientRect();
    return box.top >= top - rounding && box.bottom <= bottom + rounding;
  };
  return Array.from(table.tBodies[0].rows).slice(0, rows).filter(isInside).length;
}

/** In the page: the parts of the frame that hold more than they show, sideways or, if that counts too, downwards. */
function overflowing({ isDownwardsToo }) {
  const [root, page, bar] = [document.scrollingElement, document.querySelector(".page"), document.querySelector(".bar")];
  const name = (part) => part.className || part.nodeName;
  const sideways = [root, page, bar].filter((part) => part.scrollWidth > part.clientWidth);
  const downwards = [root, page].filter((part) => isDownwardsToo && part.scrollHeight > part.clientHeight);
  return [
    ...sideways.map((part) => `${name(part)}: ${part.scrollWidth - part.clientWidth} pixels sideways`),
    ...downwards.map((part) => `${name(part)}: ${part.scrollHeight - part.clientHeight} pixels downwards`),
  ];
}

/** In the page: each control that is seen above, or left of, one that the document has before it. */
function outOfOrder() {
  const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";
  // The link that skips the bar is seen only while it has the focus; notes float over the page.
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled && !element.closest(".skip-link, .activity");
  const boxOf = (element) => {
    const box = element.getBoundingClientRect();
    // An input that a label stands for has no size of its own.
    return box.width > 1 ? box : (element.closest("label")?.getBoundingClientRect() ?? box);
  };
  const nameOf = (element) => (element.getAttribute("aria-label") ?? (element.textContent.trim() || element.id)).slice(0, 30);
  const controls = Array.from(document.querySelectorAll(FOCUSABLE)).filter(isSeen);
  const isBefore = (box, other) => {
    const isOnLine = box.top < other.bottom - 1 && other.top < box.bottom - 1;
    return isOnLine ? box.right <= other.left + 1 : box.bottom <= other.top + 1;
  };
  return controls.slice(1).flatMap((element, index) => {
    const before = controls[index];
    return isBefore(boxOf(element), boxOf(before)) ? [`"${nameOf(element)}" before "${nameOf(before)}"`] : [];
  });
}
