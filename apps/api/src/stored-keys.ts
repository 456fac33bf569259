/**
 * The organizations' stored provider keys, remembered for a moment: most organizations have none, and a submit should
 * not ask Redis for them each time. A change works at once in the process that made it, and within a second in others.
 */
import type { StoredProviderKey } from "@visgate/shared/organization";
import { createShortMemory } from "@visgate/shared/runtime";
import type { ProviderKeyStore } from "@visgate/shared/store";
import type { Clock } from "@visgate/shared/units";

export interface StoredKeys {
  /** Null when the organization has stored no key for the provider. */
  find(organization: string, provider: string): Promise<StoredProviderKey | null>;
  /** Call it after a change. */
  forget(organization: string): void;
}

export function createStoredKeys(store: Pick<ProviderKeyStore, "list">, clock: Clock): StoredKeys {
  const memory = createShortMemory(store.list, clock);
  return {
    async find(organization, provider) {
      const keys = await memory.get(organization);
      return keys.find((key) => key.provider === provider) ?? null;
    },
    forget: memory.forget,
  };
}
