/** A webhook endpoint: a URL that gets the events of its organization. */
import type { EventType } from "../request/public-event.js";

/** Why the endpoint gets no events: a caller disabled it, it answered 410, or every attempt has failed for days. */
export type DisabledReason = "by_caller" | "gone" | "failing";

export interface WebhookEndpoint {
  v: 1;
  id: string;
  organization: string;
  url: string;
  events: EventType[];
  description: string | null;
  /** Null while the endpoint is enabled. */
  disabledReason: DisabledReason | null;
  createdAt: number;
  /** Since when every attempt has failed; null after a successful one. */
  failingSince: number | null;
  /** The signing secret, encrypted and bound to the endpoint's id. */
  secret: string;
  /** A rotated secret that also signs webhooks until this time (ms). */
  previousSecret: { secret: string; until: number } | null;
}

export interface Attempted {
  at: number;
  /** The URL of the attempt: the endpoint may have got another URL since. */
  url: string;
  httpStatus: number | null;
  isDelivered: boolean;
}

/** The endpoint after one attempt; the same object when nothing changed. */
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
