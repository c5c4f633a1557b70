// Repeats the newest message of its tab's pipeline worker to the workers of the other tabs, whose channel is its name. It
// does nothing else, so it is on time while the pipeline worker computes; the browser freezes and ends both with their tab.
const channel = new BroadcastChannel(self.name);
// As often as the others check, see src/worker/watch.rs.
const PERIOD_MILLIS = 200;
let message = null;
self.onmessage = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    message = data;
  };
};
setInterval(() => {
  if (message !== null) channel.postMessage(message);
}, PERIOD_MILLIS);
