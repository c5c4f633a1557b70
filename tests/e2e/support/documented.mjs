// Whether an answer is one that openapi.json names.

/** Answers that have no body, whatever the request. */
const EMPTY = [204, 304];
/** An answer to bad input stays below this. */
const MOST_BYTES = 1_000_000;

/**
 * What is wrong with an answer, as a sentence; nothing if the document has it.
 * @param {object} document openapi.json
 * @param {{method?: string, target: string}} request relative to the app's base
 * @param {{status: number, type: string, headers: Record<string, string>, bytes: number, text: string, isCancelled: boolean,
 *   error: string | null}} answer as `send` in pages/hostile.js gives it
 */
export function fault(document, { method = "GET", target }, answer) {
  const { status, headers, bytes } = answer;
  if (answer.error) return `failed: ${answer.error}`;
  // It was given up before its answer.
  if (answer.isCancelled && status === 0) return undefined;
  const [path] = target.split("?");
  // A page is not shown where a redirect leads to.
  if (answer.type === "opaqueredirect") return path.endsWith("/") || path === "docs" ? undefined : "leads elsewhere";
  if (headers["cache-control"] !== "no-store") return `Cache-Control is ${headers["cache-control"]}`;
  if (headers["x-content-type-options"] !== "nosniff") return `X-Content-Type-Options is ${headers["x-content-type-options"]}`;
  if (status >= 400 && bytes >= MOST_BYTES) return `a refusal of ${bytes} bytes`;
  if ([429, 503].includes(status) && !/^\d+$/.test(headers["retry-after"] ?? "")) return `${status} with Retry-After ${headers["retry-after"]}`;
  if (method === "OPTIONS") return status === 204 && headers.allow ? undefined : `OPTIONS is ${status}, Allow ${headers.allow}`;

  const operation = document.paths[`/${path}`]?.[method === "HEAD" ? "get" : method.toLowerCase()];
  if (!operation) return status === 405 && headers.allow ? undefined : `${status} for a method that the document lacks`;
  const described = resolve(document, operation.responses[status]);
  if (!described) return `status ${status} is not in the document, but ${Object.keys(operation.responses)}`;
  if (EMPTY.includes(status)) return bytes === 0 ? undefined : `${status} with ${bytes} bytes`;
  const [type] = (headers["content-type"] ?? "").split(";");
  if (!(type in (described.content ?? {}))) return `${status} of type "${type}" is not in the document`;
  if (status >= 400 && method !== "HEAD" && !answer.isCancelled && !isRefusal(answer.text)) return `${status} says ${answer.text.slice(0, 200)}`;
  return undefined;
}

function resolve(document, described) {
  if (!described?.$ref) return described;
  return described.$ref.slice(2).split("/").reduce((part, name) => part[name], document);
}

function isRefusal(text) {
  try {
    return JSON.parse(text).detail !== undefined;
  } catch {
    return false;
  }
}
