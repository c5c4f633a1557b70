// What a tab takes in the worker that runs the pipeline is given back when the tab is left, however that happens.
import { CHROMIUM, expect, test } from "./fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { crashTab } from "./support/kill.mjs";
import { metric } from "./support/ledger.mjs";

const TABS = inForm({ short: 5, full: 200 });
/** A tab that ends without a word is noticed by its lock, or by its silence. */
const NOTICED = { timeout: 30_000 };

const ports = (page) => metric(page, "millrace_open_ports");

/** Waits for the port of the service worker and that of the tab that waits; a tab may get its own after its first answer. */
async function portsOfTwoTabs(owner) {
  await expect.poll(() => ports(owner), "the service worker and the other tab").toBe(2);
  return 2;
}

test(`${TABS} tabs that were opened, loaded again and closed leave no port behind`, async ({ app, figure }) => {
  test.setTimeout(90_000 + TABS * 5000);
  const owner = await app.open("?source=none");
  const other = await app.open();
  const before = await portsOfTwoTabs(owner);
  const most = [];
  for (let turn = 0; turn < TABS; turn++) {
    const tab = await app.open();
    if (turn % 2) {
      await tab.page.reload();
      await tab.waitUntilLive();
    }
    most.push(await ports(owner));
    await tab.close();
  }
  figure(`open ports before, at most and after ${TABS} tabs`, `${before}, ${Math.max(...most)}, ${await ports(owner)}`);
  await expect.poll(() => ports(owner), { message: "as many as before", ...NOTICED }).toBeLessThanOrEqual(before);
  expect((await other.fetch("health")).status, "a tab that stays is still answered").toBe(200);
  await other.waitForText("connection", /another tab/);
  expect(app.errors).toEqual([]);
});

test("a tab that crashes and a service worker that is stopped leave no port behind", CHROMIUM, async ({ app }) => {
  const owner = await app.open("?source=none");
  await app.open();
  const before = await portsOfTwoTabs(owner);
  const tab = await app.open();
  await crashTab(tab);
  await expect.poll(() => ports(owner), { message: "as many as before", ...NOTICED }).toBeLessThanOrEqual(before);
  for (let turn = 0; turn < 3; turn++) {
    await owner.stopServiceWorker();
    expect((await owner.fetch("health")).status).toBe(200);
  }
  // The port to the service worker that runs now takes the place of that before.
  await expect.poll(() => ports(owner), { message: "as many as before", ...NOTICED }).toBeLessThanOrEqual(before);
});
