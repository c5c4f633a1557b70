/**
 * A real `fetch` in a tab.
 * @returns {Promise<{status: number, type: string, url: string, redirected: boolean, headers: Record<string, string>,
 *   text: string, json: () => any}>}
 */
export async function fetchIn(page, url, init = {}) {
  const answer = await page.evaluate(
    async ({ url, init }) => {
      const response = await fetch(url, init);
      const { status, type, redirected } = response;
      return { status, type, redirected, url: response.url, headers: Object.fromEntries(response.headers), text: await response.text() };
    },
    { url, init },
  );
  return { ...answer, json: () => JSON.parse(answer.text) };
}
