// The NATS client, around the packages of its makers. The pipeline worker loads it when a stream is read or batches are
// published, and the page when a connection is tested. It holds no rule: what is asked for, and when, is decided by the
// machines in `src/pipeline/sources/nats`.
//
// Messages are pulled here and not by the package's `consume()`, which asks for more of them whenever some have come:
// here no more are asked for than the queue has room for, so that a slow pipeline slows the server.
import {
  createInbox, credsAuthenticator, millis, nanos, nuid, tokenAuthenticator, usernamePasswordAuthenticator, wsconnect,
} from "@nats-io/nats-core";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Gathered, NUMBERS, SEQUENCE } from "./nats_gathered.js";

/** How long an answer may take. */
const ANSWER_MILLIS = 5_000;
/** The server says that it is alive while a pull waits; a pull that brought too little ends after a while. */
const HEARTBEAT_MILLIS = 5_000;
const PULL_MILLIS = 30_000;
/** What a shared consumer is made with, unless it is there. */
const ACK_WAIT_MILLIS = 30_000;
const MAX_ACK_PENDING = 50_000;
/** A consumer of this connection's own is deleted by the server when nobody has asked it for so long. */
const INACTIVE_MILLIS = 300_000;
/** How long a connection that ends may take to send what waits. */
const GOODBYE_MILLIS = 1_000;
/** What is looked at of a stream for a preview. */
const PREVIEW_MESSAGES = 50;
const PREVIEW_BYTES = 256 * 1024;
const ACK = new TextEncoder().encode("+ACK");
const NAK = new TextEncoder().encode("-NAK");
/** Error codes of JetStream. */
const CONSUMER_NOT_FOUND = 10014;
const STREAM_NOT_FOUND = 10059;
const WRONG_LAST_SEQUENCE = new Set([10071, 10164]);

/** A failure of a kind that the machines know. */
class Fault extends Error {
  constructor(kind, message = "") {
    super(message);
    this.kind = kind;
  }
}

/** Why something failed, as a fault. */
function faultOf(error, isGiven = false) {
  if (error instanceof Fault) return error;
  const { name, message = String(error), code } = error ?? {};
  switch (name) {
    case "AuthorizationError":
    case "UserAuthenticationExpiredError":
      return new Fault(isGiven ? "unauthorized" : "needs_credentials", message);
    case "PermissionViolationError":
      return new Fault("forbidden", message);
    case "JetStreamNotEnabled":
      return new Fault("no_jetstream", message);
    case "TimeoutError":
      return new Fault("silent", message);
    case "ClosedConnectionError":
    case "DrainingConnectionError":
      return new Fault("closed", message);
    case "RequestError":
      return faultOf(error.cause ?? { message }, isGiven);
    case "NoResponders":
    case "NoRespondersError":
      return new Fault("no_jetstream", message);
  }
  if (code === STREAM_NOT_FOUND) return new Fault("no_stream", message);
  if (code === CONSUMER_NOT_FOUND) return new Fault("consumer_gone", message);
  if (/cancelled|disconnected/.test(message)) return new Fault("closed", message);
  if (/creds|credentials|seed|nkey/i.test(message)) return new Fault("bad_credentials");
  return new Fault("other", message);
}

/** Passes a failure on as a fault. */
const faulty = (isGiven) => (error) => {
  throw faultOf(error, isGiven);
};

/** How a connection shows who it is: `{ token }`, `{ user, password }`, `{ creds }` or nothing. */
function authenticator({ token, user, password, creds }) {
  if (creds !== undefined) return credsAuthenticator(new TextEncoder().encode(creds));
  if (token !== undefined) return tokenAuthenticator(token);
  return user === undefined ? undefined : usernamePasswordAuthenticator(user, password);
}

/** A time of the server, as nanoseconds since 1970 in a text: a number would lose the last of them. */
function nanosOf(time) {
  const [, seconds, fraction = "", zone] = /^(.*?:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time) ?? [];
  const whole = Date.parse(`${seconds}${zone}`);
  if (!Number.isFinite(whole)) throw new Fault("other", `it has a time that is none: ${time}`);
  return (BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9))).toString();
}

