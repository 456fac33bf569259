/** Erases a request: first everything of it in Redis, then its files that no other request shows. */
import { folderOf, type OutputStore } from "../outputs/store.js";
import type { Logger } from "../runtime/log.js";
import type { StoredRequest } from "./requests.js";
import type { Store } from "./store.js";

interface Stores {
  store: Store;
  outputs: OutputStore;
  log: Logger;
}

/** False when the request has changed since it was read. If the process dies halfway, the sweeper empties the trash. */
export async function eraseRequest(stores: Stores, stored: StoredRequest): Promise<boolean> {
  const { organization, id, cache } = stored.doc;
  if (!(await stores.store.maintenance.erase(stored))) return false;
  const source = cache.sharedFrom;
  if (source !== null && source.organization !== organization) {
    await stores.store.sharing.giveBack(source, id);
    await emptyTrash(stores, source.organization);
  }
  await emptyTrash(stores, organization);
  return true;
}

/** Removes the files of erased requests. What cannot be removed now stays in the trash for the next time. */
export async function emptyTrash({ store, outputs, log }: Stores, organization: string): Promise<void> {
  for (const folder of await store.maintenance.trash(organization)) {
    try {
      await outputs.removeAll(folderOf(organization, folder));
      await store.maintenance.clearedTrash(organization, folder);
    } catch (error) {
      log.warn({ err: error, organization, folder }, "files of an erased request are left to the sweeper");
    }
  }
}
