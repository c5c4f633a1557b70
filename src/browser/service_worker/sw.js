// The relay between HTTP requests and the pipeline, and the cache of the app's own files: it has no logic of routes
// and, since browsers stop it when it is idle, no state that it cannot restore. src/protocol defines the messages on
// its ports.

const VERSION = 8;
// The app's files besides its page, and a hash of all of them: a release build writes both (scripts/precache.mjs), so
// this script changes with each. A debug build caches nothing, so that `trunk serve` shows the newest build at once.
const FILES = [];
const BUILD = "";
// The paths of the API; all others go to the static host. A test compares them with the router's.
const ENDPOINTS = new Set([
  "trigger", "latest", "query", "stream", "events", "rejected", "metrics", "health", "config", "openapi.json", "docs"
]);
// Time limit for a page that is loading or taking over to report that it runs the pipeline.
const PATIENCE_MILLIS = 5000;
const RETRY_MILLIS = 100;

const scope = new URL(self.registration.scope);
// Other apps of this origin, and this one under other paths, have caches of their own. A path contains no space.
const OUR_CACHES = `millrace ${scope.pathname} `;
const CACHE = OUR_CACHES + BUILD;
let link = null; // the port to the pipeline that responded last, and the page that it belongs to
const links = new Set(); // all open ports: some still have pending responses although a newer one is the link
const endless = new Set(); // functions that end the endless responses
let isGivingWay = false; // whether a newer version waits for these responses to end
let nextId = 1;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([forgetOlder(), self.clients.claim()])));

self.addEventListener("message", (event) => {
  // A page that was loaded without the service worker (hard reload) requests control.
  if (event.data?.kind === "claim") event.waitUntil(self.clients.claim());
  // The user chose the new version, which is this service worker's.
  if (event.data?.kind === "take-over") self.skipWaiting();
  // The user chose the next version, which has to wait until this service worker has no pending responses.
  if (event.data?.kind === "give-way") {
    isGivingWay = true;
    for (const end of endless) end();
  }
  // A page whose pipeline runs in another tab requests a connection to it.
  if (event.data?.kind === "attach") event.waitUntil(attach(event.ports[0]));
  // A page reports regularly that bodies are being read, which keeps this worker from being stopped.
  if (event.data?.kind === "keep-awake" && link) send(link.port, "alive");
  // The user removes all data of the app.
  if (event.data?.kind === "forget") event.waitUntil(forget());
  // A page terminated its pipeline worker and started another: the ports to the old one are dead.
  if (event.data?.kind === "restarted") for (const found of links) if (found.clientId === event.source.id) lose(found);
  // Since then another page's worker runs the pipeline: the one before is frozen or hangs, and does not respond.
  if (event.data?.kind === "owner") for (const found of links) if (found.welcomed < Math.floor(event.data.at)) lose(found);
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const path = endpoint(url);
  if (path !== null) return event.respondWith(answer(event.request, path, url.search.slice(1)));
  const file = event.request.method === "GET" ? keptFile(url) : null;
  if (file !== null) event.respondWith(fromCache(file, event.request));
});

async function forget() {
  const names = await self.caches.keys();
  const ours = names.filter((name) => name.startsWith("millrace"));
  await Promise.all([...ours.map((name) => self.caches.delete(name)), self.registration.unregister()]);
}

/** The path below the base, null for an address outside of it. */
function pathBelow(url) {
  const isBelow = url.origin === scope.origin && url.pathname.startsWith(scope.pathname);
  return isBelow ? url.pathname.slice(scope.pathname.length) : null;
}

/** The path below the base if it is an endpoint of the API, else null. */
function endpoint(url) {
  const path = pathBelow(url);
  return path !== null && ENDPOINTS.has(path.replace(/\/$/, "")) ? path : null;
}

/** The path below the base if it is a file of the app, else null. The page's address may have settings. */
function keptFile(url) {
  const path = pathBelow(url);
  if (!BUILD || path === null) return null;
  if (path === "" || path === "index.html") return "";
  return !url.search && FILES.includes(path) ? path : null;
}

/** A file of the app, from the host if the browser has removed the cache. */
async function fromCache(path, request) {
  const kept = await caches.match(new URL(path, scope), { cacheName: CACHE, ignoreVary: true });
  return kept ?? fetch(request);
}

/** Caches all files, or fails. A first service worker starts at once; a later one waits for `take-over`. */
async function install() {
  if (BUILD) {
    const cache = await caches.open(CACHE);
    await Promise.all(["", ...FILES].map((path) => keep(cache, path)));
  }
  if (!BUILD || !self.registration.active) self.skipWaiting();
}

