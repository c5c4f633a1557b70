// Runs in a tab that watches whether the pipeline goes on: it follows the stream and asks for the metrics meanwhile.
(() => {
  const POLL_MILLIS = 500;
  /** What the clocks of a page and of a worker may differ by over a poll. */
  const SLACK_SECS = 0.3;
  const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

  /** Notes from now on, in `vitals`, what {@link read} gives. */
  function watch(base) {
    const vitals = { batches: 0, longestMillis: 0, repeated: 0, missed: 0, gaps: 0, opened: 0, polls: 0, slowestMillis: 0, restarts: 0, failed: [] };
    globalThis.vitals = vitals;
    follow(base, vitals);
    poll(base, vitals);
  }

  /** What was noted so far; a wait that goes on counts. */
  function read() {
    const { heardAt, uptime, position, last, ...vitals } = globalThis.vitals;
    return { ...vitals, longestMillis: Math.max(vitals.longestMillis, performance.now() - (heardAt ?? performance.now())) };
  }

  /** Forgets the waits until now: what follows is the attack. */
  function begin() {
    Object.assign(globalThis.vitals, { batches: 0, longestMillis: 0, repeated: 0, missed: 0, gaps: 0, heardAt: performance.now(), slowestMillis: 0 });
  }

  /** Notes each batch. An EventSource that the browser has closed for good is opened anew where the old one was. */
  function follow(base, vitals) {
    const source = new EventSource(`${base}stream${vitals.position ? `?last_event_id=${vitals.position}` : ""}`);
    source.addEventListener("open", () => vitals.opened++);
    source.addEventListener("error", async () => {
      if (source.readyState !== EventSource.CLOSED) return;
      await sleep(100);
      follow(base, vitals);
    });
    source.addEventListener("gap", ({ lastEventId }) => {
      vitals.gaps++;
      [vitals.position, vitals.last] = [lastEventId, placeOf(lastEventId)];
    });
    source.addEventListener("batch", ({ lastEventId }) => {
      const now = performance.now();
      const place = placeOf(lastEventId);
      // Numbers begin anew with an epoch.
      if (vitals.last?.epoch === place.epoch) {
        if (place.number <= vitals.last.number) vitals.repeated++;
        vitals.missed += Math.max(0, place.number - vitals.last.number - 1);
      }
      vitals.longestMillis = Math.max(vitals.longestMillis, now - (vitals.heardAt ?? now));
      [vitals.heardAt, vitals.position, vitals.last] = [now, lastEventId, place];
      vitals.batches++;
    });
  }

  /** Readers send ids as they came; only tests look into them. */
  function placeOf(id) {
    const [epoch, number] = id.split("-");
    return { epoch, number: Number(number) };
  }

  /** Asks for the metrics again and again: a pipeline that is younger than the time that has passed was started anew. */
  async function poll(base, vitals) {
    let answeredAt = performance.now();
    for (;;) {
      const sentAt = performance.now();
      try {
        const response = await fetch(`${base}metrics`);
        const text = await response.text();
        if (response.status !== 200) throw new Error(`GET metrics: ${response.status} ${text.slice(0, 200)}`);
        const uptime = Number(/^millrace_uptime_seconds (\S+)$/m.exec(text)[1]);
        if (uptime < vitals.uptime + (sentAt - answeredAt) / 1000 - SLACK_SECS) vitals.restarts++;
        vitals.uptime = uptime;
        answeredAt = performance.now();
        vitals.polls++;
        vitals.slowestMillis = Math.max(vitals.slowestMillis, answeredAt - sentAt);
      } catch (error) {
        if (vitals.failed.length < 20) vitals.failed.push(String(error));
      }
      await sleep(POLL_MILLIS);
    }
  }

  globalThis.watching = { watch, read, begin };
})();
