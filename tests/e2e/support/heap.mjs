// How much memory JavaScript takes in a page, in its worker or in the service worker.

/** A thread of the page that does nothing but send the heartbeats of its pipeline worker. */
const HEARTBEAT = /heartbeat_worker\.js$/;

/**
 * Bytes on the JavaScript heap of the first target of this type, after a collection, with what typed arrays hold.
 * @param {import("@playwright/test").Browser} browser
 * @param {"page" | "worker" | "service_worker"} type
 * @param {string} base the address that its page or script begins with
 */
export async function heapBytes(browser, type, base) {
  const session = await browser.newBrowserCDPSession();
  try {
    const { targetInfos } = await session.send("Target.getTargets");
    const target = targetInfos.find((info) => info.type === type && info.url.startsWith(base) && !HEARTBEAT.test(info.url));
    if (!target) throw new Error(`no ${type} of ${base} among ${targetInfos.map(({ type, url }) => `${type} ${url}`).join(", ")}`);
    const { sessionId } = await session.send("Target.attachToTarget", { targetId: target.targetId, flatten: false });
    let next = 1;
    const waiting = new Map();
    session.on("Target.receivedMessageFromTarget", ({ message }) => {
      const { id, result } = JSON.parse(message);
      waiting.get(id)?.(result);
    });
    const ask = (method) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, resolve);
        session.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method }) }).catch(reject);
      });
    await ask("HeapProfiler.collectGarbage");
    const { usedSize, backingStorageSize = 0, embedderHeapUsedSize = 0 } = await ask("Runtime.getHeapUsage");
    return usedSize + backingStorageSize + embedderHeapUsedSize;
  } finally {
    await session.detach();
  }
}
