// NATS servers on this machine, each a process with a folder of its own, which can be killed and started again.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "@nats-io/transport-node";
import { until } from "./until.mjs";

const FOLDER = fileURLToPath(new URL("../../../target/nats/", import.meta.url));
/** Lines of a server's log that are kept for a failure's message. */
const KEPT_LINES = 20;
const running = new Set();
// A server never outlives the test.
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** The servers to test against: what they are called in titles, the program, and its version; null where it is not there. */
export const SERVERS = [
  { name: "the newest nats-server", program: join(FOLDER, "nats-server-newest") },
  { name: "Debian's nats-server", program: join(FOLDER, "nats-server-debian") },
].map((server) => ({ ...server, version: versionOf(server.program) }));

/** The server of all tests that need but one. */
export const NEWEST = SERVERS[0];

/** Why a test that needs this server does not run here. */
export const whyMissing = ({ name }) => `${name} is not here; type 'scripts/nats_servers.sh', which says why`;

function versionOf(program) {
  try {
    accessSync(program, constants.X_OK);
    return /v(\d+\.\d+\.\d+)/.exec(execFileSync(program, ["--version"], { encoding: "utf8" }))[1];
  } catch {
    return null;
  }
}

/** Ports of this machine that are free. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export class NatsServer {
  #child = null;
  #lines = [];
  #connections = [];

  /**
   * Starts a server with JetStream and a listener for WebSockets.
   * @param {{program: string}} server one of {@link SERVERS}
   * @param {{origins: string[], more?: string}} options `origins` of the pages that may connect, and lines of its
   *   configuration, such as who may connect
   */
  static async start({ program }, { origins, more = "" }) {
    const [port, webPort] = await freePorts(2);
    const server = new NatsServer(program, await mkdtemp(join(tmpdir(), "millrace-nats-")), { port, webPort });
    server.configure({ origins, more });
    await server.launch();
    return server;
  }

  constructor(program, folder, { port, webPort }) {
    Object.assign(this, { program, folder, port, webPort });
  }

  /** The address for a browser. */
  get url() {
    return `ws://127.0.0.1:${this.webPort}`;
  }

  /** Writes its configuration, which it reads when it is launched. */
  configure({ origins, more = "" }) {
    const text = `
      listen: "127.0.0.1:${this.port}"
      websocket { listen: "127.0.0.1:${this.webPort}", no_tls: true, compression: false, allowed_origins: ${JSON.stringify(origins)} }
      jetstream { store_dir: ${JSON.stringify(join(this.folder, "store"))}, max_file: 2GB, max_mem: 256MB }
      ${more}
    `;
    writeFileSync(join(this.folder, "nats.conf"), text);
  }

  async launch() {
    const child = spawn(this.program, ["-c", join(this.folder, "nats.conf")], { stdio: ["ignore", "ignore", "pipe"] });
    this.#child = child;
    running.add(child);
    child.on("exit", () => running.delete(child));
    const ready = new Promise((resolve, reject) => {
      child.stderr.setEncoding("utf8").on("data", (text) => {
        this.#lines = [...this.#lines, ...text.trimEnd().split("\n")].slice(-KEPT_LINES);
        if (text.includes("Server is ready")) resolve();
      });
      child.on("exit", () => reject(new Error(`nats-server ended:\n${this.#lines.join("\n")}`)));
    });
    // After it was ready it may be killed.
    ready.catch(() => {});
    await ready;
  }

  get isRunning() {
    return running.has(this.#child);
  }

  /** Kills it as a power cut would. */
  async kill() {
    await this.#end("SIGKILL");
  }

  /** Starts an empty one in its place. */
  async replace() {
    await this.kill();
    await rm(join(this.folder, "store"), { recursive: true, force: true });
    await this.launch();
  }

  /** Ends it as an administrator does. */
  async stop() {
    await this.#end("SIGTERM");
  }

  async #end(signal) {
    if (!this.isRunning) return;
    this.#child.kill(signal);
    await once(this.#child, "exit");
  }

  /** A connection of the test's own, which comes back after the server was killed. It is closed with the server. */
  async connect(options = {}) {
    const connection = await connect({
      servers: `127.0.0.1:${this.port}`,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      reconnectJitter: 20,
      ...options,
    });
    this.#connections.push(connection);
    return connection;
  }

  /** Ends it and removes what it stored. */
  async remove() {
    await Promise.all(this.#connections.map((connection) => connection.close().catch(() => {})));
    await this.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Starts a cluster of so many servers, any of which takes over from another. */
export async function startCluster(server, count, { origins }) {
  const ports = await freePorts(3 * count);
  const routes = ports.slice(0, count).map((port) => `nats://127.0.0.1:${port}`);
  const nodes = [];
  for (let node = 0; node < count; node++) {
    const folder = await mkdtemp(join(tmpdir(), "millrace-nats-"));
    const made = new NatsServer(server.program, folder, { port: ports[count + node], webPort: ports[2 * count + node] });
    const more = `
      server_name: node-${node}
      cluster { name: millrace, listen: "127.0.0.1:${ports[node]}", routes: ${JSON.stringify(routes)} }
    `;
    made.configure({ origins, more });
    nodes.push(made);
  }
  // Each waits for the others before it has JetStream, and is ready before that.
  await Promise.all(nodes.map((node) => node.launch()));
  return nodes;
}

/** Waits until all replicas of a stream have all of it. */
export async function untilCurrent(manager, stream, replicas) {
  await until(`${stream} has ${replicas} current replicas`, async () => {
    const { cluster } = await manager.streams.info(stream);
    const current = (cluster?.replicas ?? []).filter(({ current, offline }) => current && !offline);
    return cluster?.leader && current.length === replicas - 1;
  }, { timeoutMillis: 60_000 });
}
