/** `client.providers`: the balances of the accounts at the providers, and whether a provider accepts a key. */
import type { Http } from "../http.js";
import type { Balances, KeyValidation, ProviderKey } from "../types.generated.js";
import { requestBody } from "../wire-format.js";

export type Balance = Balances["balances"][number];

export interface Providers {
  /** One balance per provider: of your own account where the client has a key for it, else of the gateway's. */
  balances(): Promise<Balance[]>;
  /** Asks the provider whether it accepts the key. The gateway does not store the key. */
  validate(key: ProviderKey): Promise<KeyValidation>;
}

export function createProviders(http: Http): Providers {
  return {
    balances: () => http.field({ path: "/providers/balances", field: "balances", withProviderKeys: true }),
    validate: async (key) => {
      const body = requestBody(key);
      return http.json({ method: "POST", path: "/providers/validate", body, expected: { valid: "boolean" } });
    },
  };
}
