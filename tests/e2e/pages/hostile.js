// Runs in the tab of an attacker before anything else: sends requests that a test has made up, and says what came back.
(() => {
  const BLOCK_BYTES = 1 << 20;
  /** Of an answer so much is kept as text: more than any answer to bad input may have. */
  const TEXT_BYTES = 1_000_000;
  const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

  /**
   * A body of texts or bytes, each with how often it comes: `[["[", 1], ["1,", 1e6]]`. A browser keeps what is repeated once,
   * so that 1 GiB costs the attacker a few MB.
   */
  function blobOf(pieces) {
    const encoder = new TextEncoder();
    return new Blob(pieces.flatMap(([piece, times = 1]) => repeated(typeof piece === "string" ? encoder.encode(piece) : Uint8Array.from(piece), times)));
  }

  function repeated(piece, times) {
    if (piece.length * times === 0) return [];
    const perBlock = Math.min(times, Math.ceil(BLOCK_BYTES / piece.length));
    const bytes = new Uint8Array(perBlock * piece.length);
    bytes.set(piece);
    for (let filled = piece.length; filled < bytes.length; filled *= 2) bytes.copyWithin(filled, 0, filled);
    const rest = bytes.subarray(0, (times % perBlock) * piece.length);
    return [...Array(Math.floor(times / perBlock)).fill(new Blob([bytes])), rest];
  }

  /** The same bytes in a coding such as `gzip`. */
  function coded(blob, coding) {
    return new Response(blob.stream().pipeThrough(new CompressionStream(coding))).blob();
  }

  /**
   * Sends a request and reads its answer.
   * @param {string} base the app's address
   * @param {{method?: string, target: string, headers?: [string, string][], body?: [string | number[], number][], coding?: string,
   *   abortMillis?: number, standMillis?: number, readBytes?: number}} request `coding` is what the body really has, whatever
   *   its headers say; the request is aborted after `abortMillis`; nothing of the answer is read for `standMillis`; the answer
   *   is cancelled after `readBytes`
   */
  async function send(base, { method = "GET", target, headers = [], body, coding, abortMillis, standMillis = 0, readBytes = Infinity }) {
    const seen = { status: 0, type: "", headers: {}, bytes: 0, text: "", isCancelled: false, error: null };
    const bytes = body && (coding ? await coded(blobOf(body), coding) : blobOf(body));
    const gate = new AbortController();
    const timer = abortMillis === undefined ? null : setTimeout(() => gate.abort(), abortMillis);
    const started = performance.now();
    try {
      const response = await fetch(base + target, { method, headers, body: bytes, redirect: "manual", signal: gate.signal });
      Object.assign(seen, { status: response.status, type: response.type, headers: Object.fromEntries(response.headers) });
      await sleep(standMillis);
      await read(response, seen, readBytes);
    } catch (error) {
      if (gate.signal.aborted) seen.isCancelled = true;
      else seen.error = String(error);
    } finally {
      clearTimeout(timer);
    }
    seen.millis = performance.now() - started;
    return seen;
  }

  /** Reads an answer up to so many bytes, and keeps its beginning. */
  async function read(response, seen, readBytes) {
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    while (reader) {
      const { done, value } = await reader.read();
      if (done) return;
      if (seen.bytes < TEXT_BYTES) seen.text += decoder.decode(value, { stream: true });
      seen.bytes += value.length;
      if (seen.bytes < readBytes) continue;
      seen.isCancelled = true;
      return reader.cancel();
    }
  }

  /** Opens readers that never read; {@link leave} ends them. */
  async function stand(base, target, readers) {
    const gate = new AbortController();
    const responses = await Promise.all(Array.from({ length: readers }, () => fetch(base + target, { signal: gate.signal })));
    // What nobody refers to would be collected, and with it the reader.
    globalThis.standing = { gate, responses };
    return responses.map(({ status }) => status);
  }

  function leave() {
    globalThis.standing.gate.abort();
    globalThis.standing = null;
  }

  globalThis.hostile = { send, stand, leave };
})();
