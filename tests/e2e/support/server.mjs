// A plain static host for the tests: real MIME types, 404 for what is not there, any base path. It never falls back to
// index.html, so an answer with status 200 and JSON can only have come from the pipeline.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";

/** The built app: dist/, or the folder that MILLRACE_DIST names. */
export const DIST = resolve(process.env.MILLRACE_DIST ?? fileURLToPath(new URL("../../../dist/", import.meta.url)));

const MIME_TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".wasm": "application/wasm",
};

const compress = promisify(brotliCompress);

/**
 * Serves the built app on 127.0.0.1, at a free port unless one is named.
 * @param {{dist?: string, port?: number, path?: string, missing?: string[], before?: Record<string, string>,
 *   held?: (name: string) => Promise<void>, isCompressed?: boolean, twin?: string | null, pages?: Record<string, string>}} options
 *   `path` is the folder that the app is served under, such as `/some/where/`, and `twin` another; `pages` has the text of other
 *   pages of the origin, by their whole path; files in `missing` are answered with 404 although they exist; `before` has what is put before the text
 *   of a file, by its name; `held` settles when a file may be answered; `isCompressed` sends brotli, as static hosts do, and
 *   compresses each file when it is asked for first, which takes seconds.
 * @returns {Promise<{base: string, dist: string, requested: string[], heard: string[], close: () => Promise<void>}>} the app's
 *   address, the folder that is served from now on, every path that reached the host, relative to the address, and all that was
 *   heard with them: addresses and headers.
 */
export async function serve({ dist = DIST, port = 0, path = "/", missing = [], before = {}, held = async () => {}, isCompressed = false, twin = null, pages = {} } = {}) {
  const host = { dist, requested: [], heard: [] };
  const compressed = new Map();
  const encode = (name, bytes) => {
    if (!compressed.has(name)) compressed.set(name, compress(bytes));
    return compressed.get(name);
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://host");
    const folder = [path, twin].find((folder) => folder !== null && pathname.startsWith(folder));
    const name = folder === undefined ? null : decodeURIComponent(pathname.slice(folder.length)) || "index.html";
    host.heard.push([request.url, ...request.rawHeaders].join(" "));
    if (name !== null) host.requested.push(name);
    await held(name ?? "");
    if (pathname in pages) return response.writeHead(200, { "Content-Type": MIME_TYPES[".html"] }).end(pages[pathname]);
    const file = name === null || missing.includes(name) ? null : await read(host.dist, name);
    const bytes = file && before[name] ? Buffer.concat([Buffer.from(before[name]), file]) : file;
    const type = MIME_TYPES[extname(name ?? "")] ?? "application/octet-stream";
    if (bytes === null) response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("no such file\n");
    else if (request.method !== "GET" && request.method !== "HEAD") response.writeHead(405).end();
    else {
      const body = isCompressed ? await encode(name, bytes) : bytes;
      const headers = { "Content-Type": type, "Content-Length": body.length, ...(isCompressed && { "Content-Encoding": "br" }) };
      response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : body);
    }
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  host.base = `http://127.0.0.1:${server.address().port}${path}`;
  host.close = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return host;
}

async function read(dist, name) {
  const path = normalize(join(dist, name));
  if (!path.startsWith(normalize(dist + sep))) return null;
  return readFile(path).catch((error) => {
    if (error.code === "ENOENT" || error.code === "EISDIR") return null;
    throw error;
  });
}
