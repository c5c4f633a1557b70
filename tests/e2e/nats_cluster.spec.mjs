// A cluster of three servers and a stream of three replicas: one server after the other is killed, and consumption goes on.
import { CHROMIUM, addressOf, expect, test } from "./nats_fixtures.mjs";
import { inForm } from "./support/form.mjs";
import { metric } from "./support/ledger.mjs";
import { untilCurrent } from "./support/nats_server.mjs";
import { holdingOf, wholeOf } from "./support/numbered.mjs";
import { makeStream, publish } from "./support/publisher.mjs";
import { untilRows } from "./support/source.mjs";
import { until } from "./support/until.mjs";

const NODES = 3;
const ROUND = inForm({ short: 2000, full: 50_000 });
const ROUNDS = inForm({ short: 1, full: 3 });
const TOTAL = ROUND * ROUNDS * NODES;

for (const mode of ["follow", "share"]) {
  test(`a stream of three replicas is read in ${mode} mode while one server after the other is killed`, CHROMIUM, async ({ app, startNats, figure }) => {
    test.setTimeout(180_000 + ROUNDS * NODES * 60_000);
    const nodes = await startNats.cluster(NODES);
    const servers = nodes.map(({ port }) => `127.0.0.1:${port}`);
    const connection = await nodes[0].connect({ servers });
    const manager = await makeStream(connection, "flow", { num_replicas: NODES });
    await untilCurrent(manager, "flow", NODES);
    const own = mode === "share" ? { nats_mode: "share", nats_durable: "plant" } : {};
    // One address; a client learns the others from the server.
    const page = await app.open(addressOf(nodes[0], { ...own, batch_size: 100, batch_wait: "100ms", history_rows: TOTAL }));
    const waits = [];
    for (let kill = 0; kill < ROUNDS * NODES; kill++) {
      const node = nodes[kill % NODES];
      const [first, half, end] = [kill * ROUND, (kill + 0.5) * ROUND, (kill + 1) * ROUND];
      const published = publish(connection, "flow", first, half, { ratePerSec: ROUND / 2 });
      published.catch(() => {});
      await untilRows(page, first + 1, { timeoutMillis: 60_000 });
      await node.kill();
      const [before, killed] = [await metric(page, "millrace_history_rows"), Date.now()];
      // Half of them come after the kill, however late its first row was seen.
      const publishing = published.then(() => publish(connection, "flow", half, end, { ratePerSec: ROUND / 2 }));
      publishing.catch(() => {});
      await until("rows come again", async () => (await metric(page, "millrace_history_rows")) > before, { timeoutMillis: 60_000 });
      waits.push(Date.now() - killed);
      await publishing;
      await untilRows(page, end, { timeoutMillis: 90_000 });
      await node.launch();
      await untilCurrent(manager, "flow", NODES);
    }
    figure(`${mode}, milliseconds until rows came again after each kill`, waits.join(", "));
    expect((await holdingOf(page, TOTAL)).summary()).toEqual(wholeOf(TOTAL));
    expect((await page.get("source")).counts.gaps).toBe(0);
  });
}