/** A connection to a server of this address, or to another one of its cluster. */
class Client {
  #address;
  #credentials;
  #onMessages;
  #onEvent;
  /** Addresses of the cluster's servers, as the last one told them. */
  #known = [];
  #isEnded = false;
  #connection = null;
  #manager = null;
  #stream = "";
  #consumer = "";
  #isOwn = false;
  #group;
  #pinId;
  #inbox = "";
  #subscription = null;
  /** What is before the numbers in a reply: `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.` ends with it. */
  #names = "";
  #gathered = new Gathered();
  /** Where each message of a shared consumer is acknowledged, also after the connection has changed. */
  #replies = new Map();

  /**
   * `onMessages(numbers, bytes)` takes what the consumer delivers, NUMBERS for each message and all payloads;
   * `onEvent(kind, pull, left, text)` what ends: "heartbeat", "expired", "too_large", "consumer_gone", "standby", or
   * the kind of a fault.
   */
  constructor(address, credentials, onMessages, onEvent) {
    this.#address = address;
    this.#credentials = credentials ?? {};
    this.#onMessages = onMessages;
    this.#onEvent = onEvent;
  }

  get #isGiven() {
    return Object.keys(this.#credentials).length > 0;
  }

  /** Connects; the other methods need that. */
  async #connect() {
    await this.disconnect();
    const connection = await this.#reach();
    if (this.#isEnded) {
      await connection.close().catch(() => {});
      throw new Fault("closed");
    }
    this.#connection = connection;
    this.#learn();
    connection.closed().then((error) => {
      if (this.#connection === connection) this.#end(error ? faultOf(error, this.#isGiven) : new Fault("closed"));
    });
    this.#watch(connection);
    const options = { checkAPI: false, timeout: ANSWER_MILLIS };
    this.#manager = await jetstreamManager(connection, options).catch(faulty(this.#isGiven));
  }

  /** Remembers the addresses of the cluster's servers, which tell them whenever one comes or goes. */
  #learn() {
    const scheme = new URL(this.#address).protocol;
    const hosts = this.#connection?.info?.connect_urls ?? [];
    if (hosts.length > 0) this.#known = hosts.map((host) => `${scheme}//${host}`);
  }

  /** A connection to the first server that answers, of those that are known. */
  async #reach() {
    let unreachable;
    for (const address of new Set([this.#address, ...this.#known])) {
      try {
        return await wsconnect({
          servers: address,
          // The machine tries again, by its own rules, and says when.
          reconnect: false,
          timeout: ANSWER_MILLIS,
          pingInterval: HEARTBEAT_MILLIS * 2,
          maxPingOut: 2,
          name: "millrace",
          authenticator: authenticator(this.#credentials),
        });
      } catch (error) {
        const fault = faultOf(error, this.#isGiven);
        if (!["other", "closed", "silent"].includes(fault.kind)) throw fault;
        unreachable ??= new Fault("unreachable", fault.message);
      }
    }
    throw unreachable;
  }

  /** Tells errors that the server sends by itself. */
  async #watch(connection) {
    for await (const { type, error } of connection.status()) {
      if (type === "error" && this.#connection === connection) this.#end(faultOf(error, this.#isGiven));
    }
  }

  /** The connection is of no use any more. */
  #end(fault) {
    const connection = this.#connection;
    this.#forget();
    connection?.close().catch(() => {});
    this.#onEvent(fault.kind, 0, undefined, fault.message);
  }

  #forget() {
    this.#connection = this.#manager = this.#subscription = null;
    this.#inbox = "";
    // The server delivers them again.
    this.#gathered.clear();
  }

  /** Connects and looks for a stream: `{ created, first, last }`. */
  async open(stream) {
    await this.#connect();
    this.#stream = stream;
    return await this.#streamState();
  }

  async #streamState() {
    const { created, state } = await this.#manager.streams.info(this.#stream).catch(faulty(this.#isGiven));
    return { created: nanosOf(created), first: state.first_seq, last: state.last_seq };
  }

