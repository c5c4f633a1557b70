// No code but the app's own runs in its page, no other host is asked for anything, and texts of others stay texts: the
// browser's reports of violations are read, and planted violations are reported.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inlineHashes } from "../../scripts/csp.mjs";
import { SMOKE, expect, test } from "./fixtures.mjs";
import { DIST } from "./support/server.mjs";

const VIEWS = ["History", "API", "Data", "Storage", "Live"];
/** Texts that would act if one of them ever became HTML, an address or code. */
const HOSTILE = [
  '<img src=x onerror="globalThis.isOwned=true">',
  "<svg onload=globalThis.isOwned=true>",
  '"><script>globalThis.isOwned=true</script>',
  "' onmouseover='globalThis.isOwned=true",
  "javascript:globalThis.isOwned=true",
  "</textarea></title></style><iframe srcdoc='<script>parent.isOwned=true</script>'>",
];
const [IMAGE, DRAWING] = HOSTILE;

/** Keeps the browser's reports of all pages in `violations`. Chromium lets code of a test evaluate texts until it awaits. */
function watch() {
  globalThis.violations = [];
  globalThis.later = () => new Promise((resolve) => setTimeout(resolve));
  const keep = ({ effectiveDirective, blockedURI, sample }) => globalThis.violations.push({ effectiveDirective, blockedURI, sample });
  addEventListener("securitypolicyviolation", keep);
}

const violations = ({ page }) => page.evaluate(() => globalThis.violations);

/** Opens the app with its violations watched, and keeps the addresses at other hosts that any tab or worker requests. */
async function openWatched(app, query) {
  const foreign = [];
  const { origin } = new URL(app.host.base);
  const note = (address) => {
    const url = new URL(address);
    if (!["blob:", "data:", "about:"].includes(url.protocol) && url.origin !== origin) foreign.push(address);
  };
  app.context.on("request", (request) => note(request.url()));
  app.context.on("page", (page) => page.on("websocket", (socket) => note(socket.url())));
  await app.context.addInitScript(watch);
  return { page: await app.open(query), foreign };
}

/** Expects that this text is on the page, in a view that is shown or not. */
async function expectText({ page }, text) {
  const has = () => page.evaluate((text) => document.body.textContent.includes(text), text);
  await expect.poll(has, { message: `the page shows ${text}`, timeout: 20_000 }).toBe(true);
}

/** Expects that nothing of the hostile texts became an element, an attribute or code. */
async function expectOnlyText({ page }) {
  const found = await page.evaluate(() => {
    const acting = document.querySelectorAll("img[src=x], iframe, body script, [onerror], [onload], [onmouseover]");
    return { isOwned: globalThis.isOwned ?? false, acting: [...acting].map((element) => element.outerHTML) };
  });
  expect(found).toEqual({ isOwned: false, acting: [] });
}

/** Shows a view, by its link. */
async function show({ page }, view) {
  const link = page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: new RegExp(`^${view}\\b`) });
  await link.click();
  await expect(link).toHaveAttribute("aria-current", "page");
}

test("hostile ids, rows and headers stay text in every view, and nothing violates the policy", SMOKE, async ({ app }) => {
  const { page, foreign } = await openWatched(app, `?source=none&batch_size=${HOSTILE.length}#span=all`);
  await page.post(HOSTILE.map((id, second) => ({ timestamp: `2025-06-01T21:15:0${second}`, id, value: second })));
  const { latest } = await page.latest();
  expect(latest.map(({ id }) => id)).toEqual(HOSTILE);
  // Rows that are refused are shown with the reason, which quotes them.
  const broken = HOSTILE.map((text) => JSON.stringify({ timestamp: text, id: text, value: text }));
  await page.send("POST", "events", [...broken, JSON.stringify({ id: "fine", value: 1 })].join("\n"), "application/x-ndjson");
  await page.fetch("latest", { headers: { Accept: IMAGE, Authorization: IMAGE } });
  await page.send("POST", "events", "x", IMAGE);
  await page.fetch(`query?start=${encodeURIComponent(IMAGE)}&${encodeURIComponent(IMAGE)}=1`);

  for (const view of VIEWS) {
    await show(page, view);
    await expectOnlyText(page);
  }
  for (const text of HOSTILE) await expectText(page, text);
  // Settings, keys and palette, where they are: each is shown once and left.
  for (const key of [",", "?", "Control+k"]) {
    await page.page.keyboard.press(key);
    await page.page.keyboard.press("Escape");
  }
  await expectOnlyText(page);
  expect(await violations(page)).toEqual([]);
  expect(foreign).toEqual([]);
  expect(app.errors).toEqual([]);
});

