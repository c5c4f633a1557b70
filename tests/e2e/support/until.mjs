// Waits for a condition, never for a time.
import { setTimeout as pause } from "node:timers/promises";

/**
 * Asks again until `condition` gives something truthy, and returns that.
 * @param {string} what the rule that is waited for, for the failure's message
 * @param {() => unknown | Promise<unknown>} condition may throw while the state is not there yet
 */
export async function until(what, condition, { timeoutMillis = 10_000, everyMillis = 40 } = {}) {
  const deadline = Date.now() + timeoutMillis;
  let seen;
  for (;;) {
    try {
      seen = await condition();
      if (seen) return seen;
    } catch (error) {
      seen = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMillis / 1000} s; last seen: ${seen}`);
    await pause(everyMillis);
  }
}
