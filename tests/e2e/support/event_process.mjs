// Starts and kills event_server.mjs.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./event_server.mjs", import.meta.url));

/** A server of numbered events in a process of its own, which can be killed and started again at the same port. */
export class EventServer {
  #options;
  #process = null;

  /**
   * @param {{rate: number, total: number, perFrame?: number, pollSize?: number}} options events a second, and how many;
   *   `perFrame` of them in each frame of a WebSocket and each event of a stream; `pollSize` in each document
   */
  static async start({ rate, total, perFrame = 1, pollSize = 100 }) {
    const server = new EventServer();
    server.#options = { port: 0, startedAt: null, rate, total, perFrame, pollSize };
    await server.restart();
    return server;
  }

  /** Starts it, at the port and with the clock that it had. */
  async restart() {
    this.#process = fork(PROGRAM, [JSON.stringify(this.#options)]);
    this.#process.on("message", (told) => Object.assign(this.#options, told));
    // Its first message has the port.
    const isStarted = await Promise.race([once(this.#process, "message").then(() => true), once(this.#process, "exit").then(() => false)]);
    if (!isStarted) throw new Error("the server of events could not be started");
  }

  url(kind) {
    return `${kind === "websocket" ? "ws" : "http"}://127.0.0.1:${this.#options.port}/${kind}`;
  }

  /** Whether a reader has come. */
  get isAsked() {
    return this.#options.startedAt !== null;
  }

  /** How many events are due by now. */
  get due() {
    const { startedAt, rate, total } = this.#options;
    return startedAt === null ? 0 : Math.min(total, Math.floor(((Date.now() - startedAt) * rate) / 1000));
  }

  async kill() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }
}