test("a hostile address is quoted as text, and what is chosen by it too", SMOKE, async ({ app }) => {
  const [image, drawing, script] = HOSTILE.map(encodeURIComponent);
  const { page, foreign } = await openWatched(app, `?source=none&interval=${drawing}&${image}=1#span=${drawing}&ids=${image},${script}&${image}=1`);
  await expectText(page, DRAWING);
  await page.page.evaluate((hash) => (location.hash = hash), `#${image}&request=GET%20${script}`);
  for (const view of VIEWS) {
    await show(page, view);
    await expectOnlyText(page);
  }
  expect(await violations(page)).toEqual([]);
  expect(foreign).toEqual([]);
});

test("the name and the content of a hostile file stay text", async ({ app }) => {
  const { page, foreign } = await openWatched(app, "?source=none");
  const content = `timestamp,id,value\n"<img src=x>",a,1\n2025-06-01,${DRAWING},1\n,a,${DRAWING}\n`;
  const file = { name: `${IMAGE}.csv`, mimeType: "text/csv", buffer: Buffer.from(content) };
  await show(page, "Data");
  for (const input of await page.page.locator("input[type=file]:not([webkitdirectory])").elementHandles()) await input.setInputFiles(file);
  await expectText(page, file.name);
  for (const view of VIEWS) {
    await show(page, view);
    await expectOnlyText(page);
  }
  expect(await violations(page)).toEqual([]);
  expect(foreign).toEqual([]);
});

/**
 * What a mistake of the app, or a text of somebody else, might do in its page: each is blocked and reported as this
 * directive. `elsewhere` is the test's own host under a name of another origin.
 */
const PLANTS = {
  "code in a script": ["require-trusted-types-for", () => document.head.append(Object.assign(document.createElement("script"), { text: "globalThis.isOwned = true" }))],
  "code in an attribute": ["require-trusted-types-for", () => document.createElement("button").setAttribute("onclick", "globalThis.isOwned = true")],
  "eval": ["require-trusted-types-for", () => (0, eval)("globalThis.isOwned = true")],
  "a function of a text": ["require-trusted-types-for", () => new Function("globalThis.isOwned = true")()],
  "a timer of a text": ["require-trusted-types-for", () => setTimeout("globalThis.isOwned = true")],
  "HTML with a handler": ["require-trusted-types-for", () => (document.body.innerHTML = "<img src=x onerror='globalThis.isOwned = true'>")],
  "HTML with an address that is code": ["require-trusted-types-for", () => (document.body.innerHTML = '<a href="java&#115;cript:globalThis.isOwned=true">x</a>')],
  "a script of another host": ["require-trusted-types-for", (elsewhere) => document.head.append(Object.assign(document.createElement("script"), { src: `${elsewhere}planted.js` }))],
  "a module of another host": ["script-src-elem", (elsewhere) => import(`${elsewhere}planted.js`)],
  "a worker of a text": ["require-trusted-types-for", () => new Worker(URL.createObjectURL(new Blob(["0"])))],
  "another worker": ["require-trusted-types-for", () => new Worker("uPlot.iife.min.js")],
  "another policy": ["trusted-types", () => trustedTypes.createPolicy("planted", { createHTML: (html) => html })],
  "an image of another host": ["img-src", (elsewhere) => void (new Image().src = `${elsewhere}planted.png`)],
  "a style in an attribute": ["style-src-attr", () => document.body.setAttribute("style", "opacity: 0")],
  "a style sheet": ["style-src-elem", () => document.head.append(Object.assign(document.createElement("style"), { textContent: "body { opacity: 0 }" }))],
  "a frame": ["frame-src", () => document.body.append(Object.assign(document.createElement("iframe"), { src: "data:text/html,planted" }))],
  "another base": ["base-uri", (elsewhere) => document.head.append(Object.assign(document.createElement("base"), { href: elsewhere }))],
  "a form that is sent away": ["form-action", (elsewhere) => document.body.appendChild(Object.assign(document.createElement("form"), { action: elsewhere })).submit()],
  "a request without encryption": ["connect-src", () => fetch("http://planted.invalid/")],
};

