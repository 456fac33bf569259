/** What lua/events.lua needs to tell of a change: the event and the open JSON of its deliveries. */

import type { Delivery } from "../delivery/delivery.js";
import { eventId } from "../ids.js";
import type { Change } from "../request/change.js";
import { eventTypeOf } from "../request/public-event.js";
import type { RequestRecord } from "../request/record.js";
import { isTerminal } from "../request/state.js";

/** The script adds these, which only it knows. */
type Known = Omit<Delivery, "id" | "eventId" | "endpointId" | "change" | "sequence">;

/** JSON, or "" when the change is no event. `dueAt`: when the sweeper looks after its deliveries (ms). */
export function eventArgument(record: RequestRecord, change: Change, dueAt: number): string {
  const type = eventTypeOf(change);
  if (type === null) return "";
  const isFinal = isTerminal(record.status);
  const own = isFinal && record.webhookUrl !== null;
  const delivery: Known = {
    v: 1,
    organization: record.organization,
    requestId: record.id,
    type,
    createdAt: change.at,
    state: "pending",
    attempts: [],
    attemptsBefore: 0,
    nextAttemptAt: null,
  };
  const head = JSON.stringify(delivery).slice(0, -1);
  return JSON.stringify({
    type,
    // As text: Lua would print a number of this size with an exponent.
    at: String(change.at),
    due: String(dueAt),
    message: eventId(record.id),
    numbered: !isFinal,
    own,
    head,
  });
}
