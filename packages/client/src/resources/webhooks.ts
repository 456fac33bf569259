/** `client.webhookEndpoints` and `client.webhooks`: who is told of what happens to requests. */
import type { Http } from "../http.js";
import type {
  Redelivering,
  WebhookEndpoint,
  WebhookEndpointChange,
  WebhookEndpointDeleted,
  WebhookEndpointInput,
  WebhookEndpointList,
  WebhookEndpointWithSecret,
  WebhookSecret,
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

export function createWebhookEndpoints(http: Http): WebhookEndpoints {
  const pathOf = (endpointId: string) => `${ENDPOINTS}/${encodeURIComponent(endpointId)}`;
  const postOnce = <T>(path: string, body: object) => http.json<T>({ method: "POST", path, body, idempotent: false });
  return {
    create: (endpoint) => postOnce(ENDPOINTS, endpoint),
    list: async () => (await http.json<WebhookEndpointList>({ method: "GET", path: ENDPOINTS })).endpoints,
    get: (endpointId) => http.json({ method: "GET", path: pathOf(endpointId) }),
    update: (endpointId, body) => http.json({ method: "PATCH", path: pathOf(endpointId), body }),
    delete: (endpointId) => http.json({ method: "DELETE", path: pathOf(endpointId) }),
    rotateSecret: (endpointId, options = {}) => postOnce(`${pathOf(endpointId)}/rotate-secret`, options),
    redeliver: (endpointId, since) => postOnce(`${pathOf(endpointId)}/redeliver`, { since }),
  };
}

export function createWebhooks(http: Http): Webhooks {
  return {
    secret: async () => (await http.json<WebhookSecret>({ method: "GET", path: "/webhooks/default/secret" })).key,
    redeliver: (since) =>
      http.json({ method: "POST", path: "/deliveries/redeliver", body: { since }, idempotent: false }),
  };
}
