// The first messages of a live source, before anything of it is taken. The page loads this script when a person tests a
// connection, and runs it itself: browsers ask in a page, after a click, whether it may reach this machine or the network
// around it, and a worker has its answer.

/** What is looked at of a source: more bytes than the preview reads, so that a cut body is not taken for a whole one. */
const MAX_MESSAGES = 50;
const MAX_BYTES = 4 * 1024 * 1024;
/** How long a connection may take, and how long the first message may take to come after it. */
const CONNECT_MILLIS = 10_000;
const SILENCE_MILLIS = 5_000;
/** How long further messages are waited for after the first one. */
const GATHER_MILLIS = 1_500;
/** The longest piece of a server's own words that is shown. */
const MAX_WORDS = 200;

/** Hosts of this machine, as browsers know them. */
const THIS_MACHINE = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** A failure as a sentence that names the reason and the mend. */
class Failure extends Error {}

/** Gathers messages until there are enough of them, or no more is to be waited for. */
class Gathering {
  #messages = [];
  #bytes = 0;
  #timer;
  #end;
  #isEnded = false;
  /** Settles once enough has come; fails when the source does. */
  whole = new Promise((resolve, reject) => (this.#end = { resolve, reject }));

  constructor() {
    this.#wait(CONNECT_MILLIS, () => this.fail(new Failure("no connection came about within 10 s; see whether the server runs, and whether its address is right")));
  }

  #wait(millis, then) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, millis);
  }

  /** The connection is there: messages are waited for from now on. */
  open() {
    if (!this.#isEnded) this.#wait(SILENCE_MILLIS, () => this.end());
  }

  /** Takes a message: a text, or bytes. */
  take(message) {
    if (this.#isEnded) return;
    const bytes = typeof message === "string" ? new TextEncoder().encode(message) : new Uint8Array(message);
    if (this.#messages.length === 0) this.#wait(GATHER_MILLIS, () => this.end());
    this.#messages.push(bytes.subarray(0, MAX_BYTES - this.#bytes));
    this.#bytes += this.#messages.at(-1).length;
    if (this.#messages.length >= MAX_MESSAGES || this.#bytes >= MAX_BYTES) this.end();
  }

  end() {
    this.#settle(() => this.#end.resolve(this.#messages));
  }

  fail(error) {
    this.#settle(() => this.#end.reject(error));
  }

  #settle(settle) {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    settle();
  }
}

/** The server's own words, as long as they are shown; nothing for none. */
const words = (text) => {
  const line = String(text ?? "").replace(/\s+/g, " ").trim();
  return line && `: \u201c${line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}\u2026` : line}\u201d`;
};

/** Whether the browser keeps the page from this machine and the network around it: `denied`, `prompt` or `granted`. */
async function localAccess() {
  const states = [];
  // Its name has changed: first one permission for all, then one for this machine and one for the network.
  for (const name of ["loopback-network", "local-network", "local-network-access"]) {
    try {
      states.push((await navigator.permissions.query({ name })).state);
    } catch {
      // A browser that does not ask does not know the name.
    }
  }
  return ["denied", "prompt", "granted"].find((state) => states.includes(state));
}

/** What may be the reason where the browser tells none. */
async function unreachable(address, mend) {
  // A page of this machine is near already.
  if (!THIS_MACHINE.test(location.hostname) && ["denied", "prompt"].includes(await localAccess())) {
    return new Failure(`nothing answers at ${address}, or the browser does not let this page reach this machine and the network around it; if the server lies there, allow it when the browser asks, or in the settings of this site, beside the address bar`);
  }
  return new Failure(`nothing answers at ${address}; see whether the server runs there and whether ${mend}`);
}

/** Refuses what the browser would refuse without a word: mixed content, and what the policy of this page does not allow. */
function check({ address, target = address }) {
  const { protocol, hostname, origin } = new URL(target);
  if (location.protocol === "https:" && /^(ws|http):$/.test(protocol) && !THIS_MACHINE.test(hostname)) {
    throw new Failure(`${address} is not encrypted and this page is, which browsers call mixed content and refuse; use ${protocol.slice(0, -1)}s://, or open this page over http`);
  }
  if (protocol === "http:" && !/^(localhost|127\.0\.0\.1)$/.test(hostname) && origin !== location.origin) {
    throw new Failure(`the policy of this page allows http:// only to localhost and 127.0.0.1, and ${hostname} is neither; use https://, or add the address to connect-src where this page is hosted`);
  }
}

/** Messages of a WebSocket. */
function webSocket({ address, target = address }, gathering) {
  const socket = new WebSocket(target);
  socket.binaryType = "arraybuffer";
  let isOpen = false;
  socket.onopen = () => {
    isOpen = true;
    gathering.open();
  };
  socket.onmessage = ({ data }) => gathering.take(data);
  socket.onclose = async ({ code, reason }) => {
    if (isOpen) return code === 1000 || code === 1005 ? gathering.end() : gathering.fail(new Failure(`the server ended the connection, with code ${code}${words(reason)}`));
    gathering.fail(await unreachable(address, `it takes connections of ${location.origin}`));
  };
  return () => {
    socket.onmessage = socket.onclose = null;
    socket.close();
  };
}

/** What an HTTP server is shown, as the header that has it. */
function authorizationOf({ token, user, password = "" }) {
  if (token !== undefined) return `Bearer ${token}`;
  return user === undefined ? undefined : `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`)))}`;
}

/** The answer to a request, if it is one to read. */
async function answer(options, accept, signal) {
  const { address, target = address } = options;
  const authorization = authorizationOf(options);
  const headers = authorization ? { Accept: accept, Authorization: authorization } : { Accept: accept };
  let response;
  try {
    response = await fetch(target, { headers, cache: "no-store", credentials: "omit", signal });
  } catch {
    throw await unreachable(address, `its answers carry Access-Control-Allow-Origin: ${location.origin}`);
  }
  if (response.status === 401 || response.status === 403) throw new Failure(`the server answers ${response.status}: it refuses the credentials, or needs some; give them below`);
  if (!response.ok) throw new Failure(`the server answers ${response.status}${words(response.statusText)}; correct the address, or see what is wrong there`);
  return response;
}

/** Calls `each` with the parts of a body until it says that it has enough. */
async function read(response, each) {
  // An answer without content has none.
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done || each(value)) return reader.cancel();
  }
}

/** Data of Server-Sent Events. */
function events(options, gathering) {
  const ending = new AbortController();
  (async () => {
    const response = await answer(options, "text/event-stream", ending.signal);
    const type = response.headers.get("Content-Type") ?? "";
    if (!/^text\/event-stream\b/i.test(type)) throw new Failure(`the server sends ${type ? words(type).slice(2) : "something without a type"} and no text/event-stream; correct the address, or choose poll`);
    gathering.open();
    const decoder = new TextDecoder();
    let rest = "";
    let data = [];
    await read(response, (part) => {
      // A line end that is cut in two shows as one when its second half is there.
      const lines = (rest + decoder.decode(part, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === "" && data.length > 0) {
          gathering.take(data.join("\n"));
          data = [];
        } else if (/^data(:|$)/.test(line)) {
          data.push(line.replace(/^data:? ?/, ""));
        }
      }
      return false;
    });
    gathering.end();
  })().catch((error) => gathering.fail(error));
  return () => ending.abort();
}

/** The body of one answer. */
function poll(options, gathering) {
  const ending = new AbortController();
  (async () => {
    const response = await answer(options, "*/*", ending.signal);
    gathering.open();
    const parts = [];
    let bytes = 0;
    await read(response, (part) => {
      parts.push(part);
      bytes += part.length;
      return bytes >= MAX_BYTES;
    });
    if (bytes > 0) gathering.take(await new Blob(parts).arrayBuffer());
    gathering.end();
  })().catch((error) => gathering.fail(error));
  return () => ending.abort();
}

const KINDS = { websocket: webSocket, sse: events, poll };

/**
 * Connects to a source of a kind, gathers a few of its messages, and closes it again: `{ file, messages }`, the messages
 * line by line in a file of this name. Fails with a sentence.
 */
export async function sample(kind, name, options) {
  const gathering = new Gathering();
  let close = () => {};
  try {
    // A failure meanwhile is that of the gathering.
    gathering.whole.catch(() => {});
    check(options);
    const begin = KINDS[kind] ?? (await import("./nats_client.js")).messages;
    close = await begin(options, gathering);
    const messages = await gathering.whole;
    const isLine = (message) => message.at(-1) === 10;
    // One body is what it is; messages stand below each other.
    const parts = messages.flatMap((message) => (messages.length === 1 || isLine(message) ? [message] : [message, "\n"]));
    return { file: new File(parts, name), messages: messages.length };
  } catch (error) {
    if (error instanceof Failure || error?.isSentence) throw error;
    // As a wrong address, which the browser names: without the token in it.
    const { address, target = address } = options;
    throw new Error(`the browser refuses ${address}${words(String(error?.message).replaceAll(target, address))}`);
  } finally {
    close();
  }
}
