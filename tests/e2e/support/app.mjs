// The app as its users have it: tabs that show it, and tabs that show its answers.
import { AppPage } from "../pages/app_page.mjs";
import { JsonTab } from "../pages/json_tab.mjs";

/** What Firefox reports as errors of the page, although the answers are what tests ask for. */
const ANSWERS_IN_FIREFOX = [
  // It followed a redirect that a service worker answered with; the report has no address.
  /Failed to load ‘’\. A ServiceWorker intercepted the request and encountered an unexpected error\.$/,
  // An EventSource was answered with 503, since no tab ran the pipeline.
  /Firefox can’t establish a connection to the server at \S+\/stream\b\S*$/,
];

export class App {
  constructor(host, context) {
    this.host = host;
    /** Errors of any tab or worker that nothing handled. */
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
    context.on("weberror", (event) => {
      const error = String(event.error());
      if (!ANSWERS_IN_FIREFOX.some((pattern) => pattern.test(error))) this.errors.push(error);
    });
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
 * Browsers log every answer of 4xx and 5xx; those of the API are what tests ask for, a missing file is an error. The host's
 * icon, which Chromium requests for a tab with JSON, does not count.
 */
function isAnswer(message, url) {
  const isFile = /\.\w+$/.test(url) && !url.endsWith("/favicon.ico");
  return message.text().startsWith("Failed to load resource") && !isFile;
}
