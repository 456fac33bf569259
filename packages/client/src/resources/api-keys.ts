/** `client.apiKeys`: the API keys of your organization. */
import type { Http } from "../http.js";
import { segment } from "../paths.js";
import type { ApiKey, ApiKeyDeleted, ApiKeyInput, ApiKeyWithSecret } from "../types.generated.js";
import { requestBody } from "../wire-format.js";

export interface ApiKeys {
  /**
   * The answer is the only one that shows the `key`. A key has no more scopes, models and time than the one that makes
   * it. The call is not retried after a lost answer, which could create a second key.
   */
  create(key: ApiKeyInput): Promise<ApiKeyWithSecret>;
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
