import { until } from "../support/until.mjs";

/** Returns the text that an action such as a click puts into the clipboard; the page needs the permission to read that. */
export async function copied(page, act) {
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await act();
  return until("a text is copied", () => page.evaluate(() => navigator.clipboard.readText()));
}
