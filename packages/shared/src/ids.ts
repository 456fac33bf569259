/** Ids. A request id is a UUIDv7: it sorts by creation time and cannot be guessed. */
import { randomFillSync } from "node:crypto";
import { v7 } from "uuid";

const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ID_BYTES = 16;

/** Random bytes for many ids at once: one system call per id would cost more than the rest of making an id. */
const pool = new Uint8Array(ID_BYTES * 256);
let used = pool.length;

function nextRandom(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += ID_BYTES;
  return pool.subarray(used - ID_BYTES, used);
}

/** `now`: milliseconds since the epoch. */
export function newRequestId(now: number): string {
  return v7({ msecs: now, random: nextRandom() });
}

export function isRequestId(text: string): boolean {
  return REQUEST_ID.test(text);
}

/** When the id was made, in ms since the epoch. The `createdAt` of its record may be a moment later. */
export function requestTime(id: string): number {
  return Number.parseInt(id.slice(0, 13).replace("-", ""), 16);
}

/** The id of a request's terminal event. It is the `webhook-id`, the same on every attempt. */
export function eventId(requestId: string): string {
  return `msg_${requestId}`;
}
