// What the pipeline worker starts with. Its first message brings the program: the page's own, compiled already, so
// that it is neither downloaded nor compiled twice.
addEventListener(
  "message",
  async ({ data: { script, module } }) => {
    const { default: start } = await import(script);
    await start({ module_or_path: module });
  },
  { once: true },
);
