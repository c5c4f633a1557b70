// How the numbers of messages are told from their replies: beside a twin that splits every reply.
import assert from "node:assert/strict";
// Steps of `expect` are recorded, and here are a hundred thousand.
import { test } from "@playwright/test";
import { Gathered, NUMBERS } from "../../src/browser/nats_gathered.js";
import { CHROMIUM } from "./fixtures.mjs";
import { seeded } from "./support/ledger.mjs";

const RUNS = 10_000;
const SEED = Number(process.env.MILLRACE_CRASH_SEED ?? Date.now() % 1_000_000);
const NAMES = ".flow.millrace_a.";
/** Doubles near today in nanoseconds are 256 apart; digits are added one by one. */
const NANOS_OF_A_DOUBLE = 1024;
const PREFIXES = ["$JS.ACK.flow.millrace_a.", "$JS.ACK.hub.A1.flow.millrace_a."];
const [DELIVERIES, SEQUENCE, DELIVERY, TIME, PENDING, BYTES] = Array.from({ length: NUMBERS }, (_, word) => word);

/** Messages as a consumer delivers them: in order, and with gaps where a filter or a trim leaves some out. */
function delivered(below, holes) {
  const [count, prefix, isTold] = [1 + below(120), PREFIXES[below(2)], below(2) === 0];
  let [sequence, delivery, time] = [1 + below(2 ** 40), 1 + below(1e6), 1.7e18 + below(1e9) * 1024];
  return Array.from({ length: count }, (_, at) => {
    sequence += 1 + (below(100) < holes ? below(5) : 0);
    delivery += 1 + (below(100) < holes ? below(2) : 0);
    time += below(3) * 1024;
    const reply = `${prefix}1.${sequence}.${delivery}.${time}.${count - 1 - at}${isTold ? ".rAnDoM" : ""}`;
    return { reply, payload: new Uint8Array(below(4)).fill(at) };
  });
}

const textOf = (bytes) => Buffer.from(bytes).toString("latin1");
const column = (numbers, word) => numbers.filter((_, at) => at % NUMBERS === word);

/** All numbers of all messages, and their payloads, each from its own text. */
function toldOf(messages) {
  const numbers = messages.flatMap(({ reply, payload }) => {
    const words = reply.slice(reply.indexOf(NAMES) + NAMES.length).split(".");
    return [...words.slice(0, NUMBERS - 1).map(Number), payload.length];
  });
  return { numbers, bytes: textOf(Buffer.concat(messages.map(({ payload }) => payload))) };
}

function takenOf(gathered, messages, isInOrder) {
  for (const message of messages) gathered.add(message, message.payload);
  let taken;
  gathered.take(NAMES, isInOrder, (numbers, bytes, all) => {
    taken = { numbers: [...numbers], bytes: textOf(bytes) };
    assert.deepEqual(all, messages);
  });
  assert(gathered.isEmpty);
  return taken;
}

test(`numbers of ${RUNS.toLocaleString("en")} deliveries are those of their replies`, CHROMIUM, () => {
  const chance = seeded(SEED);
  const below = (limit) => Math.floor(chance() * limit);
  const gathered = new Gathered();
  for (let run = 0; run < RUNS; run++) {
    const messages = delivered(below, [0, 1, 10, 60][below(4)]);
    const [told, why] = [toldOf(messages), `seed ${SEED}, run ${run}`];
    for (const isInOrder of [false, true]) {
      const { numbers, bytes } = takenOf(gathered, messages, isInOrder);
      assert.equal(bytes, told.bytes, why);
      for (const word of [DELIVERIES, SEQUENCE, DELIVERY, PENDING, BYTES]) {
        assert.deepEqual(column(numbers, word), column(told.numbers, word), `${why}, number ${word}`);
      }
      const [times, exact] = [column(numbers, TIME), column(told.numbers, TIME)];
      assert(times.every((time, at) => at === 0 || time >= times[at - 1]), why);
      // Between two that are read they are spread evenly.
      const read = isInOrder ? [0, times.length - 1] : times.keys();
      for (const at of read) assert(Math.abs(times[at] - exact[at]) <= NANOS_OF_A_DOUBLE, why);
    }
  }
});

test("more messages than there is room for, and giant ones, keep their numbers", CHROMIUM, () => {
  const gathered = new Gathered();
  for (const size of [1, 300_000]) {
    const messages = Array.from({ length: size === 1 ? 5000 : 3 }, (_, at) => ({
      reply: `${PREFIXES[0]}1.${at + 10}.${at + 1}.${1.7e18}.0`,
      payload: new Uint8Array(size).fill(at),
    }));
    assert.deepEqual(takenOf(gathered, messages, true), toldOf(messages));
  }
});
