/**
 * The events that endpoints missed while they were disabled. lua/save_endpoint.lua notes them when an endpoint is
 * disabled and enabled, so none is lost and none is counted twice.
 */
import type { Redis } from "ioredis";
import type { AlertDelivery, Delivery } from "../delivery/delivery.js";
import { eventId } from "../ids.js";
import { isFinalEvent } from "../request/public-event.js";
import type { RequestRef } from "../request/record.js";
import type { FeedEntry } from "./feed.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";

/** The sweeper looks after a delivery this long after it was created. */
const GRACE_MS = 60_000;

export interface Missed {
  endpointId: string;
  /** The events with higher numbers, up to and including `last`. */
  after: number;
  last: number;
  /** Also the older deliveries that were stopped because the endpoint was disabled. */
  withStopped: boolean;
}

interface MissedEventsOptions {
  redis: Redis;
  keys: Keys;
  scripts: Scripts;
  now: () => number;
  onDeliveries: (deliveries: RequestRef[]) => void;
}

export function createMissedEvents({ redis, keys, scripts, now, onDeliveries }: MissedEventsOptions) {
  return { list, catchUp };

  /** Of the endpoints that are enabled again. */
  async function list(organization: string): Promise<Missed[]> {
    return Object.entries(await redis.hgetall(keys.missedEvents(organization))).flatMap(parse);
  }

  /**
   * Creates the deliveries of `entries`, and notes what is still missed afterwards. False when the endpoint was changed
   * by another process; then nothing is created. An event that has a delivery gets no second one.
   */
  async function catchUp(organization: string, from: Missed, to: Missed, entries: FeedEntry[]): Promise<boolean> {
    const deliveries = entries.map((entry) => deliveryOf(organization, from.endpointId, entry));
    const [done, ...created] = (await scripts.catchUp({
      keys: [keys.missedEvents(organization), keys.openDeliveries(organization), keys.alertDeliveries(organization)],
      args: [
        ...[from.endpointId, textOf(from), isEmpty(to) ? "" : textOf(to), keys.all(organization), now() + GRACE_MS],
        ...deliveries.flatMap((delivery) => [
          ...[delivery.requestId ?? "", delivery.id, JSON.stringify(delivery), delivery.createdAt],
        ]),
      ],
    })) as [number, ...string[]];
    if (created.length > 0) onDeliveries(created.map((id) => ({ organization, id })));
    return done === 1;
  }
}

const isEmpty = ({ after, last, withStopped }: Missed): boolean => after >= last && !withStopped;

const textOf = ({ after, last, withStopped }: Missed): string => `${after}:${last}${withStopped ? ":stopped" : ""}`;

/** Nothing for an endpoint that is still disabled. */
function parse([endpointId, text]: [string, string]): Missed[] {
  const [after, last, stopped] = text.split(":");
  if (last === undefined) return [];
  return [{ endpointId, after: Number(after), last: Number(last), withStopped: stopped !== undefined }];
}

/** As lua/events.lua makes it. */
function deliveryOf(organization: string, endpointId: string, entry: FeedEntry): Delivery {
  const message = webhookIdOf(entry);
  const fields: Omit<Delivery, "requestId" | "type" | "change" | "alert"> = {
    ...{ v: 1, id: `${message}-${endpointId}`, eventId: message, organization, sequence: entry.sequence, endpointId },
    ...{ createdAt: entry.at, state: "pending", attempts: [], attemptsBefore: 0, nextAttemptAt: null },
  };
  if ("alert" in entry) {
    const { type, alert } = entry;
    return { ...fields, requestId: null, type, change: 0, alert } as AlertDelivery;
  }
  const { requestId, type, change } = entry;
  return { ...fields, requestId, type, change };
}

function webhookIdOf(entry: FeedEntry): string {
  if ("alert" in entry) return entry.eventId;
  const { type, requestId, change } = entry;
  return isFinalEvent(type) ? eventId(requestId) : `${eventId(requestId)}_${change}`;
}
