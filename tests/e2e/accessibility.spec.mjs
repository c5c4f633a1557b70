// The page can be used on every screen, in every theme, without a mouse.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { CHROMIUM, SMOKE, expect, test } from "./fixtures.mjs";
import { isFull } from "./support/form.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const VIEWS = ["live", "history", "api", "data", "storage"];
const VIEWPORTS = { narrow: { width: 390, height: 844 }, middle: { width: 1024, height: 768 }, wide: { width: 1440, height: 900 } };
const THEMES = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "high contrast": { colorScheme: "light", contrast: "more" },
  "dark high contrast": { colorScheme: "dark", contrast: "more" },
  "forced colours": { colorScheme: "dark", forcedColors: "active" },
};
/** The widths that a theme is looked at: colours alone differ in those with more contrast, so that one width says most. */
const widthsOf = (theme) => (isFull || ["light", "dark"].includes(theme) ? VIEWPORTS : { wide: VIEWPORTS.wide });
/** What the colours decide: the rest is the same in every theme, and is looked at in the light one. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];
const rulesOf = (theme) => (isFull || theme === "light" ? { type: "tag", values: TAGS } : { type: "rule", values: COLOUR_RULES });
/** What opens over the page: each is opened and returned; Escape closes it. */
const OVERLAYS = {
  settings: openSettings,
  menu: (page) => page.openMenu(),
  keys: (page) => openDialog(page, "?", "Keys"),
  palette: (page) => openDialog(page, "ControlOrMeta+k", "Commands"),
  stage: openStage,
  tour: openTour,
};
/** What opens within a view by other means than a button that says so. */
const INSETS = { live: showCode, history: selectRow, data: lookAtFile };
/** Parts that can be wider than their place: the page itself, or what scrolls in it and would only be cut. */
const FRAMES = ["html", ".bar", ".page", ".settings", ".settings__body"];

for (const [theme, media] of Object.entries(THEMES)) {
  test.describe(() => {
    test.use({ ...media, viewport: VIEWPORTS.wide });

    // Over BiDi Playwright emulates no media feature: in Firefox every theme would be the light one.
    const details = theme === "light" ? {} : CHROMIUM;
    test(`axe finds nothing at all in the views in ${theme}, calm and busy, with everything open`, details, async ({ app }, testInfo) => {
      test.setTimeout(240_000);
      const filled = await openFilled(app);
      const { page } = filled;
      const check = checkBy(rulesOf(theme));
      const shot = (what) => page.screenshot({ path: testInfo.outputPath(`${theme.replaceAll(" ", "-")}-${what}.png`), fullPage: true });
      for (const view of VIEWS) {
        const shown = await filled.show(view);
        await check(page, `${theme}, ${view}, as it comes`);
        await openAll(page, shown, (part) => check(page, `${theme}, ${view}, ${part}`, part));
        await INSETS[view]?.(shown);
      }
      await filled.configure({ paused: true });
      for (const [size, viewport] of Object.entries(widthsOf(theme))) {
        await page.setViewportSize(viewport);
        for (const view of VIEWS) {
          await filled.show(view);
          if (isFull) await shot(`${size}-${view}`);
          await check(page, `${theme}, ${size}, ${view}, calm, all open`);
        }
      }
      await filled.configure({ paused: false, interval: "1ms" });
      for (const [size, viewport] of Object.entries(widthsOf(theme))) {
        await page.setViewportSize(viewport);
        await filled.show("live");
        await check(page, `${theme}, ${size}, live, busy, all open`);
      }
    });

    test(`axe finds nothing at all in what opens over the page in ${theme}`, details, async ({ app }) => {
      test.setTimeout(240_000);
      const check = checkBy(rulesOf(theme));
      const filled = await openFilled(app);
      await filled.show("live");
      for (const [size, viewport] of Object.entries(widthsOf(theme))) {
        await filled.page.setViewportSize(viewport);
        for (const [name, open] of Object.entries(OVERLAYS)) {
          const overlay = await open(filled);
          await expectInFront(overlay);
          await openQuestions(overlay);
          await check(filled.page, `${theme}, ${size}, ${name}`, await selectorOf(overlay));
          await close(filled, overlay);
        }
      }
    });
  });
}

test("nothing sticks out sideways from 360 to 2560 pixels", async ({ app }) => {
  const filled = await openFilled(app);
  for (const view of VIEWS) {
    const shown = await filled.show(view);
    await openDetails(shown);
    await INSETS[view]?.(shown);
  }
  for (const width of [360, 768, 1024, 1440, 2560]) {
    await filled.page.setViewportSize({ width, height: 900 });
    for (const view of VIEWS) {
      await filled.show(view);
      expect(await overhangs(filled), `pixels that stick out of ${view} at a width of ${width}`).toEqual({});
    }
    const settings = await openSettings(filled);
    expect(await overhangs(filled), `pixels that stick out beside the settings at a width of ${width}`).toEqual({});
    await close(filled, settings);
  }
});

test("the source can be paused and started with the keyboard alone", SMOKE, async ({ app }) => {
  const page = await app.open("?interval=50ms");
  await page.waitForText("run-state", /running/i);

  await tabTo(page);
  await page.page.keyboard.press("Enter");
  await page.waitForText("run-state", /paused/i);
  await page.page.keyboard.press("Enter");
  await page.waitForText("run-state", /running/i);
});

/** The app with something in each panel: batches, an answer in the console, a refused row, a refused setting. */
async function openFilled(app) {
  const page = await app.open("?interval=10ms&seed=11&distinct_ids=5&window=nonsense");
  await page.send("POST", "events", "timestamp,id,value\n2025-06-01T12:00:00,pump,x\n", "text/csv");
  await page.waitForCount("batches", (batches) => batches >= 6, { timeoutMillis: 20_000 });
  await page.console.send("GET /latest");
  return page;
}

