/**
 * Types a text key by key into a field, in place of its content. Playwright's `fill` sets the value by script in Firefox, and
 * that is no change which the field reports when it is left.
 */
export async function typeInto(field, text) {
  await field.press("ControlOrMeta+a");
  await field.press("Delete");
  await field.pressSequentially(text);
}
