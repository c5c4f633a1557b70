// A browser on a profile of its own that shows the app at an address, as a machine that people switch off and on.

export class Machine {
  /** @param {{profile: object, app: object}} browser @param {string} address settings, such as `?source=none` */
  constructor({ profile, app }, address) {
    Object.assign(this, { profile, app, address, page: null });
  }

  async open() {
    this.page = await this.app.open(this.address);
    return this.page;
  }

  /** Ends it in one of the ways of kill.mjs, and opens the app again. */
  async endAndOpen({ end, isBrowserGone = false, isPageAlive = false }) {
    await end(this.app, this.page, this.profile);
    if (isPageAlive) {
      await this.page.page.reload();
      await this.page.waitUntilLive();
      return;
    }
    if (isBrowserGone) this.app.enter(await this.profile.launch());
    else await this.page.close();
    await this.open();
  }
}
