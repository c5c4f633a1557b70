// Serves the benchmark's files to the browser and takes its answers. The two headers isolate the page, for only then
// does its clock tick in 5 µs and not in 100.
import { createServer } from "node:http";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";

const MIME_TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
};
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/**
 * @param {Record<string, string>} mounts the folder behind each first part of a path
 * @param {string} answers the folder that `PUT /answers/…` writes to
 */
export async function serve(mounts, answers) {
  const server = createServer(async (request, response) => {
    const [, mount, ...rest] = decodeURIComponent(new URL(request.url, "http://host").pathname).split("/");
    if (rest.includes("..")) return response.writeHead(400).end();
    try {
      if (request.method === "PUT" && mount === "answers") {
        const path = join(answers, ...rest);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, request);
        response.writeHead(204, HEADERS).end();
      } else {
        const path = join(mounts[mount] ?? "no such folder", ...rest);
        const bytes = await readFile(path);
        response.writeHead(200, { ...HEADERS, "Content-Type": MIME_TYPES[extname(path)] ?? "application/octet-stream" }).end(bytes);
      }
    } catch (error) {
      response.writeHead(404, HEADERS).end(`${error.message}\n`);
    }
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    base: `http://127.0.0.1:${server.address().port}/`,
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
