// What the NATS client keeps of messages until they are delivered together, with the numbers that their replies tell.

/** Numbers that are told of a message: deliveries, sequence, delivery, time in nanoseconds, pending, bytes. */
export const NUMBERS = 6;
/** How many of them its reply has, from the first on, and which ones are the sequence and the delivery. */
const REPLY_NUMBERS = 5;
export const SEQUENCE = 1;
const DELIVERY = 2;
const ZERO = "0".charCodeAt(0);
/** What room is kept for at least. */
const GATHERED_MESSAGES = 1024;
const GATHERED_BYTES = 256 * 1024;

/** Messages that came since some were delivered, as they are delivered: NUMBERS for each, and all payloads. */
export class Gathered {
  #messages = [];
  #numbers = new Float64Array(GATHERED_MESSAGES * NUMBERS);
  #bytes = new Uint8Array(GATHERED_BYTES);
  #bytesEnd = 0;

  get isEmpty() {
    return this.#messages.length === 0;
  }

  /** Adds a message; its numbers are read when it is taken. */
  add(message, payload) {
    const at = this.#messages.push(message) - 1;
    if (at * NUMBERS === this.#numbers.length) this.#numbers = grown(this.#numbers, (at + 1) * NUMBERS);
    const end = this.#bytesEnd + payload.length;
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, end);
    this.#numbers[at * NUMBERS + REPLY_NUMBERS] = payload.length;
    this.#bytes.set(payload, this.#bytesEnd);
    this.#bytesEnd = end;
  }

  /** Lets go of all messages, and returns them. */
  clear() {
    const messages = this.#messages;
    [this.#messages, this.#bytesEnd] = [[], 0];
    // Room for giant messages is not kept.
    if (this.#bytes.length > GATHERED_BYTES) this.#bytes = new Uint8Array(GATHERED_BYTES);
    return messages;
  }

  /**
   * Calls `use` with the numbers and payloads of all, which it may look at until it returns, and with the messages; none
   * are left. In their replies the numbers are behind `names`. Those of messages in order are not all read.
   */
  take(names, isInOrder, use) {
    const last = this.#messages.length - 1;
    if (isInOrder) {
      [0, last].forEach((at) => this.#read(at, names));
      this.#readBetween(0, last, names);
    } else this.#messages.forEach((_, at) => this.#read(at, names));
    const numbers = this.#numbers.subarray(0, (last + 1) * NUMBERS);
    const bytes = this.#bytes.subarray(0, this.#bytesEnd);
    use(numbers, bytes, this.clear());
  }

  /** Reads the numbers of a message from its reply: `<deliveries>.<sequence>.<delivery>.<time>.<pending>[.<random>]` */
  #read(message, names) {
    const { reply } = this.#messages[message];
    const start = message * NUMBERS;
    // Digit by digit: texts of so many numbers would keep the collector of garbage busy.
    for (let word = 0, number = 0, at = reply.indexOf(names) + names.length; word < REPLY_NUMBERS; at++) {
      const digit = reply.charCodeAt(at) - ZERO;
      if (digit >= 0 && digit <= 9) number = number * 10 + digit;
      else {
        this.#numbers[start + word++] = number;
        number = 0;
      }
    }
  }

  /**
   * The numbers of the messages between two of a consumer that delivers in order. Where these two are as far apart in the
   * stream, and in what was delivered, as they are here, the numbers between follow from theirs: to read a reply takes
   * longer than all else that a message needs. The times of storage are spread evenly.
   */
  #readBetween(first, last, names) {
    const length = last - first;
    if (length < 2) return;
    const numbers = this.#numbers;
    const start = first * NUMBERS;
    const growth = (number) => numbers[last * NUMBERS + number] - numbers[start + number];
    if (growth(SEQUENCE) === length && growth(DELIVERY) === length) {
      for (let number = 0; number < REPLY_NUMBERS; number++) {
        const each = growth(number) / length;
        for (let at = 1; at < length; at++) numbers[start + at * NUMBERS + number] = Math.round(numbers[start + number] + at * each);
      }
      return;
    }
    const middle = first + (length >> 1);
    this.#read(middle, names);
    this.#readBetween(first, middle, names);
    this.#readBetween(middle, last, names);
  }
}

/** A copy of an array with room for at least so many elements. */
function grown(array, length) {
  const copy = new array.constructor(Math.max(length, array.length * 2));
  copy.set(array);
  return copy;
}
