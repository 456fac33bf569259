/** `client.providers`: what is left at the providers, and whether they accept a key. */
import type { Http } from "../http.js";
import { jsonText } from "../json-text.js";
import type { Balances, KeyValidation, ProviderKey } from "../types.generated.js";

export type Balance = Balances["balances"][number];

export interface Providers {
  /** Of the gateway's keys, or of your own where the client has them. */
  balances(): Promise<Balance[]>;
  /** Asks the provider whether it accepts the key; the key is not kept. */
  validate(key: ProviderKey): Promise<KeyValidation>;
}

export function createProviders(http: Http): Providers {
  return {
    balances: () => http.member({ path: "/providers/balances", name: "balances", withProviderKeys: true }),
    validate: async (key) => {
      const body = jsonText(key);
      return http.json({ method: "POST", path: "/providers/validate", body, shape: { valid: "boolean" } });
    },
  };
}
