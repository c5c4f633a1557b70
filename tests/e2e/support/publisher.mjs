// Puts numbered events into a stream of JetStream, each once, whatever happens to the server meanwhile.
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { textOf } from "./numbered.mjs";
import { until } from "./until.mjs";

/** Messages that wait for their acknowledgement. */
const WINDOW = 500;
/** Longer than a server that was killed is away: within it a message that is sent again is known by its id. */
const DUPLICATE_WINDOW_NANOS = 10 * 60 * 1e9;
const ACK_MILLIS = 5000;

/** The subject that events of a stream come by; streams of these tests have all of `<stream>.>`. */
export const subjectOf = (stream, number = 0) => `${stream}.sensor-${number % 50}`;

/** Makes a stream that takes `<stream>.>`, and returns what manages it. */
export async function makeStream(connection, stream, config = {}) {
  // A cluster is ready before its JetStream has a leader.
  const manager = await until("JetStream answers", () => jetstreamManager(connection, { timeout: 2000 }), { timeoutMillis: 60_000 });
  const wanted = { name: stream, subjects: [`${stream}.>`], duplicate_window: DUPLICATE_WINDOW_NANOS, ...config };
  await until(`the stream ${stream} is made`, () => manager.streams.add(wanted), { timeoutMillis: 60_000 });
  return manager;
}

/**
 * Publishes the events from one number up to another. What has no acknowledgement is sent again under its id, so that the
 * stream has each once.
 * @param {{ratePerSec?: number}} options at most so many a second
 */
export async function publish(connection, stream, from, to, { ratePerSec = Infinity } = {}) {
  const client = jetstream(connection, { timeout: ACK_MILLIS });
  const started = Date.now();
  for (let first = from; first < to; first += WINDOW) {
    let numbers = Array.from({ length: Math.min(WINDOW, to - first) }, (_, place) => first + place);
    await until(`the events from ${first} on are in ${stream}`, async () => {
      const acks = numbers.map((number) => client.publish(subjectOf(stream, number), textOf(number), { msgID: String(number) }));
      const results = await Promise.allSettled(acks);
      const failed = results.find(({ status }) => status === "rejected");
      numbers = numbers.filter((_, place) => results[place].status === "rejected");
      if (failed) throw failed.reason;
      return true;
    }, { timeoutMillis: 120_000 });
    const early = ((first - from) / ratePerSec) * 1000 - (Date.now() - started);
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
  }
}

/** All messages of a stream: subject, id and body, in order. */
export async function readAll(connection, stream) {
  const manager = await jetstreamManager(connection);
  const { state } = await manager.streams.info(stream);
  const messages = [];
  if (state.messages === 0) return messages;
  const consumer = await jetstream(connection).consumers.get(stream);
  for await (const message of await consumer.consume({ max_messages: 1000 })) {
    messages.push({ seq: message.seq, subject: message.subject, id: message.headers?.get("Nats-Msg-Id") ?? "", text: message.string() });
    if (message.seq >= state.last_seq) break;
  }
  return messages;
}
