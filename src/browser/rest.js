// The second part of a release's program, see .ci/split.mjs. The build puts this at the end of the script that
// wasm-bindgen makes, whose `wasm` and `__wbg_get_imports` it uses, and fills in the two constants.
const REST = "";
const SLOT = 0;
const address = new URL(REST, import.meta.url);

// After a first visit the service worker has both parts, so they come together. It matters that they do: what a page waits
// for without doing anything else (below) comes from the host, past the service worker, and there may be none.
const isKept = Boolean(navigator.serviceWorker?.controller);
const compiled = isKept && compile();

// In a first visit the rest comes when something has been shown, which either thread marks: nobody is to wait for it.
new PerformanceObserver((_, observer) => {
  observer.disconnect();
  loadRest().catch(() => {}); // tried again when it is needed
}).observe({ type: "mark", buffered: true });

function compile() {
  return WebAssembly.compileStreaming(fetch(address));
}

async function loadRest() {
  const module = await (compiled || compile());
  if (!wasm.table.get(SLOT)) await WebAssembly.instantiate(module, restImports());
}

/** Settles when the first part, which is here, may start. */
async function beforeStart(instance) {
  wasm = instance.exports;
  if (isKept) await loadRest().catch(() => {});
}

/** Called by the first part when it needs the rest: it cannot go on without. */
function needRest() {
  try {
    const request = new XMLHttpRequest();
    request.open("GET", address, false);
    request.overrideMimeType("text/plain; charset=x-user-defined"); // the way to get bytes while a page waits
    request.send();
    if (request.status !== 200) throw new Error(`${address} was answered with ${request.status}`);
    const bytes = Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0));
    new WebAssembly.Instance(new WebAssembly.Module(bytes), restImports());
  } catch (error) {
    tellThatRestIsMissing();
    throw error;
  }
}

const restImports = () => ({ ...__wbg_get_imports(), first: wasm });

function tellThatRestIsMissing() {
  // A page hears of its worker's errors as of all others there; here once is enough.
  if (!globalThis.document || document.getElementById("rest-missing")) return;
  const notice = document.createElement("div");
  notice.id = "rest-missing";
  notice.className = "notice notice--limited";
  notice.role = "alert";
  notice.textContent = "A part of the program could not be loaded, and this page cannot go on without it. Reload the page when there is a connection.";
  document.body.prepend(notice);
}
