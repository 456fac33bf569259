/** `client.providers`: the accounts at the providers: balances, whether a key is accepted, and stored keys. */
import type { Http } from "../http.js";
import type { Balances, KeyValidation, ProviderKey, Providers as Wire } from "../types.generated.js";
import { requestBody } from "../wire-format.js";
import { createProviderKeys, type ProviderKeys } from "./provider-keys.js";

export type Balance = Balances["balances"][number];

/** How a provider is doing, and each of its models that were used in the last minutes. */
export type ProviderHealth = Wire["providers"][number];

export interface Providers {
  /** How each provider is doing, on the accounts that your generations use. */
  list(): Promise<ProviderHealth[]>;
  /**
   * One balance per provider: of your own account where the client has a key for it, else of the account of your
   * organization's stored key, else of the gateway's.
   */
  balances(): Promise<Balance[]>;
  /** Asks the provider whether it accepts the key. The gateway does not store the key. */
  validate(key: ProviderKey): Promise<KeyValidation>;
  readonly keys: ProviderKeys;
}

export function createProviders(http: Http): Providers {
  return {
    list: () => http.field({ path: "/providers", field: "providers" }),
    balances: () => http.field({ path: "/providers/balances", field: "balances", withProviderKeys: true }),
    validate: async (key) => {
      const body = requestBody(key);
      return http.json({ method: "POST", path: "/providers/validate", body, expected: { valid: "boolean" } });
    },
    keys: createProviderKeys(http),
  };
}
