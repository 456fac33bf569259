/** `client.apiKeys`: the API keys of your organization. */
import type { Http } from "../http.js";
import { segment } from "../paths.js";
import type { ApiKey, ApiKeyDeleted, ApiKeyInput, ApiKeyWithSecret } from "../types.generated.js";
import { requestBody } from "../wire-format.js";

export interface ApiKeys {
  /**
   * The answer is the only one that shows the `key`. The key cannot have more scopes or models, a higher rate limit or
   * a later expiry than the key that creates it, and has the same unless given. The call is not retried after a lost
   * answer, which could create a second key.
   */
  create(key: ApiKeyInput): Promise<ApiKeyWithSecret>;
  /** All keys of the organization, without the keys themselves, oldest first. */
  list(): Promise<ApiKey[]>;
  /** The key stops working within a second. @throws VisgateError `NOT_FOUND` */
  delete(apiKeyId: string): Promise<ApiKeyDeleted>;
}

const PATH = "/api-keys";

export function createApiKeys(http: Http): ApiKeys {
  return {
    create: async (key) =>
      http.json({
        method: "POST",
        path: PATH,
        body: requestBody(key),
        expected: { id: "string", key: "string" },
        idempotent: false,
      }),
    list: () => http.json({ path: PATH, isList: true }),
    delete: async (id) =>
      http.json({
        method: "DELETE",
        path: `${PATH}/${segment("apiKeyId", id)}`,
        expected: { id: "string" },
        // The earlier try, whose answer was lost, may have revoked the key.
        afterLostTry: ({ errorCode }) => (errorCode === "NOT_FOUND" ? { id, deleted: true } : null),
      }),
  };
}
