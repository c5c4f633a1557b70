// The relay between real requests and the pipeline, and the keeper of the app's own files: it holds no logic and, since
// browsers stop it when it is idle, no state that it could not find again. What crosses its ports is described in
// src/protocol.rs.

const VERSION = 6;
// The app's files besides its page, and a hash of all of them: a release build writes both (scripts/precache.mjs), so these
// bytes change with each. A debug build keeps nothing, so that `trunk serve` shows at once what was built last.
const FILES = [];
const BUILD = "";
// The paths that the pipeline answers; all others go to the static host. A test compares them with the router's.
const ENDPOINTS = new Set([
  "trigger", "latest", "query", "stream", "events", "rejected", "metrics", "health", "config", "openapi.json", "docs"
]);
// A page that is just loading or taking over gets this long to say that it runs the pipeline.
const PATIENCE_MILLIS = 5000;
const RETRY_MILLIS = 100;

const scope = new URL(self.registration.scope);
// Other apps of this origin, and this one under other paths, have caches of their own. A path holds no blank.
const OUR_CACHES = `millrace ${scope.pathname} `;
const CACHE = OUR_CACHES + BUILD;
let link = null; // the port to the pipeline that answered last, and the page that it belongs to
const links = new Set(); // all that were opened and not lost since: some answer still, although a newer one is the link
const endless = new Set(); // what ends each answer that has no end of its own
let isGivingWay = false; // whether a newer version waits for these to end
let nextId = 1;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([forgetOlder(), self.clients.claim()])));

