// Processes that take whatever the machine's cores have: a machine that is busy with something else.
import { spawn } from "node:child_process";

/** Starts so many of them; returns how to end them. They end with the test's process too. */
export function startHogs(count) {
  const hogs = Array.from({ length: count }, () =>
    // Asked for through standard input, which closes when this process ends.
    spawn(process.execPath, ["-e", "process.stdin.on('end', () => process.exit()).resume(); const spin = () => { const end = Date.now() + 50; while (Date.now() < end); setImmediate(spin); }; spin();"], {
      stdio: ["pipe", "ignore", "ignore"],
    }),
  );
  return () => hogs.forEach((hog) => hog.kill("SIGKILL"));
}
