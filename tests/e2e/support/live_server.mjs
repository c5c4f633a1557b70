// A server of live data on this machine: WebSockets, Server-Sent Events and documents to poll, for pages of any origin.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

/** What lets pages of other origins read its answers. */
export const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "accept, authorization, cache-control, if-modified-since, if-none-match, last-event-id",
  "Access-Control-Expose-Headers": "etag, last-modified, retry-after",
};

/** One event of a stream of Server-Sent Events. */
export const sseOf = (data, id = null) => `${id === null ? "" : `id: ${id}\n`}${data.split("\n").map((line) => `data: ${line}\n`).join("")}\n`;

/**
 * Starts a server on 127.0.0.1, at a free port unless one is named.
 * @param {{port?: number, onSocket?: (socket: import("ws").WebSocket, request: object) => void,
 *   onStream?: (response: object, lastEventId: string | null, request: object) => void,
 *   onPoll?: (response: object, request: object) => void}} handlers `onStream` gets a response whose head is sent, unless
 *   the handler is marked as `isRaw`; `onPoll` one to answer
 * @returns {Promise<LiveServer>}
 */
export async function serveLive(handlers = {}) {
  const server = new LiveServer(handlers);
  await server.start(handlers.port ?? 0);
  return server;
}

export class LiveServer {
  /** When and how it was asked: `{ kind, at, headers }`, kinds `websocket`, `sse` and `poll`. */
  requests = [];
  #sockets = new Set();
  #server = null;

  constructor(handlers) {
    this.handlers = handlers;
  }

  /** Starts it, at the port that it had before unless another is named. */
  async start(port = this.port) {
    const web = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("upgrade", (request, socket, head) => {
      this.#note("websocket", request);
      if (!this.handlers.onSocket) return socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      web.handleUpgrade(request, socket, head, (opened) => this.handlers.onSocket(opened, request));
    });
    await new Promise((resolve, reject) => this.#server.once("error", reject).listen(port, "127.0.0.1", resolve));
    this.port = this.#server.address().port;
  }

  /** The address of a kind of source: `websocket`, `sse` or `poll`. */
  url(kind) {
    return `${kind === "websocket" ? "ws" : "http"}://127.0.0.1:${this.port}/${kind}`;
  }

  /** How often it was asked for a kind. */
  count(kind) {
    return this.requests.filter((request) => request.kind === kind).length;
  }

  /** Ends it and all connections at once, as if the process had been killed. */
  async kill() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  async close() {
    if (this.#server.listening) await this.kill();
  }

  #note(kind, { headers }) {
    this.requests.push({ kind, at: Date.now(), headers });
  }

  #answer(request, response) {
    if (request.method === "OPTIONS") return response.writeHead(204, CORS).end();
    const kind = new URL(request.url, "http://host").pathname.slice(1);
    const { onStream, onPoll } = this.handlers;
    if (kind === "sse" && onStream) {
      this.#note(kind, request);
      if (!onStream.isRaw) response.writeHead(200, { ...CORS, "Content-Type": "text/event-stream", "Cache-Control": "no-store" }).flushHeaders();
      return onStream(response, request.headers["last-event-id"] ?? null, request);
    }
    if (kind === "poll" && onPoll) {
      this.#note(kind, request);
      return onPoll(response, request);
    }
    return response.writeHead(404, { ...CORS, "Content-Type": "text/plain" }).end("nothing is here\n");
  }
}
