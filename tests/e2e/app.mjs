// A built app on a host of its own, in a browser profile of its own, for one test.
import { after, test } from "node:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { launch } from "./browser.mjs";
import { AppPage } from "./pages/app_page.mjs";
import { JsonTab } from "./pages/json_tab.mjs";
import { DIST, serve } from "./server.mjs";

let browser;
after(() => browser?.close());

/**
 * Declares a test that gets a fresh {@link App}.
 * @param {string} name the rule, as a sentence
 * @param {{host?: object, browser?: object, timeoutMillis?: number}} options for {@link serve} and Playwright's context
 * @param {(app: App) => Promise<void>} body
 */
export function appTest(name, options, body) {
  test(name, { timeout: options.timeoutMillis ?? 90_000 }, async () => {
    if (!existsSync(join(DIST, "index.html"))) throw new Error("dist/ is missing; run 'make build' first.");
    browser ??= await launch();
    const host = await serve(options.host);
    const context = await browser.newContext({ timezoneId: "UTC", ...options.browser });
    try {
      await body(new App(host, context));
    } finally {
      await context.close();
      await host.close();
    }
  });
}

/** The app as its users have it: tabs that show it, and tabs that show its answers. */
export class App {
  constructor(host, context) {
    this.host = host;
    /** What went wrong in any tab or worker without anybody handling it. */
    this.errors = [];
    this.enter(context);
  }

  /** Goes on in this context, such as that of a browser that was started again. */
  enter(context) {
    this.context = context;
    context.on("console", (message) => {
      const { url } = message.location();
      if (message.type() === "error" && !isAnswer(message, url)) this.errors.push(`${message.text()} (${url})`);
    });
    context.on("weberror", (error) => this.errors.push(String(error.error())));
  }

  /** Opens the app in a new tab, with settings such as `?source=none`, and waits until real requests are answered. */
  async open(query = "") {
    const page = await this.openPage(query);
    await page.waitUntilLive();
    return page;
  }

  /** Opens the app in a new tab. */
  async openPage(query = "") {
    const page = new AppPage(await this.context.newPage(), this.host.base);
    await page.open(query);
    return page;
  }

  /** Opens an address of the API in a new tab, as if it had been typed. */
  async type(target) {
    const tab = new JsonTab(await this.context.newPage(), this.host.base);
    await tab.open(target);
    return tab;
  }
}

/**
 * Chromium logs every answer of 4xx and 5xx; those of the API are what tests ask for, a missing file is an error. Only
 * the host's icon, which Chromium wants for a tab with JSON, is nobody's.
 */
function isAnswer(message, url) {
  const isFile = /\.\w+$/.test(url) && !url.endsWith("/favicon.ico");
  return message.text().startsWith("Failed to load resource") && !isFile;
}
