// The page's Trusted Types: whatever becomes HTML, the address of a script, or code passes through this `default` policy in
// browsers that have them. `null` refuses: the browser throws, and reports a violation. Trunk puts this script into the page.
(() => {
  if (!globalThis.trustedTypes) return;
  // The scripts that the program starts by their address.
  const SCRIPTS = ["pipeline_worker.js", "heartbeat_worker.js", "decoder_worker.js", "sw.js"];
  // Elements that run or load something by themselves, or change the attributes of others.
  const ACTIVE_ELEMENTS =
    /^(script|style|link|meta|base|i?frame|frameset|fencedframe|portal|object|embed|applet|set|animate(motion|transform)?)$/i;
  const ACTIVE_ATTRIBUTES = /^(on.*|srcdoc|style)$/i;
  const ADDRESSES = /^(.+:)?(href|src|srcset|action|formaction|data|poster|ping|background)$/i;
  // What follows a "<" up to the ">": as Leptos writes it, with each value in quotes and without angle brackets in values.
  const TAG = /^\/?([a-z][a-z0-9-]*)((?: [a-z_][\w:.-]*(?:="[^">]*")?)*) ?\/?>/i;
  const ATTRIBUTE = / ([\w:.-]+)(?:="([^">]*)")?/g;
  // Of the schemes only https; no character reference can spell another one.
  const PLAIN_ADDRESS = /^(https:\/\/|[\w./%~-]*([?#]|$))/;

  const isPlainAttribute = ([, name, value = ""]) =>
    !ACTIVE_ATTRIBUTES.test(name) && (!ADDRESSES.test(name) || PLAIN_ADDRESS.test(value));
  const isPlainTag = (text) => {
    const [, name, attributes] = TAG.exec(text) ?? [];
    return name !== undefined && !ACTIVE_ELEMENTS.test(name) && [...attributes.matchAll(ATTRIBUTE)].every(isPlainAttribute);
  };
  const absolute = (address) => new URL(address, document.baseURI).href;

  trustedTypes.createPolicy("default", {
    // Leptos makes elements of the constant parts of `view!` from HTML. Data never becomes HTML; if it did, this would
    // let nothing through that can act.
    createHTML: (html) => (html.split("<").slice(1).every(isPlainTag) ? html : null),
    createScriptURL: (address) => (SCRIPTS.map(absolute).includes(absolute(address)) ? address : null),
    createScript: () => null,
  });
})();