self.addEventListener("message", (event) => {
  // A page that was loaded past the service worker (hard reload) asks to be controlled.
  if (event.data?.kind === "claim") event.waitUntil(self.clients.claim());
  // Somebody wants the new version, of which this is the service worker.
  if (event.data?.kind === "take-over") self.skipWaiting();
  // Somebody wants the version after this one, which has to wait until nothing is being answered here.
  if (event.data?.kind === "give-way") {
    isGivingWay = true;
    for (const end of endless) end();
  }
  // A page whose pipeline runs in another tab asks for a line to it.
  if (event.data?.kind === "attach") event.waitUntil(attach(event.ports[0]));
  // A page says now and then that bodies are being read, which keeps this worker from being stopped meanwhile.
  if (event.data?.kind === "keep-awake") link?.port.postMessage({ kind: "alive" });
  // Somebody wants all that the app keeps to be gone.
  if (event.data?.kind === "forget") event.waitUntil(forget());
  // A page ended its pipeline and started another: nobody is at the other end of the ports that led there.
  if (event.data?.kind === "restarted") for (const found of links) if (found.clientId === event.source.id) lose(found);
  // Another page's worker runs the pipeline since then: the one before was frozen or hangs, and will not answer.
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

/** The path below the base, null when it is not there. */
function pathBelow(url) {
  const isBelow = url.origin === scope.origin && url.pathname.startsWith(scope.pathname);
  return isBelow ? url.pathname.slice(scope.pathname.length) : null;
}

/** The path below the base if the pipeline answers it, else null. */
function endpoint(url) {
  const path = pathBelow(url);
  return path !== null && ENDPOINTS.has(path.replace(/\/$/, "")) ? path : null;
}

/** The path below the base if that is a file of the app, else null. The page's address carries settings. */
function keptFile(url) {
  const path = pathBelow(url);
  if (!BUILD || path === null) return null;
  if (path === "" || path === "index.html") return "";
  return !url.search && FILES.includes(path) ? path : null;
}

/** A file of the app; the host has it when the browser has thrown the cache away. */
async function fromCache(path, request) {
  const kept = await caches.match(new URL(path, scope), { cacheName: CACHE, ignoreVary: true });
  return kept ?? fetch(request);
}

/** Keeps all files, or fails. A first service worker starts at once; a later one waits until it is let: see `take-over`. */
async function install() {
  if (BUILD) {
    const cache = await caches.open(CACHE);
    await Promise.all(["", ...FILES].map((path) => keep(cache, path)));
  }
  if (!BUILD || !self.registration.active) self.skipWaiting();
}

/** Takes a file from the host, which is asked even when the browser thinks that its copy is fresh. */
async function keep(cache, path) {
  const url = new URL(path, scope);
  const response = await fetch(url, { cache: "no-cache" });
  const isOurs = path !== "" || isOfThisBuild(await response.clone().text());
  if (!response.ok || !isOurs) throw new Error(`${url} is not there, or of another build`);
  // Made anew, since a response that was redirected answers no navigation.
  await cache.put(url, new Response(response.body, response));
}

/** Whether a page names files of the same content, by the hash in their names: hosts change file by file, and not at once. */
function isOfThisBuild(page) {
  return FILES.every((path) => page.includes(path.match(/-[0-9a-f]{16}/)?.[0] ?? ""));
}

async function forgetOlder() {
  const older = (await caches.keys()).filter((name) => name.startsWith(OUR_CACHES) && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
}

async function answer(request, path, query) {
  const { method } = request;
  const body = method === "GET" || method === "HEAD" ? new ArrayBuffer(0) : await request.arrayBuffer();
  const message = { kind: "request", method, path, query, headers: [...request.headers], body };
  let found = await pipeline();
  let reply = found && (await ask(found, message));
  // What only reads is asked again, when the pipeline went away meanwhile, of the one that follows it.
  if (found && !reply && (method === "GET" || method === "HEAD")) {
    found = await pipeline();
    reply = found && (await ask(found, { ...message, body: new ArrayBuffer(0) }));
  }
  // The page says itself that it has no pipeline yet, and starts one.
  if (!reply) return path.startsWith("docs") ? Response.redirect(`${scope.href}#console`) : unavailable();
  const hasBody = method !== "HEAD" && ![204, 205, 304, 307].includes(reply.status);
  const isFollowed = reply.headers.some(([, value]) => value === "text/event-stream");
  const rest = reply.stream === undefined ? reply.body : flowing(found, reply, isFollowed);
  const whole = isFollowed && hasBody ? followed(rest, message) : rest;
  return new Response(hasBody ? whole : null, { status: reply.status, headers: reply.headers });
}

/**
 * A stream of events that outlives the pipeline which it came from: the next one goes on after the last event. Browsers show
 * service workers no `Last-Event-ID` when an EventSource connects again, so that it could not ask for this itself.
 */
function followed(first, message) {
  let reader = new Response(first).body.getReader();
  let last = new URLSearchParams(message.query).get("last_event_id");
  let isWanted = true;
  const next = async () => {
    const found = last !== null && isWanted && !isGivingWay && (await pipeline());
    const query = `last_event_id=${last}`;
    const reply = found && (await ask(found, { ...message, query, body: new ArrayBuffer(0) }));
    return reply && reply.status === 200 && reply.stream !== undefined ? flowing(found, reply, true).getReader() : null;
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

/** The number of the last event in a run of whole events; looked for from the end, since parts may be large. */
function lastId(bytes) {
  for (let end = bytes.length; end > 0; ) {
    const start = end > 1 ? bytes.lastIndexOf(10, end - 2) + 1 : 0;
    // "id: "
    if (bytes[start] === 105 && bytes[start + 1] === 100) return new TextDecoder().decode(bytes.subarray(start + 4, end - 1));
    end = start;
  }
  return null;
}

/** A body that goes on beyond the reply: each part is asked for when the reader wants it, so that none pile up. */
function flowing(found, { body, stream }, isFollowed) {
  let watch;
  let giveWay;
  // An EventSource connects again after an end, but not after an error; of all else an end would say that it is whole.
  const lose = (controller, reason) => (isFollowed ? controller.close() : controller.error(new Error(reason)));
  const end = () => {
    clearInterval(watch);
    endless.delete(giveWay);
    found.reading.delete(stream);
  };
  return new ReadableStream({
    start(controller) {
      // An EventSource whose stream ends asks again, and is answered by whoever took over.
      giveWay = () => {
        end();
        controller.close();
        found.port.postMessage({ kind: "cancel", stream });
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
        found.reading.set(stream, (part) => {
          if (part.body) return resolve(controller.enqueue(new Uint8Array(part.body)));
          end();
          if (part.is_last) controller.close();
          else lose(controller, "the pipeline was started anew");
          resolve();
        });
        found.port.postMessage({ kind: "pull", stream });
      });
    },
    cancel() {
      end();
      found.port.postMessage({ kind: "cancel", stream });
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

/** The reply to a message, or null when the pipeline went away meanwhile. */
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
    found.port.postMessage({ ...message, id }, [message.body]);
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

/** The open pages of the app: windows of this base that do not show an endpoint's answer. */
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
    port.onmessage = ({ data }) => {
      if (data.kind === "response") return found.waiting.get(data.id)?.(data);
      if (data.kind === "part") return found.reading.get(data.stream)?.(data);
      clearTimeout(timer);
      found.welcomed = Date.now();
      if (data.kind === "welcome") return resolve(found);
      // It runs no pipeline, or is of another version.
      lose(found);
    };
    links.add(found);
    port.postMessage({ kind: "hello", version: VERSION });
    page.postMessage({ kind: "port" }, [port2]);
  });
}

/** A port leads nowhere any more: whoever waits for something through it is told. */
function lose(found) {
  links.delete(found);
  if (link === found) link = null;
  for (const settle of found.waiting.values()) settle(null);
  for (const take of found.reading.values()) take({ is_lost: true });
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
  else port.postMessage({ kind: "role", is_owner: false });
}