test("each planted violation is blocked and reported", async ({ app }) => {
  const { page } = await openWatched(app, "?source=none");
  const elsewhere = app.host.base.replace("127.0.0.1", "localhost");
  for (const [name, [directive, act]] of Object.entries(PLANTS)) {
    await page.page.evaluate(() => void (globalThis.violations = []));
    // Most of them throw; what counts is what the browser reports.
    await page.page.evaluate(`globalThis.later().then(() => (${act})(${JSON.stringify(elsewhere)})).then(() => {}, () => {})`);
    const reported = async () => (await violations(page)).map(({ effectiveDirective }) => effectiveDirective);
    await expect.poll(reported, `${name} is reported`).toContain(directive);
  }
  expect(await page.page.evaluate(() => globalThis.isOwned)).toBeUndefined();
  expect(app.host.requested.filter((name) => name.startsWith("planted"))).toEqual([]);
  expect((await page.fetch("health")).status, "the page goes on").toBe(200);
});

test("what is planted into the page's file does not run either", async ({ app }) => {
  const planted = `
    <script>globalThis.isOwned = true</script>
    <img src="planted.png" onerror="globalThis.isOwned = true">
    <script src="http://planted.invalid/planted.js"></script>
    <img src="http://planted.invalid/planted.png">`;
  await app.context.route(app.host.base, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace("</body>", () => `${planted}</body>`) });
  });
  await app.context.addInitScript(watch);
  const { page } = await app.openPage();
  const reported = async () => (await violations({ page })).map(({ effectiveDirective: name, blockedURI }) => `${name} ${blockedURI}`).sort();
  await expect.poll(reported, "all four are reported").toEqual([
    "img-src http://planted.invalid/planted.png",
    "script-src-attr inline",
    "script-src-elem http://planted.invalid/planted.js",
    "script-src-elem inline",
  ]);
  expect(await page.evaluate(() => globalThis.isOwned)).toBeUndefined();
});

test("addresses that a user may enter as a source are let through", async ({ app }) => {
  const { page } = await openWatched(app, "?source=none");
  const { port } = new URL(app.host.base);
  await page.page.evaluate(async (host) => {
    // Only the plain request is answered; of the others counts whether the policy lets the attempts pass.
    const failure = (source) => new Promise((resolve) => source.addEventListener("error", resolve));
    const sockets = ["ws", "wss"].map((scheme) => failure(new WebSocket(`${scheme}://${host}/`)));
    const requests = ["http", "https"].map((scheme) => fetch(`${scheme}://${host}/let-through`, { mode: "no-cors" }).catch(() => {}));
    await Promise.all([...sockets, ...requests]);
  }, `localhost:${port}`);
  expect(await violations(page)).toEqual([]);
  expect(app.host.requested).toContain("let-through");
});

test("the policy names the scripts of the page by their hashes, and nothing unsafe but wasm", async () => {
  const page = readFileSync(join(DIST, "index.html"), "utf8");
  const [, policy] = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(page);
  const sources = Object.fromEntries(policy.split(";").map((directive) => directive.trim().split(/\s+/)).map(([name, ...rest]) => [name, rest]));
  const hashes = inlineHashes(page);
  expect(hashes.length, "the Trusted Types and the start of the program").toBeGreaterThanOrEqual(2);
  expect(sources["script-src"]).toEqual(["'self'", ...hashes, "'wasm-unsafe-eval'"]);
  expect(sources["default-src"]).toEqual(["'none'"]);
  expect(policy).not.toMatch(/'unsafe-(inline|eval|hashes)'|data:|blob:/);
  for (const [name, allowed] of Object.entries(sources)) expect(allowed, name).not.toContain("*");
  const before = page.slice(0, page.indexOf("Content-Security-Policy"));
  expect(before, "nothing is loaded or run before the policy holds").not.toMatch(/<(script|link|style)\b/);
});