/** Caches a file from the host, revalidated even when the browser's HTTP cache considers its copy fresh. */
async function keep(cache, path) {
  const url = new URL(path, scope);
  const response = await fetch(url, { cache: "no-cache" });
  const isOurs = path !== "" || isOfThisBuild(await response.clone().text());
  if (!response.ok || !isOurs) throw new Error(`${url} is not there, or of another build`);
  // A new response, since browsers refuse a redirected one for a navigation.
  await cache.put(url, new Response(response.body, response));
}

/** Whether a page names files of this build, by the hashes in their names: hosts do not update all files at once. */
function isOfThisBuild(page) {
  return FILES.every((path) => page.includes(path.match(/-[0-9a-f]{8,16}/)?.[0] ?? ""));
}

async function forgetOlder() {
  const older = (await caches.keys()).filter((name) => name.startsWith(OUR_CACHES) && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
}

async function answer(request, path, query) {
  const { method } = request;
  const body = method === "GET" || method === "HEAD" ? new ArrayBuffer(0) : await request.arrayBuffer();
  const message = { method, path, query, headers: [...request.headers], body };
  let found = await pipeline();
  let reply = found && (await ask(found, message));
  // A read-only request is sent again to the next pipeline when the first one ended before its response.
  if (found && !reply && (method === "GET" || method === "HEAD")) {
    found = await pipeline();
    reply = found && (await ask(found, { ...message, body: new ArrayBuffer(0) }));
  }
  // The page itself reports that no pipeline runs yet, and starts one.
  if (!reply) return path.startsWith("docs") ? Response.redirect(`${scope.href}#console`) : unavailable();
  const hasBody = method !== "HEAD" && ![204, 205, 304, 307].includes(reply.status);
  const isFollowed = reply.headers.some(([, value]) => value === "text/event-stream");
  const rest = reply.stream === null ? reply.body : flowing(found, reply, isFollowed);
  const whole = isFollowed && hasBody ? followed(rest, message) : rest;
  return new Response(hasBody ? whole : null, { status: reply.status, headers: reply.headers });
}

/**
 * A stream of events that outlives its pipeline: the next pipeline continues after the last event, however late it comes.
 * Browsers do not show service workers the `Last-Event-ID` of an EventSource that reconnects, so that one which is ended
 * misses events.
 */
function followed(first, message) {
  let reader = new Response(first).body.getReader();
  // The pipeline's first bytes have an id, unless it reports a gap: then the event of the gap has one.
  let last = new Headers(message.headers).get("last-event-id") || new URLSearchParams(message.query).get("last_event_id");
  // The id that the reader began at is no longer the one to go on from.
  const headers = message.headers.filter(([name]) => name.toLowerCase() !== "last-event-id");
  let isWanted = true;
  const next = async () => {
    while (last !== null && isWanted && !isGivingWay) {
      const found = await pipeline();
      // Without a page no pipeline follows.
      if (!found && (await appPages()).length === 0) return null;
      const query = `last_event_id=${encodeURIComponent(last)}`;
      const reply = found && (await ask(found, { ...message, headers, query, body: new ArrayBuffer(0) }));
      if (reply) return reply.status === 200 && reply.stream !== null ? flowing(found, reply, true).getReader() : null;
    }
    return null;
  };
  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        const { value, done } = await reader.read();
        if (!done) {
          last = lastId(value) ?? last;
          return controller.enqueue(value);
        }
        const following = await next();
        if (!isWanted) return following?.cancel();
        if (!following) return controller.close();
        reader = following;
      }
    },
    cancel() {
      isWanted = false;
      return reader.cancel();
    },
  });
}

/** The id of the last event in a part of whole events; searched from the end, since parts may be large. */
function lastId(bytes) {
  for (let end = bytes.length; end > 0; ) {
    const start = end > 1 ? bytes.lastIndexOf(10, end - 2) + 1 : 0;
    // "id: "
    if (bytes[start] === 105 && bytes[start + 1] === 100) return new TextDecoder().decode(bytes.subarray(start + 4, end - 1));
    end = start;
  }
  return null;
}

