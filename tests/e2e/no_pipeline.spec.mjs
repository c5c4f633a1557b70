// A pipeline that cannot start is reported, with the reason and the remedy; the page never waits in silence.
import { expect, test } from "./fixtures.mjs";

test.describe(() => {
  test.use({ hostOptions: { missing: ["pipeline_worker.js"] } });

  test("the page says that the pipeline does not run when its script is missing", async ({ app }) => {
    await expectNoPipeline(app);
  });
});

test.describe(() => {
  test.use({ hostOptions: { missing: ["worker_bg.wasm"] } });

  test("the page says that the pipeline does not run when its program is missing", async ({ app }) => {
    await expectNoPipeline(app);
  });
});

async function expectNoPipeline(app) {
  const { page } = await app.openPage();
  await expect(page.getByText("The pipeline does not run.")).toBeVisible();
  await expect(page.getByText(/The pipeline worker stopped: .+ Reload the page to start it again\./)).toBeVisible();
}
