// A way into the page for programs outside of it: an HTTP server on this machine that hands each request to the page's `fetch`.
import { createServer } from "node:http";

/** Headers that a page may not set, or that belong to the connection. */
const OWN = new Set(["host", "connection", "content-length", "transfer-encoding", "accept-encoding", "keep-alive"]);

/**
 * Starts the server at a free port.
 * @param {import("../pages/app_page.mjs").AppPage} page
 * @returns {Promise<{base: string, requests: number, failures: string[], close: () => Promise<void>}>} the address without a
 *   slash at its end; how many requests came, and which of them the page could not send.
 */
export async function bridge(page) {
  const relay = { requests: 0, failures: [] };
  const server = createServer(async (request, response) => {
    relay.requests++;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = [];
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      if (!OWN.has(request.rawHeaders[i].toLowerCase())) headers.push([request.rawHeaders[i], request.rawHeaders[i + 1]]);
    }
    try {
      const answer = await page.page.evaluate(send, {
        url: page.base + request.url.slice(1),
        method: request.method,
        headers,
        body: Buffer.concat(chunks).toString("base64"),
      });
      response.writeHead(answer.status, answer.headers).end(Buffer.from(answer.body, "base64"));
    } catch (error) {
      relay.failures.push(`${request.method} ${request.url}: ${error}`);
      response.writeHead(502, { "Content-Type": "text/plain" }).end(String(error));
    }
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  relay.base = `http://127.0.0.1:${server.address().port}`;
  relay.close = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return relay;
}

/** In the page: a real `fetch`; bodies travel as base64. */
async function send({ url, method, headers, body }) {
  const bytes = body ? Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0)) : undefined;
  const answer = await fetch(url, { method, headers, body: bytes });
  let text = "";
  for (const byte of new Uint8Array(await answer.arrayBuffer())) text += String.fromCharCode(byte);
  return { status: answer.status, headers: [...answer.headers].flat(), body: btoa(text) };
}
