// What tests with NATS servers start with. `startNats` starts a server that lets the app's origin in, and ends it with the
// test; where the program cannot be had, the test says so and is skipped.
import { machinesTest, profileTest, test as base } from "./fixtures.mjs";
import { NEWEST, NatsServer, startCluster, whyMissing } from "./support/nats_server.mjs";

export { CHROMIUM, MEASURED, SMOKE, expect } from "./fixtures.mjs";

const nats = {
  startNats: async ({ host }, use) => {
    const origins = [new URL(host.base).origin];
    const started = [];
    const needs = (server) => base.skip(server.version === null, whyMissing(server));
    const start = async (server = NEWEST, options = {}) => {
      needs(server);
      started.push(await NatsServer.start(server, { origins, ...options }));
      return started.at(-1);
    };
    start.cluster = async (count, server = NEWEST) => {
      needs(server);
      const nodes = await startCluster(server, count, { origins });
      started.push(...nodes);
      return nodes;
    };
    await use(start);
    for (const server of started) await server.remove();
  },
};

export const test = base.extend(nats);
/** A test that may end the browser and start it again on what is stored. */
export const natsProfileTest = profileTest.extend(nats);
/** A test of several browsers. */
export const natsMachinesTest = machinesTest.extend(nats);

/** Opens the app and publishes its batches: a person says so, since no link does. */
export async function openWithSink(app, address, sink_subject) {
  const page = await app.open(`${address}&paused=true`);
  await page.configure({ sink_subject, paused: false });
  return page;
}

/** The address of the app with a JetStream source. */
export function addressOf(server, settings = {}) {
  const all = { source: "nats", source_url: server.url, nats_stream: "flow", nats_start: "all", clock: "utc", ...settings };
  return `?${new URLSearchParams(all)}`;
}
