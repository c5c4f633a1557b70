// The files that the app keeps in the browser, as somebody who harms them sees them: from a page of the same origin, but
// outside of the app's folder, so that the app does not take it for one of its own.
import { until } from "../until.mjs";

export class StoredFiles {
  static async open(app) {
    const files = new StoredFiles();
    files.page = await app.context.newPage();
    await files.page.goto(new URL("/beside", app.host.base).href);
    await files.page.evaluate(installList);
    return files;
  }

  /** Every file below the app's directory: its bytes by its path. */
  async read() {
    const files = await this.page.evaluate(readAll);
    return new Map(files.map(([path, bytes]) => [path, Uint8Array.from(bytes)]));
  }

  /** Puts these files in place of all that are there; waits until nobody holds them. */
  async write(files) {
    const plain = [...files].map(([path, bytes]) => [path, [...bytes]]);
    await until("the files can be written", () => this.page.evaluate(writeAll, plain));
  }

  /** Reads the files once nobody holds them any more, so that they stay as they are. */
  async readWhenFree() {
    await until("nobody holds the app's files", () => this.page.evaluate(areFree));
    return until("the app has stored files", async () => {
      const files = await this.read();
      return files.size > 0 && files;
    });
  }
}

async function readAll() {
  const files = [];
  for (const [path, handle] of await globalThis.storedFiles()) {
    files.push([path, [...new Uint8Array(await (await handle.getFile()).arrayBuffer())]]);
  }
  return files;
}

/** A file that a worker holds cannot be written by others. */
async function areFree() {
  for (const [, handle] of await globalThis.storedFiles()) await (await handle.createWritable({ keepExistingData: true })).abort();
  return true;
}

async function writeAll(files) {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry("millrace", { recursive: true }).catch((error) => {
    if (error.name !== "NotFoundError") throw error;
  });
  for (const [path, bytes] of files) {
    const names = path.split("/");
    const name = names.pop();
    let directory = root;
    for (const part of names) directory = await directory.getDirectoryHandle(part, { create: true });
    const file = await directory.getFileHandle(name, { create: true });
    const writable = await file.createWritable();
    await writable.write(Uint8Array.from(bytes));
    await writable.close();
  }
  return true;
}

/** The handles of all files below the app's directory, in the order of their paths. */
function installList() {
  globalThis.storedFiles = async () => {
    const files = [];
    const walk = async (directory, path) => {
      for await (const [name, handle] of directory.entries()) {
        const below = `${path}/${name}`;
        if (handle.kind === "directory") await walk(handle, below);
        else files.push([below, handle]);
      }
    };
    const root = await navigator.storage.getDirectory();
    const app = await root.getDirectoryHandle("millrace").catch(() => null);
    if (app) await walk(app, "millrace");
    return files.sort(([one], [other]) => (one < other ? -1 : 1));
  };
}
