/** `client.webhookEndpoints` and `client.webhooks`: the receivers of events, their secrets, and redelivery. */
import type { Http } from "../http.js";
import { segment } from "../paths.js";
import type {
  Redelivering,
  WebhookEndpoint,
  WebhookEndpointChange,
  WebhookEndpointDeleted,
  WebhookEndpointInput,
  WebhookEndpointWithSecret,
} from "../types.generated.js";
import { type ExpectedFields, requestBody } from "../wire-format.js";

export interface WebhookEndpoints {
  /**
   * The answer is the only one that shows the endpoint's `secret`. The call is not retried after a lost answer, which
   * could create a second endpoint.
   */
  create(endpoint: WebhookEndpointInput): Promise<WebhookEndpointWithSecret>;
  list(): Promise<WebhookEndpoint[]>;
  /** @throws VisgateError `NOT_FOUND` */
  get(endpointId: string): Promise<WebhookEndpoint>;
  /** Changes the given fields only. */
  update(endpointId: string, change: WebhookEndpointChange): Promise<WebhookEndpoint>;
  delete(endpointId: string): Promise<WebhookEndpointDeleted>;
  /**
   * Creates a new secret. For `overlapSeconds` (86,400 unless given), webhooks are signed with the old secret as well.
   * Not retried after a lost answer.
   */
  rotateSecret(endpointId: string, options?: { overlapSeconds?: number }): Promise<WebhookEndpointWithSecret>;
  /** Sends the endpoint's abandoned webhooks again, for events since a time (ISO 8601). */
  redeliver(endpointId: string, since: string): Promise<Redelivering>;
}

export interface Webhooks {
  /** The secret (`whsec_…`) that signs webhooks to the `webhookUrl` of a request. */
  secret(): Promise<string>;
  /** Sends all abandoned webhooks again, for events since a time (ISO 8601). */
  redeliver(since: string): Promise<Redelivering>;
}

const ENDPOINTS = "/webhook-endpoints";
const ENDPOINT = { id: "string" };
const WITH_SECRET = { ...ENDPOINT, secret: "string" };
const REDELIVERING = { redelivering: "number" };

const pathOf = (endpointId: string, rest = "") => `${ENDPOINTS}/${segment("endpointId", endpointId)}${rest}`;

type Post = { body: object; expected: ExpectedFields };

/** Sent at most once where it may have been processed: it would act again, and no key tells the gateway so. */
const postOnce = async <T>(http: Http, path: string, { body, expected }: Post) =>
  http.json<T>({ method: "POST", path, body: requestBody(body), expected, idempotent: false });

export function createWebhookEndpoints(http: Http): WebhookEndpoints {
  const { json } = http;
  return {
    create: (endpoint) => postOnce(http, ENDPOINTS, { body: endpoint, expected: WITH_SECRET }),
    list: () => http.field({ path: ENDPOINTS, field: "endpoints" }),
    get: async (endpointId) => json({ path: pathOf(endpointId), expected: ENDPOINT }),
    update: async (endpointId, change) =>
      json({ method: "PATCH", path: pathOf(endpointId), body: requestBody(change), expected: ENDPOINT }),
    delete: async (id) =>
      json({
        method: "DELETE",
        path: pathOf(id),
        expected: ENDPOINT,
        // The earlier try, whose answer was lost, may have deleted the endpoint.
        afterLostTry: ({ errorCode }) => (errorCode === "NOT_FOUND" ? { id, deleted: true } : null),
      }),
    rotateSecret: async (endpointId, options = {}) =>
      postOnce(http, pathOf(endpointId, "/rotate-secret"), { body: options, expected: WITH_SECRET }),
    redeliver: async (endpointId, since) =>
      postOnce(http, pathOf(endpointId, "/redeliver"), { body: { since }, expected: REDELIVERING }),
  };
}

export function createWebhooks(http: Http): Webhooks {
  return {
    secret: () => http.field({ path: "/webhooks/default/secret", field: "key", type: "string" }),
    redeliver: (since) => postOnce(http, "/deliveries/redeliver", { body: { since }, expected: REDELIVERING }),
  };
}
