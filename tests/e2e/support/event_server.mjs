// A program of its own that sends numbered events at a steady rate; see `EventServer` in event_process.mjs, which starts it.
// Which event is due follows from the clock, so that it goes on where it would be after it was killed and started again.
import { serveLive, sseOf, CORS } from "./live_server.mjs";
import { linesOf, textOf } from "./numbered.mjs";

const { port, rate, total, perFrame, pollSize } = JSON.parse(process.argv[2]);
let { startedAt } = JSON.parse(process.argv[2]);
const TICK_MILLIS = 5;
/** More is not buffered for a reader that is slow. */
const MAX_BUFFERED = 4 << 20;
/** Events of one write of a stream. */
const MAX_WRITE = 2000;

/** The number of events that are due. The first connection starts the clock. */
function due() {
  if (startedAt === null) {
    startedAt = Date.now();
    process.send({ startedAt });
    return 0;
  }
  return Math.min(total, Math.floor(((Date.now() - startedAt) * rate) / 1000));
}

/** Calls `send` with the numbers that are due until the connection ends. */
function pace(next, isFull, send, onEnd) {
  const timer = setInterval(() => {
    const now = due();
    while (next < now && !isFull()) {
      const to = Math.min(now, next + (perFrame ?? MAX_WRITE));
      send(next, to);
      next = to;
    }
  }, TICK_MILLIS);
  onEnd(() => clearInterval(timer));
}

const server = await serveLive({
  port,
  // A WebSocket has no memory: it goes on with what is due now.
  onSocket(socket) {
    const isFull = () => socket.bufferedAmount > MAX_BUFFERED;
    pace(due(), isFull, (from, to) => socket.send(linesOf(from, to)), (end) => socket.on("close", end).on("error", end));
  },
  onStream(response, lastEventId) {
    const isFull = () => response.writableLength > MAX_BUFFERED;
    const send = (from, to) => {
      let text = "";
      if (perFrame > 1) text = sseOf(linesOf(from, to), to - 1);
      else for (let number = from; number < to; number++) text += sseOf(textOf(number), number);
      response.write(text);
    };
    pace(lastEventId === null ? due() : Number(lastEventId) + 1, isFull, send, (end) => response.on("close", end));
  },
  // The newest document that is whole: so many events, with a tag of its own.
  onPoll(response, { headers }) {
    const document = Math.floor(due() / pollSize) - 1;
    const etag = `"${document}"`;
    const head = { ...CORS, ETag: etag, "Cache-Control": "no-cache" };
    if (document < 0) response.writeHead(204, head).end();
    else if (headers["if-none-match"] === etag) response.writeHead(304, head).end();
    else response.writeHead(200, { ...head, "Content-Type": "application/x-ndjson" }).end(linesOf(document * pollSize, (document + 1) * pollSize));
  },
});
process.send({ port: server.port });
// It ends with the test.
process.on("disconnect", () => process.exit());
