// The relay between HTTP requests and the pipeline, and the cache of the app's own files: it has no logic of routes
// and, since browsers stop it when it is idle, no state that it cannot restore. src/protocol defines the messages on
// its ports.

const VERSION = 13;
// The app's files besides its page, and a hash of all of them: a release build writes both (scripts/precache.mjs), so
// this script changes with each. A debug build caches nothing, so that `trunk serve` shows the newest build at once.
const FILES = [];
const BUILD = "";
// Files that few need: kept once they have been loaded.
const LATER = [];
// The paths of the API; all others go to the static host. A test compares them with the router's.
const ENDPOINTS = new Set([
  "trigger", "latest", "query", "stream", "events", "rejected", "metrics", "health", "config", "openapi.json", "docs",
  "source", "source/pause", "source/resume", "source/seek", "credentials"
]);
// Time limit for a page that is loading or taking over to report that it runs the pipeline.
const PATIENCE_MILLIS = 5000;
const RETRY_MILLIS = 100;
// What a page is told on a port that no worker gets: `FromWorker::Role(Role::Waiting)` in the bytes of pages' messages.
const WAITING = new Uint8Array([3, 1]).buffer;
// Methods whose requests have no body that means anything; those of the others come in parts of so many bytes at most.
const BODILESS = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);
const PART_BYTES = 1 << 20;
const NO_PARTS = { next: async () => ({ body: new ArrayBuffer(0), has_more: false }), stop() {} };
// Longer methods and headers mean nothing to the pipeline, and mean as little when they are cut.
const METHOD_LENGTH = 64;
const HEADER_LENGTH = 8192;
// A body is pulled only while somebody reads it: a reader that stands still holds no part.
const ON_DEMAND = { highWaterMark: 0 };

const scope = new URL(self.registration.scope);
// Other apps of this origin, and this one under other paths, have caches of their own. A path contains no space.
const OUR_CACHES = `millrace ${scope.pathname} `;
const CACHE = OUR_CACHES + BUILD;
// Held for as long as this service worker runs: a pipeline worker that gets it closes the ports of one that was stopped.
const PRESENCE = `millrace presence ${crypto.randomUUID()}`;
const present = new Promise((resolve) => {
  navigator.locks?.request(PRESENCE, () => new Promise(() => resolve())).catch(() => {});
});
let link = null; // the port to the pipeline that responded last, and the page that it belongs to
const links = new Set(); // all open ports: some still have pending responses although a newer one is the link
const knocks = new Map(); // by page, the promise of an answer to the port that it was sent
const endless = new Set(); // functions that end the endless responses
let isGivingWay = false; // whether a newer version waits for these responses to end
const sending = new Map(); // by the number of a request whose body goes on, what sends the next part
let nextId = 1;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([forgetOlder(), self.clients.claim()])));

self.addEventListener("message", (event) => {
  // Any page of the origin can post messages here: only those of the app count.
  if (!isAppPage(event.source)) return;
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
  if (path !== null) return event.respondWith(answer(event, path, url.search.slice(1)));
  const file = event.request.method === "GET" ? keptFile(url) : null;
  if (file !== null) event.respondWith(fromCache(file, event.request));
});

async function forget() {
  const names = await self.caches.keys();
  const ours = names.filter((name) => name.startsWith(OUR_CACHES));
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
  return !url.search && (FILES.includes(path) || LATER.includes(path)) ? path : null;
}

/**
 * A file of the app, from the host if the browser has removed the cache. The host has no use for the settings in the page's
 * address, among which a key of the API may be.
 */
async function fromCache(path, request) {
  const kept = await caches.match(new URL(path, scope), { cacheName: CACHE, ignoreVary: true });
  if (kept) return kept;
  const response = await fetch(path === "" ? new Request(scope, { redirect: "manual" }) : request);
  if (LATER.includes(path) && response.ok) await keepLater(path, response.clone());
  return response;
}

