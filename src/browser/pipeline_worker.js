// What the pipeline worker starts with. Its first message brings the program: the page's own, compiled already, so
// that it is neither downloaded nor compiled twice. What goes wrong is heard by the page as the worker's error.
async function start({ data: { script, module } }) {
  const { default: init } = await import(script);
  await init({ module_or_path: module });
}

addEventListener("message", (message) => start(message).catch(reportError), { once: true });
