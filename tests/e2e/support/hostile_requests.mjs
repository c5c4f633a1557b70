// Requests that nobody should send, made up by chance: right ones, nearly right ones and nonsense, of any size up to the
// limit, some of which are given up in the middle. A seed repeats them.

const PATHS = ["trigger", "latest", "query", "stream", "events", "rejected", "metrics", "health", "config", "openapi.json", "docs"];
/** Browsers send no CONNECT, TRACE or TRACK. */
const METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "BREW"];

const TIMES = ["1970-01-01", "2262-04-11T23:47:16.854775807Z", "2262-04-12", "1677-09-21T00:12:44Z", "0", "-1", "20000000000", "99999999999999999999", "2025-02-30", "2026-11-01T01:30:00+25:00", "now"];
const LENGTHS = ["1ns", "5s", "1h30min", "106751d", "9999d", "-5s", "0s", "1y", "1e3s", "9223372036854775807ns", "99999999999d"];
const COUNTS = ["0", "1", "1000", "18446744073709551615", "18446744073709551616", "-1", "1.5", "+7", "0x10", "1e309", "NaN"];
const NAMES = ["latest", "melted", "pivoted", "json", "ndjson", "csv", "arrow", "true", "false", "right", "neither", "mean", "std", "median", "var", "count", "first", "all", "id"];
const TEXTS = ["", " ", "%", "%00", "%zz", "%FF%FE", "%F0%9F%A6%80", "%E2%80%AE", "'", '%22a,b', "a,%22b,c%22", "<script>", "../../etc/passwd", "%0D%0ASet-Cookie:a=b", "null", "undefined", "[]", "{}", "constructor", "__proto__"];

const TYPES = ["application/json", "application/x-ndjson", "application/jsonl", "text/csv", "text/csv; charset=utf-16", "text/tab-separated-values", "application/vnd.apache.arrow.stream", "application/xml", "multipart/form-data", "text/csv;;;", "*/*", "json", ""];
/** What a body is filled with. */
const UNITS = [
  "x\n", "1,", "{},", "[", '{"a":', '"', ",", ";\n", "\t", " ", "\u0000", "\ufeff", "é", "🦀", "null\n", "1e309,\n",
  '{"id":"h","value":1}\n', '{"id":"h","value":1},', '{"timestamp":"2262-01-01","id":"h","value":1}\n', "2025-06-01T00:00:00,h,1\n", '"a""b",1\n', "a,1\r\n", "NaN,\n",
];
const BYTES = [[0xff], [0xfe, 0xff, 0xd8], [0x1f, 0x8b, 8, 0], [0xc3, 0x28], [0, 0xd8]];
const PREFIXES = ["", "[", "{", '[{"id":"', '{"value":', "id,value\n", "timestamp,id,value\n", "id;value\n", "sep=;\n", "\ufeffid,value\n", "ARROW1\u0000\u0000", "PAR1"];
const SUFFIXES = ["", "]", "}", '"}]', "\n", "1]", '"'];
/** Rows of these are taken, and each ten of them make a batch. */
const EVENT = ['{"id":"h","value":1}\n', "application/x-ndjson"];

/** Changes of settings that leave the source and the limits alone: the run would have nothing to listen to without them. */
const SETTINGS = {
  window: ["1ns", "50ms", "5s", "20000d", "106751d"],
  agg: ["mean", "sum", "min", "max", "count", "std", "var", "median"],
  min_periods: [0, 1, 1_000_000],
  closed: ["right", "left", "both", "neither"],
  rolling_by: ["all", "id"],
  rolling_scope: ["stream", "batch"],
  aggfunc: ["mean", "median", "std", "first", "count"],
  memory_rows: [1, 3000, 1_000_000],
  distinct_ids: [null, 1, 5000],
  lateness: ["0s", "1h", "9999d"],
  late: ["accept", "reject"],
  clock: ["local", "utc"],
};
const BAD_VALUES = [-1, 1.5, 1e308, "", "soon", [], {}, true, "9".repeat(5000), "106752d", { window: {} }];

/** How often each kind comes. */
const KINDS = { query: 8, read: 4, stream: 2, post: 4, take: 2, change: 2, wrong: 3, forget: 0.15 };

export class HostileRequests {
  /**
   * @param {() => number} chance numbers from 0 up to 1, as `seeded` gives them
   * @param {{document: object, mostBytes: number, mostRows: number}} options openapi.json; how large a body may be; how many
   *   valid events one may hold
   */
  constructor(chance, { document, mostBytes, mostRows }) {
    Object.assign(this, { chance, mostBytes, mostRows });
    this.parameters = document.paths["/query"].get.parameters.map(({ name }) => name);
    this.settings = Object.keys(document.components.schemas.Settings.properties);
  }