/** Caches a file that was loaded. Where there is no room it is loaded again the next time. */
async function keepLater(path, response) {
  const cache = await caches.open(CACHE);
  await cache.put(new URL(path, scope), response).catch(() => {});
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

async function answer({ request, clientId }, path, query) {
  const { method } = request;
  // What a page sends may outlive the page; what it asks for may not.
  const asker = { signal: request.signal, clientId: BODILESS.has(method) ? clientId : "", isGone: false };
  const parts = partsOf(request);
  const message = { ...headOf(request), path, query, ...(await parts.next()) };
  let found = await pipeline();
  let reply = found && (await ask(found, message, asker, parts));
  parts.stop();
  // A read-only request is sent again to the next pipeline when the first one ended before its response.
  if (found && !reply && !asker.isGone && (method === "GET" || method === "HEAD")) {
    found = await pipeline();
    reply = found && (await ask(found, { ...message, body: new ArrayBuffer(0) }, asker));
  }
  if (found && !reply && method !== "GET" && method !== "HEAD") return cutOff();
  // The page itself reports that no pipeline runs yet, and starts one.
  if (!reply) return path.startsWith("docs") ? Response.redirect(`${scope.href}#console`) : unavailable();
  const headers = checkedHeaders(reply);
  if (headers === null) {
    if (Number.isInteger(reply.stream)) send(found.port, { cancel: { stream: reply.stream } });
    return failure(502, "the pipeline's answer is not HTTP: a status from 200 to 599 and headers; reload the app");
  }
  const hasBody = method !== "HEAD" && ![204, 205, 304, 307].includes(reply.status);
  const isFollowed = headers.get("content-type") === "text/event-stream";
  const rest = reply.stream === null ? reply.body : flowing(found, reply, isFollowed, clientId);
  const whole = isFollowed && hasBody ? followed(rest, message, clientId) : rest;
  return new Response(hasBody ? whole : null, { status: reply.status, headers });
}

/** Method and headers of a request, of a bounded size. */
function headOf({ method, headers }) {
  const values = [...headers].map(([name, value]) => [name, value.slice(0, HEADER_LENGTH)]);
  return { method: method.slice(0, METHOD_LENGTH), headers: values };
}

/** The body of a request, part by part: `next` reads one, which was not read before, and after `stop` none is read. */
function partsOf(request) {
  if (BODILESS.has(request.method)) return NO_PARTS;
  // Firefox has no `Request.body`: the browser then keeps the whole, on disk when it is large.
  return request.body ? partsOfStream(request.body.getReader()) : partsOfBlob(request.blob());
}

function partsOfBlob(promised) {
  let at = 0;
  return {
    async next() {
      const blob = await promised;
      const part = blob.slice(at, at + PART_BYTES);
      at += part.size;
      return { body: await part.arrayBuffer(), has_more: at < blob.size };
    },
    stop() {},
  };
}

function partsOfStream(reader) {
  let rest = new Uint8Array(0); // what was read beyond the last part
  return {
    async next() {
      const part = [];
      let bytes = 0;
      while (bytes < PART_BYTES) {
        const { value, done } = rest.length > 0 ? { value: rest, done: false } : await reader.read();
        if (done) return { body: joined(part, bytes), has_more: false };
        part.push(value.subarray(0, PART_BYTES - bytes));
        rest = value.subarray(part.at(-1).length);
        bytes += part.at(-1).length;
      }
      return { body: joined(part, bytes), has_more: true };
    },
    stop: () => reader.cancel().catch(() => {}),
  };
}

/** Pieces of so many bytes altogether as one buffer. */
function joined(pieces, bytes) {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole.buffer;
}

/** The headers of an answer with the one that none may lack, null when it is no answer by its status, headers or stream. */
function checkedHeaders({ status, headers, stream }) {
  if (!Number.isInteger(status) || status < 200 || status > 599 || !Array.isArray(headers)) return null;
  if (stream !== null && !Number.isInteger(stream)) return null;
  try {
    const checked = new Headers(headers);
    checked.set("X-Content-Type-Options", "nosniff");
    return checked;
  } catch {
    return null;
  }
}

/**
 * A stream of events that outlives its pipeline: the next pipeline continues after the last event, however late it comes.
 * Browsers do not show service workers the `Last-Event-ID` of an EventSource that reconnects, so that one which is ended
 * misses events.
 */
function followed(first, message, clientId) {
  let reader = new Response(first).body.getReader();
  // The pipeline's first bytes have an id, unless it reports a gap: then the event of the gap has one.
  let last = new Headers(message.headers).get("last-event-id") || new URLSearchParams(message.query).get("last_event_id");
  // The id of the event of which only a part has come, null between two events.
  let open = null;
  // The id that the reader began at is no longer the one to go on from.
  const headers = message.headers.filter(([name]) => name.toLowerCase() !== "last-event-id");
  let isWanted = true;
  const next = async () => {
    while (last !== null && isWanted && !isGivingWay) {
      const found = await pipeline();
      // Without a page no pipeline follows.
      if ((!found && (await appPages()).length === 0) || (await isGone(clientId))) return null;
      const query = `last_event_id=${encodeURIComponent(last)}`;
      const reply = found && (await ask(found, { ...message, headers, query, body: new ArrayBuffer(0) }));
      if (reply) return reply.status === 200 && reply.stream !== null ? flowing(found, reply, true, clientId).getReader() : null;
    }
    return null;
  };
  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        const { value, done } = await reader.read();
        if (!done) {
          [last, open] = position(value, last, open);
          return controller.enqueue(value);
        }
        const following = await next();
        if (!isWanted) return following?.cancel();
        if (!following) return controller.close();
        // What has come of an event is taken for one of a name that nobody listens to, and comes again.
        if (open !== null) controller.enqueue(new TextEncoder().encode(`\nevent: cut\nid: ${last}\n\n`));
        open = null;
        reader = following;
      }
    },
    cancel() {
      isWanted = false;
      return reader.cancel();
    },
  }, ON_DEMAND);
}

