// Runs in every page of the storage tests before the page's own scripts: sends events, hears batches, checks rows. What
// must outlive the page goes to the test through `report`.
(() => {
  const HOUR_MILLIS = 3_600_000;
  const START_MILLIS = Date.UTC(2001, 0, 1);
  const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

  /** An event, all of which follows from its round and number: each round has an hour of its own. */
  function eventOf(round, number) {
    return {
      timestamp: new Date(START_MILLIS + round * HOUR_MILLIS + number).toISOString(),
      id: `${round}.${number}`,
      value: ((number * 7919 + round * 104_729) % 1_000_003) / 64,
    };
  }

  /** Posts the events of a round from one number up to another, and reports the answer. */
  async function post({ base, round, from, to, signal }) {
    const events = Array.from({ length: to - from }, (_, place) => eventOf(round, from + place));
    const body = JSON.stringify(events);
    const sentAt = Date.now();
    let status = 0;
    let accepted = 0;
    try {
      const response = await fetch(`${base}events`, { method: "POST", headers: { "Content-Type": "application/json" }, body, signal });
      status = response.status;
      if (status === 202) ({ accepted } = await response.json());
    } catch {
      // The pipeline, the service worker or this page is going away: not acknowledged.
      status = 0;
    }
    globalThis.report({ kind: "answer", round, from, to, status, accepted, sentAt, answeredAt: Date.now() });
    return status;
  }

  let sending = null;

  /**
   * Posts at full speed until `stopSending`, or with a rest of `restMillis` after each answer.
   * @param {{sizes: number[], lanes: number, most?: number}} options bodies of these sizes in turn, so many at a time;
   *   after `most` events only those of fewer than ten
   */
  function startSending({ base, round, sizes, lanes, restMillis = 0, most = Infinity, first = 0 }) {
    const state = { isOver: false, gate: new AbortController(), next: first, turn: 0 };
    const lane = async () => {
      while (!state.isOver) {
        const size = sizes[state.turn++ % sizes.length];
        const count = state.next - first + size > most ? 1 + (size % 9) : size;
        const from = state.next;
        state.next += count;
        const status = await post({ base, round, from, to: from + count, signal: state.gate.signal });
        const rest = status === 202 ? restMillis : Math.max(restMillis, 20);
        if (rest > 0) await sleep(rest);
      }
    };
    state.done = Promise.all(Array.from({ length: lanes }, lane));
    sending = state;
  }

  /** Sends no more; what has no answer after a while is given up. */
  async function stopSending(graceMillis = 1500) {
    if (!sending) return;
    const { gate, done } = sending;
    sending.isOver = true;
    sending = null;
    const giveUp = setTimeout(() => gate.abort(), graceMillis);
    await done;
    clearTimeout(giveUp);
  }

  /**
   * Follows the stream, counts what comes and reports each batch. Unless it is left to itself, an EventSource that broke
   * is opened anew, and says in its address where the old one was: Chromium closes it for good when its service worker is
   * stopped, and shows service workers no `Last-Event-ID` when it connects again.
   */
  function follow({ base, position = null, isLeftToItself = false }) {
    // Readers send ids as they came; only this test looks into them, for the number of the batch.
    const numberOf = (id) => Number(id.split("-").at(-1));
    const last = position === null ? null : numberOf(position);
    const heard = { batches: 0, last, position, repeated: 0, missed: 0, gaps: 0, opened: 0 };
    let news = [];
    setInterval(() => {
      if (news.length > 0) globalThis.report({ kind: "batches", batches: news, epoch: heard.position.split("-")[0] });
      news = [];
    }, 20);
    const open = () => {
      const from = heard.position === null ? "" : `?last_event_id=${heard.position}`;
      const source = new EventSource(`${base}stream${from}`);
      source.addEventListener("open", () => heard.opened++);
      source.addEventListener("error", () => {
        if (isLeftToItself && source.readyState !== EventSource.CLOSED) return;
        source.close();
        setTimeout(open, 100);
      });
      source.addEventListener("gap", ({ lastEventId }) => {
        heard.gaps++;
        [heard.position, heard.last] = [lastEventId, numberOf(lastEventId)];
      });
      source.addEventListener("batch", ({ lastEventId, data }) => {
        const number = numberOf(lastEventId);
        heard.position = lastEventId;
        if (heard.last !== null && number <= heard.last) heard.repeated++;
        if (heard.last !== null && number > heard.last + 1) heard.missed += number - heard.last - 1;
        heard.last = number;
        heard.batches++;
        news.push([number, fingerprint(JSON.parse(data).latest)]);
      });
    };
    globalThis.heard = heard;
    open();
  }

  /** A short text that differs when ids, values or order do. */
  function fingerprint(rows) {
    let hash = 0x811c9dc5;
    for (const byte of rows.map(({ id, value }) => `${id}=${value}`).join()) hash = Math.imul(hash ^ byte.charCodeAt(0), 0x01000193);
    return (hash >>> 0).toString(36);
  }

  /** Asks for the newest batch again and again and reports what was answered. */
  async function watchLatest(base) {
    for (;;) {
      try {
        const { latest } = await (await fetch(`${base}latest`)).json();
        if (latest) globalThis.report({ kind: "seen", rows: latest });
      } catch {
        // As in post().
      }
      await sleep(25);
    }
  }

  /**
   * Compares the rows of a round with the events that were acknowledged.
   * @param {{acked: [number, number][]}} options runs of numbers, each without its end
   */
  async function audit({ base, round, acked }) {
    const day = (millis) => new Date(START_MILLIS + millis).toISOString();
    const range = `start=${day(round * HOUR_MILLIS)}&end=${day((round + 1) * HOUR_MILLIS - 1)}`;
    const response = await fetch(`${base}query?${range}&views=latest`);
    if (response.status !== 200) throw new Error(`GET query: ${response.status} ${await response.text()}`);
    const rows = (await response.json()).latest ?? [];
    const counts = new Map();
    const sum = { found: rows.length, acknowledged: 0, missing: 0, twice: 0, corrupt: 0, unacknowledged: 0, examples: [] };
    const complain = (sentence) => sum.examples.length < 5 && sum.examples.push(sentence);
    for (const row of rows) {
      const number = Number(row.id.split(".")[1]);
      const event = eventOf(round, number);
      if (row.id !== event.id || row.value !== event.value || Date.parse(row.timestamp) !== Date.parse(event.timestamp)) {
        sum.corrupt++;
        complain(`${JSON.stringify(row)} should be ${JSON.stringify(event)}`);
      }
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    for (const [number, count] of counts) {
      if (count > 1 && ++sum.twice) complain(`${round}.${number} is there ${count} times`);
    }
    let known = 0;
    for (const [from, to] of acked) {
      sum.acknowledged += to - from;
      for (let number = from; number < to; number++) {
        if (counts.has(number)) known++;
        else if (++sum.missing) complain(`${round}.${number} is missing`);
      }
    }
    sum.unacknowledged = counts.size - known;
    return sum;
  }

  globalThis.e2e = { post, startSending, stopSending, follow, watchLatest, audit };

  // The worker that runs the pipeline, for those who want to end it.
  const say = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (...message) {
    globalThis.e2e.worker = this;
    return say.apply(this, message);
  };
})();