/** What expects that axe finds no violation of some rules on the page, or in a part of it. */
function checkBy(runOnly) {
  return async (page, where, part) => {
    if (!(await page.evaluate(() => Boolean(globalThis.axe)))) await page.evaluate(AXE);
    const run = ({ runOnly, part }) => axe.run(part ?? document, { runOnly, resultTypes: ["violations"] });
    const { violations } = await page.evaluate(run, { runOnly, part });
    const found = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id} (${help}): ${node.html.slice(0, 200)}`));
    expect(found, where).toEqual([]);
  };
}

/**
 * Opens all that can be opened in a view. `<details>` stay open. What a button opens is passed to `look`, as a selector, and
 * closed again: it lies over the rest.
 */
async function openAll(page, view, look) {
  await openDetails(view);
  for (const opener of await view.locator('button[aria-expanded="false"], button[popovertarget]').elementHandles()) {
    if (!(await opener.isVisible())) continue;
    await opener.click();
    await openDetails(view);
    await look(await opener.evaluate(selectorOfOpened));
    if (await opener.getAttribute("popovertarget")) await page.keyboard.press("Escape");
    else await opener.click();
  }
}

/** In the page: what a button opens, or else the part of the page that it is in. */
function selectorOfOpened(opener) {
  const id = opener.getAttribute("popovertarget") ?? opener.getAttribute("aria-controls");
  return `#${id ?? opener.closest("[id]:not(button)").id}`;
}

/** Opens every `<details>`, also those within others. */
async function openDetails(view) {
  const closed = view.locator("details:not([open]) > summary").filter({ visible: true });
  while ((await closed.count()) > 0) await closed.first().click();
}

/** Expects that nothing covers the first button, which is at the top, where the bar is too. */
async function expectInFront(overlay) {
  const buttons = overlay.getByRole("button");
  if ((await buttons.count()) > 0) await buttons.first().click({ trial: true });
}

/** Opens the questions before what cannot be undone. */
async function openQuestions(overlay) {
  for (const button of await overlay.locator('button[aria-expanded="false"]').elementHandles()) await button.click();
}

async function openSettings(page) {
  const settings = await page.openSettings();
  await expect(settings).toBeFocused();
  return settings;
}

/** Opens a dialog by its key. */
async function openDialog(page, key, name) {
  await page.page.keyboard.press(key);
  const dialog = page.page.getByRole("dialog", { name, exact: true });
  await expect(dialog).toBeVisible();
  return dialog;
}

async function openStage({ page }) {
  await page.getByRole("list").getByRole("button", { name: "Queue", exact: true }).click();
  const inspector = page.locator("#inspector");
  await expect(inspector).toBeFocused();
  return inspector;
}

async function openTour(page) {
  const menu = await page.openMenu();
  await menu.getByRole("button", { name: "Take the tour", exact: true }).click();
  const tour = page.page.getByRole("complementary", { name: "Tour", exact: true });
  await expect(tour).toBeVisible();
  return tour;
}

/** Closes what lies over the page, as its user would. */
async function close({ page }, overlay) {
  await page.keyboard.press("Escape");
  await expect(overlay).toBeHidden();
}

/** A selector of an overlay: by its id, or else by its element and class. */
function selectorOf(overlay) {
  return overlay.evaluate(({ id, localName, ariaLabel }) => (id ? `#${id}` : `${localName}[aria-label="${ariaLabel}"]`));
}

/** Shows the pandas code of the tables. */
async function showCode(live) {
  await live.getByRole("button", { name: "pandas", exact: true }).click();
  await expect(live.locator(".pandas-line").first()).toBeVisible();
}

/** Shows the preview of a file of everything that a preview can show: a question, gaps, a row that would be refused. */
async function lookAtFile(data) {
  const rows = ["05/06/2026 08:00;pump-1;4,5;;note", "05/06/2026 08:01;pump-2;?;2,25;", "05/06/2026 08:02;pump-1;5,5;2,5;x"];
  const text = ["measured at;pump;flow;level;remark", ...rows, ...Array(20).fill("05/06/2026 08:03;pump-3;1,5;2;")].join("\n");
  await data.getByLabel("Choose files").setInputFiles({ name: "preview.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await expect(data.getByTestId("file-question")).toBeVisible();
  await expect(data.getByTestId("file-refusals")).toBeVisible();
}

/** Selects a row of the history, which is then shown whole. */
async function selectRow(history) {
  await history.getByRole("grid").getByRole("row").nth(1).click();
  await expect(history.getByRole("group", { name: "Selected row" })).toBeVisible();
}

/** The frames whose content is wider than they are, each with the pixels that stick out; some are built when they open. */
function overhangs({ page }) {
  return page.evaluate((frames) => {
    const overhang = (frame) => {
      const { scrollWidth, clientWidth } = document.querySelector(frame);
      return [frame, scrollWidth - clientWidth];
    };
    const present = frames.filter((frame) => document.querySelector(frame));
    return Object.fromEntries(present.map(overhang).filter(([, pixels]) => pixels > 0));
  }, FRAMES);
}

/** Presses Tab until the start and pause button has the focus. */
async function tabTo(page) {
  const button = await page.toggle.elementHandle();
  for (let presses = 0; presses < 40; presses++) {
    await page.page.keyboard.press("Tab");
    if (await button.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error("the start and pause button is not within 40 presses of Tab");
}
