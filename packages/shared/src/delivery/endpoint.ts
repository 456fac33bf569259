/** A webhook endpoint: where an organization is told of the events of all its requests. */
import type { EventType } from "../request/public-event.js";

/** Why it gets nothing: its owner said so, it answered 410, or every attempt has failed for days. */
export type DisabledReason = "by_caller" | "gone" | "failing";

export interface WebhookEndpoint {
  v: 1;
  id: string;
  organization: string;
  url: string;
  events: EventType[];
  description: string | null;
  /** Null: it is enabled. */
  disabledReason: DisabledReason | null;
  createdAt: number;
  /** Since when every attempt has failed. */
  failingSince: number | null;
  /** Encrypted, bound to the endpoint's id. */
  secret: string;
  /** What webhooks are signed with besides, until then. */
  previousSecret: { secret: string; until: number } | null;
}

export interface Attempted {
  at: number;
  /** Where it went: the endpoint may have another address by now. */
  url: string;
  httpStatus: number | null;
  isDelivered: boolean;
}

/** The endpoint after one attempt; the same one when nothing has changed. */
export function afterEndpointAttempt(
  endpoint: WebhookEndpoint,
  { at, url, httpStatus, isDelivered }: Attempted,
  disableAfterMs: number,
): WebhookEndpoint {
  if (endpoint.disabledReason !== null || endpoint.url !== url) return endpoint;
  if (isDelivered) return endpoint.failingSince === null ? endpoint : { ...endpoint, failingSince: null };
  if (httpStatus === 410) return { ...endpoint, disabledReason: "gone" };
  if (endpoint.failingSince === null) return { ...endpoint, failingSince: at };
  return at - endpoint.failingSince >= disableAfterMs ? { ...endpoint, disabledReason: "failing" } : endpoint;
}
