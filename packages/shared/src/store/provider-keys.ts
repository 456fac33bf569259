/** The organizations' own provider keys in Redis, encrypted; one per provider. */
import type { StoredProviderKey } from "../organization/provider-key.js";
import { createSettings, type Settings, type SettingsOptions } from "./settings.js";

/** More than there are providers. */
const MAX_PROVIDER_KEYS = 100;

export type ProviderKeyStore = Settings<StoredProviderKey>;

export function createProviderKeys({ redis, keys, scripts }: Pick<SettingsOptions, "redis" | "keys" | "scripts">) {
  return createSettings<StoredProviderKey>({
    ...{ redis, keys, scripts },
    keyOf: keys.providerKeys,
    maximum: MAX_PROVIDER_KEYS,
  });
}
