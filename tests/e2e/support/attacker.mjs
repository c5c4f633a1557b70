// A tab that shows no app and sends what nobody should send.
import { fileURLToPath } from "node:url";

const IN_PAGE = fileURLToPath(new URL("../pages/hostile.js", import.meta.url));

export class Attacker {
  static async open(app) {
    const attacker = new Attacker();
    attacker.base = app.host.base;
    await app.context.addInitScript({ path: IN_PAGE });
    attacker.tab = await app.type("health");
    return attacker;
  }

  /** Sends a request; see `send` in pages/hostile.js. */
  send(request) {
    return this.tab.page.evaluate(({ base, request }) => globalThis.hostile.send(base, request), { base: this.base, request });
  }

  /** Sends the same request so many times at once. */
  sendAtOnce(request, times) {
    const what = { base: this.base, request, times };
    return this.tab.page.evaluate(({ base, request, times }) => Promise.all(Array.from({ length: times }, () => globalThis.hostile.send(base, request))), what);
  }

  /** Opens so many readers of a target that never read; the statuses that they got. */
  stand(target, readers) {
    const what = { base: this.base, target, readers };
    return this.tab.page.evaluate(({ base, target, readers }) => globalThis.hostile.stand(base, target, readers), what);
  }

  /** Ends the readers that stand. */
  leave() {
    return this.tab.page.evaluate(() => globalThis.hostile.leave());
  }

  close() {
    return this.tab.close();
  }
}
