/** Ids. Requests are UUIDv7: they sort by creation time and cannot be guessed. */
import { v7 } from "uuid";

const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function newRequestId(now: number): string {
  return v7({ msecs: now });
}

export function isRequestId(text: string): boolean {
  return REQUEST_ID.test(text);
}

/** The id of the event a terminal request emits; it is the `webhook-id`, the same on every attempt. */
export function deliveryId(requestId: string): string {
  return `msg_${requestId}`;
}
