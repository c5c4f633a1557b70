// How fast a stream is read in `follow` mode, beside the official client in the same browser that only counts.
import { MEASURED, addressOf, expect, test } from "./nats_fixtures.mjs";
import { serveBareClient } from "./support/bare_client.mjs";
import { inForm } from "./support/form.mjs";
import { metric } from "./support/ledger.mjs";
import { SERVERS } from "./support/nats_server.mjs";
import { holdingOf, wholeOf } from "./support/numbered.mjs";
import { PlainApp } from "./support/plain_tab.mjs";
import { makeStream, publish } from "./support/publisher.mjs";
import { untilRows } from "./support/source.mjs";
import { until } from "./support/until.mjs";

const TOTAL = inForm({ short: 150_000, full: 1_000_000 });
const ROUNDS = inForm({ short: 2, full: 3 });
/**
 * What it falls to beside other programs on two cores; `docs/sources.md` says what it is on a quiet machine. In the short
 * form the browser still compiles the programs for speed for half of the time, and that is taken from the server.
 */
const FEWEST = inForm({ short: 0.6, full: 0.8 });

for (const server of SERVERS) {
  test(`${server.name} is read at least at ${FEWEST} of the rate of a bare client`, MEASURED, async ({ host, startNats, figure }) => {
    test.setTimeout(180_000 + TOTAL * 0.6);
    const bare = await serveBareClient();
    try {
      // All are let in: of the origins of one host, Debian's server knows but the last.
      const nats = await startNats(server, { origins: [] });
      const connection = await nats.connect();
      await makeStream(connection, "flow");
      await publish(connection, "flow", 0, TOTAL);
      const settings = { batch_size: 1000, batch_wait: "200ms", history_rows: TOTAL, memory_rows: 200_000 };
      const rates = { bare: [], millrace: [] };
      for (let round = 0; round < ROUNDS; round++) {
        // Each in a browser of its own, so that a history begins with the stream.
        rates.bare.push(await bare.rate({ url: nats.url, stream: "flow", total: TOTAL }));
        const page = await PlainApp.open(host.base + addressOf(nats, settings));
        const first = await until("the first rows come", () => metric(page, "millrace_history_rows"), { timeoutMillis: 30_000 });
        const started = Date.now();
        // Questions take time too: few of them.
        await untilRows(page, TOTAL, { timeoutMillis: 60_000 + TOTAL * 0.2, everyMillis: 200 });
        rates.millrace.push(((TOTAL - first) / (Date.now() - started)) * 1000);
        expect((await holdingOf(page, TOTAL)).summary()).toEqual(wholeOf(TOTAL));
        await page.close();
      }
      const best = { bare: Math.max(...rates.bare), millrace: Math.max(...rates.millrace) };
      figure(`messages a second of nats-server ${server.version}, bare client`, best.bare);
      figure("the same, into the history", best.millrace);
      figure("share of the bare client's rate", best.millrace / best.bare);
      expect(best.millrace / best.bare).toBeGreaterThanOrEqual(FEWEST);
    } finally {
      await bare.close();
    }
  });
}
