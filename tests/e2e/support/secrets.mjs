// Looks for a secret wherever a program, a page or a person could find it.
import { StoredFiles } from "../pages/stored_files.mjs";

/** The forms in which a text may stand somewhere: as it is, escaped, encoded, in two bytes a letter. */
export function formsOf(secret) {
  const bytes = Buffer.from(secret);
  // base64 of a text within another one depends on where it begins.
  const within = [0, 1, 2].map((before) => Buffer.concat([Buffer.alloc(before, "x"), bytes]).toString("base64").slice(before === 0 ? 0 : 4, -4));
  const texts = [secret, encodeURIComponent(secret), encodeURIComponent(secret).replaceAll("%20", "+"), JSON.stringify(secret).slice(1, -1), bytes.toString("hex"), ...within];
  return [...new Set(texts)].filter((text) => text.length >= 6).flatMap((text) => [Buffer.from(text), Buffer.from(text, "utf16le")]);
}

/**
 * The places that hold one of the secrets.
 * @param {Record<string, string | Buffer>} places what stands where
 */
export function placesWith(secrets, places) {
  const forms = secrets.flatMap(formsOf);
  const holds = (content) => forms.some((form) => Buffer.from(content).includes(form));
  return Object.entries(places).filter(([, content]) => holds(content)).map(([place]) => place);
}

/** Every answer of the API, and every form of export. */
export async function answersOf(page) {
  const targets = [
    "health", "config", "source", "latest", "rejected", "metrics", "openapi.json", "trigger", "credentials",
    ...["json", "ndjson", "csv", "arrow"].map((format) => `query?start=1970-01-01&views=latest&format=${format}`),
    "query?start=1970-01-01", "query?start=1970-01-01&views=latest&format=csv&spreadsheet=true",
  ];
  const places = {};
  for (const target of targets) {
    const { text, headers } = await page.fetch(target);
    places[`GET ${target}`] = text + JSON.stringify(headers);
  }
  const { text } = await page.fetch("credentials", { method: "OPTIONS" });
  places["OPTIONS credentials"] = text;
  places["the stream"] = await page.page.evaluate(readStream, page.base);
  return places;
}

async function readStream(base) {
  const ending = new AbortController();
  const reader = (await fetch(`${base}stream?last_event_id=0`, { signal: ending.signal })).body.pipeThrough(new TextDecoderStream()).getReader();
  // The first part may be no more than a sign of life; where nothing is kept, nothing follows it.
  const silence = new Promise((resolve) => setTimeout(resolve, 1000, { done: true }));
  let text = "";
  while (!text.includes("data:")) {
    const { value = "", done } = await Promise.race([reader.read(), silence]);
    text += value;
    if (done) break;
  }
  ending.abort();
  return text;
}

/** What the origin stores and shows: addresses, storages, caches, databases, files, texts and fields of the page. */
export async function storedBy(app, page) {
  const places = await page.page.evaluate(readOrigin);
  const files = await StoredFiles.open(app);
  for (const [path, bytes] of await files.read()) places[`the file ${path}`] = bytes;
  await files.page.close();
  places["the addresses of all tabs"] = app.context.pages().map((tab) => tab.url()).join("\n");
  places["what the host heard"] = app.host.heard.join("\n");
  places["errors of the console"] = app.errors.join("\n");
  places["cookies"] = JSON.stringify(await app.context.cookies());
  return places;
}

async function readOrigin() {
  const places = {
    "the address": location.href,
    "the history's state": JSON.stringify(history.state),
    "local storage": JSON.stringify({ ...localStorage }),
    "session storage": JSON.stringify({ ...sessionStorage }),
    "the page": document.documentElement.outerHTML + document.body.innerText,
    "fields of the page": JSON.stringify(Array.from(document.querySelectorAll("input, textarea"), ({ value }) => value)),
    "what was loaded": JSON.stringify(performance.getEntries().map(({ name }) => name)),
  };
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      // Programs of the app hold no secrets; what was cached by mistake would be small.
      const text = /\.(wasm|js|css|png)$/.test(request.url) ? "" : await (await cache.match(request)).text();
      places[`the cache ${name}, ${request.url}`] = request.url + text;
    }
  }
  for (const { name, version } of (await indexedDB.databases?.()) ?? []) {
    const open = indexedDB.open(name, version);
    const database = await new Promise((resolve, reject) => Object.assign(open, { onsuccess: () => resolve(open.result), onerror: () => reject(open.error) }));
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store).getAll();
      await new Promise((resolve, reject) => Object.assign(all, { onsuccess: resolve, onerror: reject }));
      places[`the database ${name}, ${store}`] = JSON.stringify(all.result);
    }
    database.close();
  }
  return places;
}