  /**
   * Makes a consumer, or finds the durable one: its state. `start` is "new", "all", a sequence or a time in ISO 8601.
   */
  async consume(durable, subject, start) {
    const manager = this.#manager;
    if (!manager) throw new Fault("closed");
    void this.#unsubscribe();
    const config = { ...startOf(start), ...(subject === ">" ? {} : { filter_subject: subject }) };
    const faults = (error) => {
      const fault = faultOf(error, this.#isGiven);
      throw fault.kind === "other" ? new Fault("consumer", fault.message) : fault;
    };
    let info;
    let isOld = false;
    if (durable === undefined) {
      const own = { name: `millrace_${nuid.next()}`, ack_policy: "none", mem_storage: true, num_replicas: 1 };
      info = await manager.consumers
        .add(this.#stream, { ...config, ...own, inactive_threshold: nanos(INACTIVE_MILLIS) })
        .catch(faults);
    } else {
      const found = () => manager.consumers.info(this.#stream, durable);
      const missing = (error) => (error?.code === CONSUMER_NOT_FOUND ? null : faults(error));
      info = await found().catch(missing);
      isOld = info !== null;
      if (!isOld) {
        const shared = { durable_name: durable, ack_policy: "explicit", max_ack_pending: MAX_ACK_PENDING };
        info = await manager.consumers
          .add(this.#stream, { ...config, ...shared, ack_wait: nanos(ACK_WAIT_MILLIS) })
          // Another machine may have made it meanwhile, from another start.
          .catch((error) => found().catch(() => faults(error)));
      }
      if (info.config.ack_policy !== "explicit") throw new Fault("not_explicit", durable);
      if (info.config.deliver_subject) throw new Fault("consumer", "it pushes; one that is pulled from is needed");
      const filter = info.config.filter_subjects?.join(", ") ?? (info.config.filter_subject || ">");
      if (filter !== subject) throw new Fault("consumer", `it delivers the subject ${filter}, not ${subject}`);
    }
    // A connection that was closed meanwhile serves nothing.
    if (this.#manager !== manager) throw new Fault("closed");
    [this.#consumer, this.#isOwn, this.#pinId] = [info.name, durable === undefined, undefined];
    this.#names = `.${this.#stream}.${info.name}.`;
    this.#group = info.config.priority_groups?.[0];
    const inbox = (this.#inbox = createInbox());
    const prefix = `${inbox}.`;
    const [connection, isShared] = [this.#connection, !this.#isOwn];
    this.#subscription = connection.subscribe(`${prefix}*`, {
      callback: (error, message) => {
        // What was on its way while it is closed.
        if (this.#inbox !== inbox) return isShared && !error && giveBack(connection, message);
        if (error) return this.#end(faultOf(error, this.#isGiven));
        // What is delivered can be acknowledged; what the server says of a pull cannot, and has no payload. A property is
        // decoded when it is read: the reply of most messages is not.
        const { data } = message;
        if (data.length > 0 || message.reply) return this.#gather(message, data);
        const { subject: name, headers } = message;
        if (name.startsWith(prefix)) this.#take(Number(name.slice(prefix.length)), headers);
      },
    });
    return { ...consumerState(info), is_old: isOld };
  }

  /** Takes what the server says of a pull. */
  #take(pull, headers) {
    const code = headers?.code ?? 0;
    const said = (headers?.description ?? "").toLowerCase();
    const pending = headers?.get("Nats-Pending-Messages");
    const left = pending ? Number(pending) : undefined;
    // What came before it counts before it.
    this.#deliver();
    const tell = (kind, text) => this.#onEvent(kind, pull, left, text);
    if (code === 100) return tell("heartbeat");
    if (code === 423) {
      this.#pinId = undefined;
      return tell("standby");
    }
    if (code === 503 || /consumer deleted|stream deleted/.test(said)) return tell("consumer_gone");
    if (/exceeds maxbytes/.test(said)) return tell("too_large");
    // What the next pull would be refused for as well.
    if (code === 400 || /exceeded max|push based|not allowed/.test(said)) {
      return tell("consumer", headers?.description);
    }
    tell("expired");
  }

  /** Keeps a message until what has come besides is read: some hundred are delivered together. */
  #gather(message, payload) {
    if (this.#gathered.isEmpty) setTimeout(() => this.#deliver());
    this.#gathered.add(message, payload);
    if (this.#group !== undefined) this.#pinId = message.headers?.get("Nats-Pin-Id") || this.#pinId;
  }

  #deliver() {
    if (this.#gathered.isEmpty) return;
    const isOwn = this.#isOwn;
    this.#gathered.take(this.#names, isOwn, (numbers, bytes, messages) => {
      if (!isOwn) messages.forEach(({ reply }, at) => this.#replies.set(numbers[at * NUMBERS + SEQUENCE], reply));
      this.#onMessages(numbers, bytes);
    });
  }

  /** Gives back what was gathered and not delivered, if others can have it. */
  #giveBackGathered() {
    const messages = this.#gathered.clear();
    if (!this.#isOwn) messages.forEach(({ reply }) => this.#publish(reply, NAK));
  }

  /** Asks the consumer for messages; a number of bytes that is 0 is none. */
  pull(pull, messages, maxBytes) {
    if (!this.#connection || !this.#inbox) return;
    const request = { batch: messages, expires: nanos(PULL_MILLIS), idle_heartbeat: nanos(HEARTBEAT_MILLIS) };
    if (maxBytes > 0) request.max_bytes = maxBytes;
    if (this.#group !== undefined) request.group = this.#group;
    if (this.#pinId !== undefined) request.id = this.#pinId;
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#consumer}`;
    this.#publish(subject, JSON.stringify(request), { reply: `${this.#inbox}.${pull}` });
  }

  /** Acknowledges messages, or gives them back. What does not arrive is delivered again, and passed over then. */
  answer(sequences, isTaken) {
    for (const sequence of sequences) {
      const reply = this.#replies.get(sequence);
      this.#replies.delete(sequence);
      if (reply !== undefined) this.#publish(reply, isTaken ? ACK : NAK);
    }
  }

  #publish(subject, payload, options) {
    try {
      this.#connection?.publish(subject, payload, options);
    } catch {
      // A connection that has just closed; its end is told.
    }
  }

  /** How far stream and consumer are. */
  async look() {
    if (!this.#manager) throw new Fault("closed");
    this.#learn();
    const consumer = this.#manager.consumers.info(this.#stream, this.#consumer).catch(faulty(this.#isGiven));
    const [stream, info] = await Promise.all([this.#streamState(), consumer]);
    return { stream, consumer: { ...consumerState(info), is_old: true } };
  }

  /** Ends the subscription: what is on its way still comes, until the promise is kept. */
  async #unsubscribe() {
    const subscription = this.#subscription;
    this.#subscription = null;
    this.#inbox = "";
    this.#giveBackGathered();
    // The server deletes it by itself too, later.
    if (this.#isOwn && this.#consumer) this.#manager?.consumers.delete(this.#stream, this.#consumer).catch(() => {});
    this.#consumer = "";
    await subscription?.drain().catch(() => {});
  }

  /** Closes the connection, once what was published is on its way. */
  async disconnect() {
    const connection = this.#connection;
    if (!connection) return;
    const unsubscribed = this.#unsubscribe();
    this.#forget();
    const late = new Promise((resolve) => setTimeout(resolve, GOODBYE_MILLIS));
    await Promise.race([unsubscribed.then(() => connection.flush()).catch(() => {}), late]);
    await connection.close().catch(() => {});
  }

  /** Closes the connection for good, also one that is about to open. */
  async end() {
    this.#isEnded = true;
    await this.disconnect();
  }

  /** Connects and looks for the last message of a subject: `{ sequence, message_id }`. */
  async openSubject(subject) {
    await this.#connect();
    const stream = await this.#manager.streams.find(subject).catch((error) => {
      const fault = faultOf(error, this.#isGiven);
      throw fault.kind === "no_stream" ? new Fault("no_sink", subject) : fault;
    });
    const last = await this.#manager.streams.getMessage(stream, { last_by_subj: subject }).catch(faulty(this.#isGiven));
    return { sequence: last?.seq ?? 0, message_id: last?.header.get("Nats-Msg-Id") || undefined };
  }

  /** Publishes a message behind the last one of its subject; the sequence under which it is stored. */
  async publish(subject, payload, messageId, expected) {
    const connection = this.#connection;
    if (!connection) throw new Fault("closed");
    const most = connection.info?.max_payload ?? Infinity;
    // The headers count too; they are some two hundred bytes.
    if (payload.length + 512 > most) throw new Fault("too_large", `${payload.length} ${most}`);
    const options = { msgID: messageId, expect: { lastSubjectSequence: expected }, timeout: ANSWER_MILLIS };
    try {
      return (await jetstream(connection).publish(subject, payload, options)).seq;
    } catch (error) {
      if (WRONG_LAST_SEQUENCE.has(error?.code)) throw new Fault("overtaken");
      const fault = faultOf(error, this.#isGiven);
      throw fault.kind === "no_jetstream" ? new Fault("no_sink", subject) : fault;
    }
  }
}

/** Gives a message back that nobody takes. What the server says of a pull has nowhere to go back to. */
function giveBack(connection, { reply }) {
  if (reply && !connection.isClosed()) connection.publish(reply, NAK);
}

/** A connection that is not open yet; see `Client`. */
export const connectionTo = (...options) => new Client(...options);

function startOf(start) {
  if (start === "new" || start === "all") return { deliver_policy: start };
  return typeof start === "number"
    ? { deliver_policy: "by_start_sequence", opt_start_seq: Math.max(start, 1) }
    : { deliver_policy: "by_start_time", opt_start_time: start };
}

function consumerState({ ack_floor: floor, delivered, num_pending: pending, config }) {
  return {
    ack_floor: floor.stream_seq,
    delivered: delivered.stream_seq,
    pending,
    ack_wait_millis: millis(config.ack_wait ?? nanos(ACK_WAIT_MILLIS)),
    max_messages: config.max_batch || undefined,
  };
}

/**
 * The first messages of a stream, for a preview: `take` of the gathering is called with each. Nothing is acknowledged,
 * and no consumer of others is touched. Returns what ends it.
 */
export async function messages({ address, stream, subject, token, user, password, creds }, gathering) {
  const entries = Object.entries({ token, user, password, creds });
  const given = Object.fromEntries(entries.filter(([, text]) => text !== undefined));
  const failed = (kind, text) => {
    gathering.fail(Object.assign(new Error(sentenceOf(kind, text, stream)), { isSentence: true }));
  };
  const onMessages = (numbers, bytes) => {
    let end = 0;
    for (let at = NUMBERS - 1; at < numbers.length; at += NUMBERS) {
      gathering.take(bytes.slice(end, end + numbers[at]));
      end += numbers[at];
    }
  };
  const ends = new Set(["heartbeat", "expired", "too_large", "standby"]);
  const onEvent = (kind, _pull, _left, text) => ends.has(kind) || failed(kind, text);
  const client = connectionTo(address, given, onMessages, onEvent);
  const close = () => void client.end();
  try {
    const { last } = await client.open(stream);
    // The newest ones, as many as are looked at.
    await client.consume(undefined, subject || ">", Math.max(1, last - PREVIEW_MESSAGES + 1));
    gathering.open();
    client.pull(1, PREVIEW_MESSAGES, PREVIEW_BYTES);
    return close;
  } catch (error) {
    close();
    const { kind, message } = faultOf(error, Object.keys(given).length > 0);
    failed(kind, message);
    return () => {};
  }
}

/** A fault of a preview in a sentence; the machines have their own. */
function sentenceOf(kind, text, stream) {
  const said = text ? `: ${String(text).slice(0, 200)}` : "";
  const sentences = {
    unauthorized: "the server refuses the credentials; give other ones",
    needs_credentials: "the server wants credentials; give them below",
    bad_credentials: "the .creds file holds no user JWT with its seed; give the whole file",
    no_jetstream: "the server has no JetStream for this account; start it with jetstream { store_dir: … }",
    no_stream: `the stream "${String(stream).slice(0, 200)}" does not exist; make it, or correct its name`,
    silent: "the server does not answer; see whether it runs, and the network to it",
    closed: "the server has closed the connection; see what its log says",
    unreachable:
      `no NATS server answers there${said}; ` +
      "see whether its websocket listener runs and its allowed_origins has this page's origin",
  };
  return sentences[kind] ?? `the server says${said}; see its log`;
}
