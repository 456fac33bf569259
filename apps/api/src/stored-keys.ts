/**
 * The organizations' stored provider keys, remembered for a moment: most organizations have none, and a submit should
 * not ask Redis for them each time. A change works at once in the process that made it, and within a second in others.
 */
import type { StoredProviderKey } from "@visgate/shared/organization";
import type { ProviderKeyStore } from "@visgate/shared/store";
import type { Clock } from "@visgate/shared/units";

const REMEMBER_MS = 800;
const MAX_REMEMBERED = 10_000;

export interface StoredKeys {
  /** Null when the organization has stored no key for the provider. */
  find(organization: string, provider: string): Promise<StoredProviderKey | null>;
  /** Call it after a change. */
  forget(organization: string): void;
}

export function createStoredKeys(store: Pick<ProviderKeyStore, "list">, clock: Clock): StoredKeys {
  const remembered = new Map<string, { keys: Promise<StoredProviderKey[]>; until: number }>();

  function keysOf(organization: string): Promise<StoredProviderKey[]> {
    const now = clock.now();
    const known = remembered.get(organization);
    if (known !== undefined && known.until > now) return known.keys;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    const read = { keys: store.list(organization), until: now + REMEMBER_MS };
    remembered.set(organization, read);
    read.keys.catch(() => {
      if (remembered.get(organization) === read) remembered.delete(organization);
    });
    return read.keys;
  }

  return {
    async find(organization, provider) {
      const keys = await keysOf(organization);
      return keys.find((key) => key.provider === provider) ?? null;
    },
    forget(organization) {
      remembered.delete(organization);
    },
  };
}
