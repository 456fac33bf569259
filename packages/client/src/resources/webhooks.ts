/** `client.webhookEndpoints` and `client.webhooks`: who is told of what happens to requests. */
import type { Http } from "../http.js";
import { jsonText } from "../json-text.js";
import { segment } from "../paths.js";
import type { Shape } from "../shape.js";
import type {
  Redelivering,
  WebhookEndpoint,
  WebhookEndpointChange,
  WebhookEndpointDeleted,
  WebhookEndpointInput,
  WebhookEndpointWithSecret,
} from "../types.generated.js";

export interface WebhookEndpoints {
  /** Its `secret` is shown here and never again. Not tried again after a lost answer: it would be a second endpoint. */
  create(endpoint: WebhookEndpointInput): Promise<WebhookEndpointWithSecret>;
  list(): Promise<WebhookEndpoint[]>;
  get(endpointId: string): Promise<WebhookEndpoint>;
  update(endpointId: string, change: WebhookEndpointChange): Promise<WebhookEndpoint>;
  delete(endpointId: string): Promise<WebhookEndpointDeleted>;
  /** A new secret; webhooks are signed with the old one too for `overlapSeconds`, a day unless given. */
  rotateSecret(endpointId: string, options?: { overlapSeconds?: number }): Promise<WebhookEndpointWithSecret>;
  /** Sends anew what was given up on, of events since a time (ISO 8601). */
  redeliver(endpointId: string, since: string): Promise<Redelivering>;
}

export interface Webhooks {
  /** `whsec_…`: what webhooks to a request's own `webhookUrl` are signed with. */
  secret(): Promise<string>;
  /** Sends anew all that was given up on, of events since a time (ISO 8601). */
  redeliver(since: string): Promise<Redelivering>;
}

const ENDPOINTS = "/webhook-endpoints";
const ENDPOINT = { id: "string" };
const WITH_SECRET = { ...ENDPOINT, secret: "string" };
const REDELIVERING = { redelivering: "number" };

const pathOf = (endpointId: string, rest = "") => `${ENDPOINTS}/${segment("endpointId", endpointId)}${rest}`;

/** What is done anew each time, and cannot be told apart by a key. */
const postOnce = async <T>(http: Http, path: string, { body, shape }: { body: object; shape: Shape }) =>
  http.json<T>({ method: "POST", path, body: jsonText(body), shape, idempotent: false });

export function createWebhookEndpoints(http: Http): WebhookEndpoints {
  const { json } = http;
  return {
    create: (endpoint) => postOnce(http, ENDPOINTS, { body: endpoint, shape: WITH_SECRET }),
    list: () => http.member({ path: ENDPOINTS, name: "endpoints" }),
    get: async (endpointId) => json({ path: pathOf(endpointId), shape: ENDPOINT }),
    update: async (endpointId, change) =>
      json({ method: "PATCH", path: pathOf(endpointId), body: jsonText(change), shape: ENDPOINT }),
    delete: async (id) =>
      json({
        method: "DELETE",
        path: pathOf(id),
        shape: ENDPOINT,
        // It may be gone because the lost try has deleted it.
        afterLostTry: ({ errorCode }) => (errorCode === "NOT_FOUND" ? { id, deleted: true } : null),
      }),
    rotateSecret: async (endpointId, options = {}) =>
      postOnce(http, pathOf(endpointId, "/rotate-secret"), { body: options, shape: WITH_SECRET }),
    redeliver: async (endpointId, since) =>
      postOnce(http, pathOf(endpointId, "/redeliver"), { body: { since }, shape: REDELIVERING }),
  };
}

export function createWebhooks(http: Http): Webhooks {
  return {
    secret: () => http.member({ path: "/webhooks/default/secret", name: "key", kind: "string" }),
    redeliver: (since) => postOnce(http, "/deliveries/redeliver", { body: { since }, shape: REDELIVERING }),
  };
}