/** A body that continues after the reply: each part is requested when the reader pulls it, so that none queue. */
function flowing(found, { body, stream }, isFollowed) {
  let watch;
  let giveWay;
  // An EventSource reconnects after an end, but not after an error; any other body would seem complete after an end.
  const lose = (controller, reason) => (isFollowed ? controller.close() : controller.error(new Error(reason)));
  const end = () => {
    clearInterval(watch);
    endless.delete(giveWay);
    found.reading.delete(stream);
  };
  return new ReadableStream({
    start(controller) {
      // An EventSource whose stream ends reconnects, to the service worker that took over.
      giveWay = () => {
        end();
        controller.close();
        send(found.port, { cancel: { stream } });
      };
      if (isFollowed) endless.add(giveWay);
      if (body.byteLength > 0) controller.enqueue(new Uint8Array(body));
      watch = setInterval(async () => {
        if (await self.clients.get(found.clientId)) return;
        end();
        lose(controller, "the tab that ran the pipeline was closed");
      }, 500);
    },
    pull(controller) {
      return new Promise((resolve) => {
        found.reading.set(stream, (part, body) => {
          if (part === "bytes") return resolve(controller.enqueue(new Uint8Array(body)));
          end();
          if (part === "last") controller.close();
          else lose(controller, "the pipeline was started anew");
          resolve();
        });
        send(found.port, { pull: { stream } });
      });
    },
    cancel() {
      end();
      send(found.port, { cancel: { stream } });
    },
  });
}

function unavailable() {
  const detail = "no tab runs the pipeline; open the app in a tab and ask again";
  return new Response(JSON.stringify({ detail }), {
    status: 503,
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      "Retry-After": "1",
    },
  });
}

/** The reply to a message, or null when the pipeline ended before it. */
function ask(found, message) {
  const id = nextId++;
  return new Promise((resolve) => {
    const watch = setInterval(async () => {
      if (!(await self.clients.get(found.clientId))) settle(null);
    }, 500);
    const settle = (reply) => {
      clearInterval(watch);
      found.waiting.delete(id);
      resolve(reply);
    };
    found.waiting.set(id, settle);
    const { body, ...request } = message;
    send(found.port, { request: { id, ...request } }, { body });
  });
}

/** A port to the worker that runs the pipeline, or null when no tab does. */
async function pipeline() {
  if (link && (await self.clients.get(link.clientId))) return link;
  link = null;
  const deadline = Date.now() + PATIENCE_MILLIS;
  for (;;) {
    const pages = await appPages();
    if (pages.length === 0) return null;
    const found = await firstOf(pages.map((page) => knock(page, deadline - Date.now())));
    if (found) return (link = found);
    if (Date.now() > deadline) return null;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS));
  }
}

/** The open pages of the app: windows of this base that do not show an endpoint's response. */
async function appPages() {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.filter((page) => page.url.startsWith(scope.href) && endpoint(new URL(page.url)) === null);
}

/** Sends a port through a page to its worker; the link if that worker runs the pipeline, else null. */
function knock(page, patienceMillis) {
  const { port1: port, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    const found = { port, clientId: page.id, welcomed: Infinity, waiting: new Map(), reading: new Map(), end: () => resolve(null) };
    const timer = setTimeout(() => lose(found), patienceMillis);
    port.onmessage = ({ data: { version, json, body } }) => {
      const message = version === VERSION ? JSON.parse(json) : null;
      if (message?.response) return found.waiting.get(message.response.id)?.({ ...message.response, body });
      if (message?.part) return found.reading.get(message.part.stream)?.(message.part.part, body);
      clearTimeout(timer);
      found.welcomed = Date.now();
      if (message === "welcome") return resolve(found);
      // That worker runs no pipeline, or has another protocol version.
      lose(found);
    };
    links.add(found);
    send(port, { hello: { build: null, start: null } });
    page.postMessage({ kind: "port" }, [port2]);
  });
}

/** Closes a dead port: pending requests resolve to null, and bodies end as lost. */
function lose(found) {
  links.delete(found);
  if (link === found) link = null;
  for (const settle of found.waiting.values()) settle(null);
  for (const take of found.reading.values()) take("lost");
  found.port.close();
  found.end();
}

/** The first result that is not null; null when all are. */
function firstOf(promises) {
  const found = promises.map(async (promise) => (await promise) ?? Promise.reject(new Error("no pipeline")));
  return Promise.any(found).catch(() => null);
}

/** Hands a page's port to the page whose worker runs the pipeline. */
async function attach(port) {
  const found = await pipeline();
  const page = found && (await self.clients.get(found.clientId));
  if (page) page.postMessage({ kind: "port" }, [port]);
  else send(port, { role: "waiting" });
}

/** Sends a message of the protocol in its envelope, with a body that is transferred. */
function send(port, message, { body } = {}) {
  port.postMessage({ version: VERSION, json: JSON.stringify(message), body }, body ? [body] : []);
}
