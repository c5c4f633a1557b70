// A pipeline that cannot start is said, with the reason and the mend; the page never waits in silence.
import { appTest } from "./app.mjs";

const MODES = {
  "its script is missing": { options: { host: { missing: ["pipeline_worker.js"] } }, before: () => {} },
  "the program cannot be loaded there": { options: {}, before: nameAnotherProgram },
};

for (const [mode, { options, before }] of Object.entries(MODES)) {
  appTest(`the page says that the pipeline does not run when ${mode}`, options, async (app) => {
    await app.context.addInitScript(before);
    const { page } = await app.openPage();
    await page.getByText("The pipeline does not run.").waitFor({ timeout: 10_000 });
    await page.getByText(/The pipeline worker stopped: .+ Reload the page to start it again\./).waitFor({ timeout: 10_000 });
  });
}

/** Runs in the page: the worker is told of a program that no host has. */
function nameAnotherProgram() {
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    return post.call(this, message.script ? { ...message, script: `${message.script}.gone.js` } : message, ...rest);
  };
}
