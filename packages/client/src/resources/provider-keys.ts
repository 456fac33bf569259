/** `client.providers.keys`: the provider keys that the gateway keeps for your organization. */
import type { Http } from "../http.js";
import { segment } from "../paths.js";
import type { NewProviderKey, ProviderKeyList } from "../types.generated.js";
import { requestBody } from "../wire-format.js";

/** A stored key, without the key itself. */
export type StoredProviderKey = ProviderKeyList["keys"][number];

export interface ProviderKeys {
  list(): Promise<StoredProviderKey[]>;
  /**
   * Stores the key, in place of an earlier one: generations of the organization are billed to its account. Returns all
   * stored keys.
   * @throws ValidationError the provider refuses the key (`field`: `api_key`), or takes no keys of callers
   */
  set(key: NewProviderKey): Promise<StoredProviderKey[]>;
  /**
   * Removes the key. Returns the keys that are left. Generations that were submitted with it still use it.
   * @throws VisgateError `NOT_FOUND`
   */
  delete(provider: string): Promise<StoredProviderKey[]>;
}

const PATH = "/providers/keys";

export function createProviderKeys(http: Http): ProviderKeys {
  const list = (): Promise<StoredProviderKey[]> => http.field({ path: PATH, field: "keys" });
  return {
    list,
    set: async (key) => http.field({ method: "PUT", path: PATH, body: requestBody(key), field: "keys" }),
    delete: async (provider) =>
      http.field({
        method: "DELETE",
        path: `${PATH}/${segment("provider", provider)}`,
        field: "keys",
        // The earlier try, whose answer was lost, may have deleted the key.
        afterLostTry: async ({ errorCode }) => (errorCode === "NOT_FOUND" ? { keys: await list() } : null),
      }),
  };
}