/** The ids of the last whole event and of the one that is still open after a part of a stream, from those before it. */
function position(bytes, last, open) {
  const end = endOfEvents(bytes);
  if (end > 0) {
    last = lastId(bytes.subarray(0, end), open !== null) ?? open ?? last;
    open = null;
  }
  if (end < bytes.length && open === null) open = lastId(bytes.subarray(end), false) ?? last;
  return [last, open];
}

/** Where the last event ends that a part has the end of, else 0: only there are two line feeds together. */
function endOfEvents(bytes) {
  for (let at = bytes.lastIndexOf(10); at > 0; at = bytes.lastIndexOf(10, at - 1)) if (bytes[at - 1] === 10) return at + 1;
  return 0;
}

/** The last id in some bytes; searched from the end, since parts may be large. They may begin inside a line of data. */
function lastId(bytes, isInside) {
  for (let end = bytes.length; end > 0; ) {
    const start = end > 1 ? bytes.lastIndexOf(10, end - 2) + 1 : 0;
    if (start === 0 && isInside) return null;
    // "id: "
    if (bytes[start] === 105 && bytes[start + 1] === 100) {
      return new TextDecoder().decode(bytes.subarray(start + 4, bytes.indexOf(10, start)));
    }
    end = start;
  }
  return null;
}

/** Whether the page that asked is gone; a request that loads a page has none. */
const isGone = async (clientId) => clientId !== "" && !(await self.clients.get(clientId));

/** A body that continues after the reply: each part is requested when the reader pulls it, so that none queue. */
function flowing(found, { body, stream }, isFollowed, clientId) {
  let watch;
  let giveWay;
  let isOver = false;
  // An EventSource reconnects after an end, but not after an error; any other body would seem complete after an end.
  const lose = (controller, reason) => (isFollowed ? controller.close() : controller.error(new Error(reason)));
  const end = () => {
    isOver = true;
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
        // A page that went before it got the head of the answer has cancelled nothing.
        const [isLeft, isLost] = await Promise.all([isGone(clientId), isGone(found.clientId)]);
        if (isOver) return;
        if (isLeft) return giveWay();
        if (!isLost) return;
        end();
        lose(controller, "the tab that ran the pipeline was closed");
      }, 500);
    },
    pull(controller) {
      // A port that was lost before the first pull has told nobody.
      if (!links.has(found)) {
        end();
        return lose(controller, "the pipeline was started anew");
      }
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
  }, ON_DEMAND);
}

function unavailable() {
  return failure(503, "no tab runs the pipeline; open the app in a tab and ask again", { "Retry-After": "1" });
}

/** The answer where a pipeline ended before it answered. */
function cutOff() {
  const mend = "look before you send it again, or send it with an Idempotency-Key";
  return failure(503, `the pipeline ended before it answered, and may have taken part of this; ${mend}`, { "Retry-After": "1" });
}

/** An answer that is not the pipeline's. */
function failure(status, detail, headers = {}) {
  return new Response(JSON.stringify({ detail }), {
    status,
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      ...headers,
    },
  });
}

/**
 * The reply to a message, or null when the pipeline ended before it or whoever asked no longer waits for it. The pipeline
 * asks for each part of the body behind the first.
 */
