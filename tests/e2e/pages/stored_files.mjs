// The files that the app keeps in the browser. A test reads and damages them from a page of the same origin that is outside
// of the app's folder, so that the app does not take this page for one of its own.
import { expect } from "@playwright/test";

export class StoredFiles {
  static async open(app) {
    const files = new StoredFiles();
    files.page = await app.context.newPage();
    await files.page.goto(new URL("/beside", app.host.base).href);
    return files;
  }

  /** Every file below the app's directory: its bytes by its path, in the order of the paths. */
  async read() {
    const files = await this.page.evaluate(readAll);
    return new Map(files.map(([path, text]) => [path, Buffer.from(text, "base64")]).sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** Reads them once the app is closed, so that they stay as they are. */
  async readWhenFree() {
    // The service worker, which has no files, holds one that says that it lives.
    const isOfFiles = ({ name }) => !name.startsWith("millrace presence");
    const held = async () => (await this.page.evaluate(async () => (await navigator.locks.query()).held.map(({ name }) => ({ name })))).filter(isOfFiles);
    await expect.poll(held, "the locks that workers of the app hold").toEqual([]);
    return this.read();
  }

  /** Puts these files in place of all that are there; waits until no worker holds them. */
  async write(files) {
    const texts = [...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString("base64")]);
    await expect(() => this.page.evaluate(writeAll, texts), "the files can be written").toPass({ timeout: 10_000 });
  }
}

async function readAll() {
  const files = [];
  const walk = async (directory, path) => {
    for await (const [name, handle] of directory.entries()) {
      const below = `${path}/${name}`;
      if (handle.kind === "directory") await walk(handle, below);
      else files.push([below, new Uint8Array(await (await handle.getFile()).arrayBuffer()).toBase64()]);
    }
  };
  const root = await navigator.storage.getDirectory();
  const app = await root.getDirectoryHandle("millrace").catch(() => null);
  if (app) await walk(app, "millrace");
  return files;
}

async function writeAll(files) {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry("millrace", { recursive: true }).catch((error) => {
    if (error.name !== "NotFoundError") throw error;
  });
  for (const [path, text] of files) {
    const names = path.split("/");
    const name = names.pop();
    let directory = root;
    for (const part of names) directory = await directory.getDirectoryHandle(part, { create: true });
    const file = await directory.getFileHandle(name, { create: true });
    const writable = await file.createWritable();
    await writable.write(Uint8Array.fromBase64(text));
    await writable.close();
  }
}
