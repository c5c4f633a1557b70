// As large as an answer of one batch of ten rows.
const body = new TextEncoder().encode(JSON.stringify({ text: "x".repeat(4000) }));
self.onmessage = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    const copy = body.slice().buffer;
    port.postMessage({ id: data.id, body: copy }, [copy]);
  };
};
