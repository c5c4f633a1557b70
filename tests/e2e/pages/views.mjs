// The views of the page, its settings and its menu: what a test has to open before it uses what is in there.
import { expect } from "@playwright/test";

/** The titles of the views, by their names in the address. */
const TITLES = { live: "Live", history: "History", api: "API", data: "Data", storage: "Storage" };

/** Shows a view by its link, unless it is shown. */
export async function showView(page, name) {
  const view = page.locator(`#view-${name}`);
  if (await view.isVisible()) return view;
  const links = page.getByRole("navigation", { name: "Views" });
  await links.getByRole("link", { name: TITLES[name] }).click();
  await expect(view).toBeVisible();
  return view;
}

/** Opens the settings, unless they are open. */
export async function openSettings(page) {
  const settings = page.locator("#settings");
  if (!(await settings.isVisible())) await page.getByRole("button", { name: "Settings", exact: true }).click();
  await expect(settings).toBeVisible();
  return settings;
}

/** Opens the menu of what is needed now and then, unless it is open. */
export async function openMenu(page) {
  const menu = page.locator("#menu");
  if (!(await menu.isVisible())) await page.getByRole("button", { name: "More", exact: true }).click();
  await expect(menu).toBeVisible();
  return menu;
}