  /** The next request, as `send` in pages/hostile.js takes it. */
  next() {
    const request = this[this.#weighted(KINDS)]();
    // A stream never ends by itself.
    if (request.target.startsWith("stream") || this.#is(0.15)) request.abortMillis = Math.floor(600 * this.chance() ** 2);
    else if (this.#is(0.1)) request.readBytes = this.#size(1 << 20);
    else if (this.#is(0.05)) request.standMillis = Math.floor(400 * this.chance());
    return request;
  }

  query() {
    const query = Array.from({ length: Math.floor(6 * this.chance()) }, () => this.#parameter());
    // Most ask for many rows.
    if (this.#is(0.6)) query.push("start=1970-01-01");
    if (this.#is(0.4)) query.push("views=pivoted");
    return { method: this.#is(0.1) ? "HEAD" : "GET", target: `query?${query.join("&")}`, headers: this.#headers() };
  }

  read() {
    const query = this.#is(0.5) ? `?${this.#parameter()}&${this.#text()}=${this.#text()}` : "";
    return { method: this.#pick(["GET", "GET", "HEAD", "OPTIONS"]), target: `${this.#pick(PATHS)}${this.#is(0.1) ? "/" : ""}${query}`, headers: this.#headers() };
  }

  stream() {
    const position = this.#pick(["0", "1", "", "0000000000000000-1", "ffffffffffffffff-9999999999999999999", this.#text()]);
    return { target: this.#is(0.3) ? "stream" : `stream?last_event_id=${position}`, headers: this.#headers() };
  }

  /** A body that is nonsense to some degree. */
  post() {
    const request = { method: "POST", target: this.#is(0.8) ? "events" : `events?${this.#pick(["complete", "delimiter", "rows_before", "lines_before"])}=${this.#pick([...COUNTS, ...TEXTS, "true", ";"])}`, headers: this.#headers(), body: this.#body() };
    const type = this.#pick(TYPES);
    if (type) request.headers.push(["Content-Type", type]);
    if (this.#is(0.2)) request.headers.push(["Idempotency-Key", this.#pick(["one", "two", "three", "", "\u00ff", "k".repeat(300)])]);
    if (this.#is(0.2)) request.headers.push(["Content-Encoding", this.#pick(["gzip", "deflate", "br", "gzip, gzip, gzip", "identity", ""])]);
    if (this.#is(0.2)) request.coding = this.#pick(["gzip", "deflate"]);
    return request;
  }

  /** Many events that are taken. */
  take() {
    const [unit, type] = EVENT;
    return { method: "POST", target: "events", headers: [["Content-Type", type]], body: [[unit, this.#size(this.mostRows)]] };
  }

  change() {
    const request = { method: "PATCH", target: "config", headers: [["Content-Type", "application/json"]] };
    if (this.#is(0.3)) return { ...request, body: this.#body() };
    const names = Object.keys(SETTINGS);
    const fields = Array.from({ length: 1 + Math.floor(3 * this.chance()) }, () => this.#pick(names)).map((name) => [name, this.#pick(SETTINGS[name])]);
    // One bad value, and nothing changes.
    if (this.#is(0.5)) fields.push([this.#pick([...this.settings, "nothing", "__proto__"]), this.#pick(BAD_VALUES)], ["history_rows", -1]);
    return { ...request, body: [[`{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`, 1]] };
  }

  /** Any method of any path, with a body where a browser sends one; not the one that forgets, nor one that changes something. */
  wrong() {
    const [method, path] = [this.#pick(METHODS), this.#pick(PATHS)];
    if (path === "events" && ["DELETE", "POST"].includes(method)) return this.wrong();
    const hasBody = !["GET", "HEAD"].includes(method) && this.#is(0.6);
    return { method, target: path, headers: this.#headers(), ...(hasBody && { body: this.#body() }) };
  }

  forget() {
    return { method: "DELETE", target: "events", headers: [] };
  }

  #parameter() {
    const name = this.#is(0.9) ? this.#pick(this.parameters) : this.#text();
    const value = this.#pick([TIMES, LENGTHS, COUNTS, NAMES, NAMES, TEXTS]);
    return `${name}=${this.#is(0.95) ? this.#pick(value) : this.#text()}`;
  }

  #headers() {
    const headers = [];
    if (this.#is(0.2)) headers.push(["Accept", this.#pick([...TYPES.filter(Boolean), "application/json;q=2", "a/b,".repeat(2000)])]);
    if (this.#is(0.1)) headers.push(["Last-Event-ID", this.#pick(["0", "5", "x".repeat(3000)])]);
    if (this.#is(0.1)) headers.push(["Authorization", this.#pick(["Bearer", "Bearer x", "Basic eDp5", "y".repeat(20_000)])]);
    if (this.#is(0.1)) headers.push([`X-${this.#pick(["A", "Forwarded-For", "HTTP-Method-Override"])}`, this.#pick(["DELETE", "127.0.0.1", "z".repeat(50_000)])]);
    return headers;
  }

  #body() {
    const unit = this.#is(0.85) ? this.#pick(UNITS) : this.#pick(BYTES);
    const isEvent = typeof unit === "string" && /"value":1|h,1/.test(unit);
    const times = isEvent ? this.#size(this.mostRows) : Math.ceil(this.#size(this.mostBytes) / unit.length);
    return [[this.#pick(PREFIXES), 1], [unit, times], [this.#pick(SUFFIXES), 1]];
  }

  /** A text of no meaning, now and then a long one. */
  #text() {
    return this.#is(0.9) ? this.#pick(TEXTS) : "9".repeat(this.#size(100_000));
  }

  /** A number from 1 to `most`; small ones are as frequent as large ones. */
  #size(most) {
    return Math.max(1, Math.floor(most ** this.chance()));
  }

  #is(share) {
    return this.chance() < share;
  }

  #pick(all) {
    return all[Math.floor(this.chance() * all.length)];
  }

  #weighted(weights) {
    let place = this.chance() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    return Object.keys(weights).find((name) => (place -= weights[name]) < 0);
  }
}

/** A request as a line that repeats it. */
export function inWords(request) {
  return JSON.stringify(request, (_, value) => (typeof value === "string" && value.length > 200 ? `${value.slice(0, 60)}… (${value.length})` : value));
}