function ask(found, message, asker = {}, parts) {
  // Lost since it was found, or nobody waits for the answer any more.
  if (!links.has(found) || asker.signal?.aborted) return null;
  const id = nextId++;
  return new Promise((resolve) => {
    // A page that is closed waits for nothing; not every browser aborts its requests.
    let isKnown = false;
    if (asker.clientId) self.clients.get(asker.clientId).then((client) => (isKnown = client !== undefined));
    const watch = setInterval(async () => {
      if (!(await self.clients.get(found.clientId))) return settle(null);
      if (isKnown && !(await self.clients.get(asker.clientId))) abandon();
    }, 500);
    const settle = (reply) => {
      clearInterval(watch);
      found.waiting.delete(id);
      sending.delete(id);
      resolve(reply);
    };
    found.waiting.set(id, settle);
    const abandon = () => {
      if (!found.waiting.has(id)) return;
      asker.isGone = true;
      send(found.port, { abandon: { id } });
      settle(null);
    };
    asker.signal?.addEventListener("abort", abandon);
    sending.set(id, async () => {
      // What sends the body may break off.
      const next = await parts?.next().catch(() => null);
      if (!next) return abandon();
      const { body, ...part } = next;
      if (found.waiting.has(id)) send(found.port, { body: { id, ...part } }, { body });
    });
    const { body, ...request } = message;
    send(found.port, { request: { id, ...request } }, { body });
  });
}

/** Hands a reply to the request that waits for it. One that was abandoned while the reply came leaves its body unread. */
function answered(found, reply) {
  const settle = found.waiting.get(reply.id);
  if (settle) settle(reply);
  else if (Number.isInteger(reply.stream)) send(found.port, { cancel: { stream: reply.stream } });
}

/** A port to the worker that runs the pipeline, or null when no tab does. */
async function pipeline() {
  const deadline = Date.now() + PATIENCE_MILLIS;
  for (;;) {
    const found = link;
    const page = found && (await self.clients.get(found.clientId));
    // It was lost, or another one found meanwhile.
    if (found !== link) continue;
    if (page) return found;
    if (found) lose(found);
    const pages = await appPages();
    if (pages.length === 0 || Date.now() > deadline) return null;
    // Not until all have answered: a page that is frozen does not, while another takes over.
    await Promise.race([...pages.map(knock), new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS))]);
  }
}

/** The open pages of the app. */
async function appPages() {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.filter(isAppPage);
}

/**
 * Whether a client is a page of the app: a window that was loaded from the base itself, where the host has only the app's
 * page. What other pages of the origin run is unknown, also of those below the base.
 */
function isAppPage(client) {
  return client instanceof WindowClient && ["", "index.html"].includes(pathBelow(new URL(client.url)));
}

/** Sends a port through a page to its worker; settled when that worker answers that it runs the pipeline: then it is the link. */
function knock(page) {
  if (knocks.has(page.id)) return knocks.get(page.id);
  const { port1: port, port2 } = new MessageChannel();
  const welcome = new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      if (knocks.get(page.id) === welcome) knocks.delete(page.id);
    };
    const found = { port, clientId: page.id, welcomed: Infinity, waiting: new Map(), reading: new Map(), end };
    const timer = setTimeout(() => lose(found), PATIENCE_MILLIS);
    port.onmessage = ({ data: { version, json, body } }) => {
      const message = version === VERSION ? JSON.parse(json) : null;
      if (message?.response) return answered(found, { ...message.response, body });
      if (message?.more) return sending.get(message.more.id)?.();
      if (message?.part) return found.reading.get(message.part.stream)?.(message.part.part, body);
      found.welcomed = Date.now();
      // That worker runs no pipeline, has another protocol version, or was frozen until another took over.
      if (message !== "welcome" || (link !== null && link !== found)) return lose(found);
      link = found;
      end();
      resolve();
    };
    links.add(found);
    send(port, { hello: { build: null, start: null } });
    present.then(() => send(port, { holding: { lock: PRESENCE } }));
    page.postMessage({ kind: "port", isPage: false }, [port2]);
  });
  knocks.set(page.id, welcome);
  return welcome;
}

/** Closes a dead port: pending requests resolve to null, and bodies end as lost. */
function lose(found) {
  links.delete(found);
  if (link === found) link = null;
  for (const settle of found.waiting.values()) settle(null);
  for (const take of found.reading.values()) take("lost");
  send(found.port, "goodbye");
  found.port.close();
  found.end();
}

/** Hands a page's port to the page whose worker runs the pipeline, marked as one: no message on a port can do that. */
async function attach(port) {
  const found = await pipeline();
  const page = found && (await self.clients.get(found.clientId));
  if (page) page.postMessage({ kind: "port", isPage: true }, [port]);
  else port.postMessage({ version: VERSION, bytes: WAITING });
}

/** Sends a pipeline's worker a message of the protocol in its envelope, with a body that is transferred. */
function send(port, message, { body } = {}) {
  port.postMessage({ version: VERSION, json: JSON.stringify(message), body }, body ? [body] : []);
}
