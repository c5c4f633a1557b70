let port;
let waiting = new Map();
let next = 1;
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  port = event.ports[0];
  port.onmessage = ({ data }) => waiting.get(data.id)(data);
});
self.addEventListener("fetch", (event) => {
  if (event.request.url.endsWith("/echo")) event.respondWith(echo());
});
async function echo() {
  const id = next++;
  const reply = await new Promise((resolve) => {
    waiting.set(id, resolve);
    port.postMessage({ id });
  });
  waiting.delete(id);
  return new Response(reply.body, { headers: { "Content-Type": "application/json" } });
}
