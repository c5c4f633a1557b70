// A pipeline that cannot start is reported, with the reason and the remedy; the page never waits in silence.
import { expect, test } from "./fixtures.mjs";

test.describe(() => {
  test.use({ hostOptions: { missing: ["pipeline_worker.js"] } });

  test("the page says that the pipeline does not run when its script is missing", async ({ app }) => {
    await expectNoPipeline(app);
  });
});

test("the page says that the pipeline does not run when the program cannot be loaded there", async ({ app }) => {
  await app.context.addInitScript(nameAnotherProgram);
  await expectNoPipeline(app);
});

async function expectNoPipeline(app) {
  const { page } = await app.openPage();
  await expect(page.getByText("The pipeline does not run.")).toBeVisible();
  await expect(page.getByText(/The pipeline worker stopped: .+ Reload the page to start it again\./)).toBeVisible();
}

/** Runs in the page: the message to the worker names a program that no host has. */
function nameAnotherProgram() {
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    return post.call(this, message.script ? { ...message, script: `${message.script}.gone.js` } : message, ...rest);
  };
}
