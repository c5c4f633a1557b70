// A page that does nothing but count the messages of a stream: what the official client reads in a browser's worker.
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { PlainTab } from "./plain_tab.mjs";

const ENTRY = `
  import { wsconnect } from "@nats-io/nats-core";
  import { jetstream } from "@nats-io/jetstream";
  onmessage = async ({ data: { url, stream, total } }) => {
    const connection = await wsconnect({ servers: url });
    const consumer = await jetstream(connection).consumers.get(stream);
    let [count, started] = [0, 0];
    for await (const message of await consumer.consume({ max_messages: 10_000 })) {
      if (count++ === 0) started = performance.now();
      if (count === total) break;
    }
    postMessage({ count, millis: performance.now() - started });
    await connection.close();
  };
`;

/** A host of its own for it; its `origin` has to be among those that the server lets in. */
export async function serveBareClient() {
  const folder = fileURLToPath(new URL("../../..", import.meta.url));
  const { outputFiles } = await build({ stdin: { contents: ENTRY, resolveDir: folder }, bundle: true, format: "iife", minify: true, write: false });
  const files = { "/": ["text/html", "<!doctype html><title>count</title>"], "/worker.js": ["text/javascript", outputFiles[0].text] };
  const server = createServer(({ url }, response) => {
    const [type, text] = files[url] ?? ["text/plain", null];
    response.writeHead(text === null ? 404 : 200, { "Content-Type": type }).end(text ?? "no such file\n");
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    /** Counts the messages of a stream in a browser of its own, and returns how many of them came in a second. */
    async rate(what) {
      const tab = await PlainTab.open(origin);
      const { count, millis } = await tab.evaluate((what) => new Promise((resolve, reject) => {
        const worker = new Worker("worker.js");
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(what);
      }), what);
      await tab.close();
      return (count / millis) * 1000;
    },
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
