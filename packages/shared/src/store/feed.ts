/** The feed in Redis: an organization's events under consecutive numbers from 1. lua/events.lua writes them. */
import type { Redis } from "ioredis";
import type { Alert, AlertEventType } from "../alert/alert.js";
import type { AlertEvent, Delivery } from "../delivery/delivery.js";
import { eventId } from "../ids.js";
import { createMemo } from "../memo.js";
import type { Change } from "../request/change.js";
import {
  BUDGET_EVENT_TYPE,
  type EventType,
  eventTypeOf,
  isRequestEvent,
  type RequestEventType,
} from "../request/public-event.js";
import type { RequestRecord } from "../request/record.js";
import { isTerminal } from "../request/state.js";
import type { Reading } from "./connection/replicas.js";
import type { Keys } from "./keys.js";
import { streamFields } from "./stream-fields.js";

export interface RequestFeedEntry {
  sequence: number;
  type: RequestEventType;
  requestId: string;
  /** The number of the change in the request's time line, from 1. */
  change: number;
  at: number;
}

export type AlertFeedEntry = {
  sequence: number;
  /** The `webhook-id`, as in its deliveries. */
  eventId: string;
  at: number;
} & AlertEvent;

export type FeedEntry = RequestFeedEntry | AlertFeedEntry;

export interface FeedBounds {
  /** The number of the oldest kept event; latest + 1 when no event is kept. */
  oldest: number;
  /** The number of the newest event; 0 before the first. */
  latest: number;
}

const TRIM_BATCH = 500;

export function createFeed(redis: Redis, keys: Keys, reading: Reading) {
  /**
   * `reading`: wraps a series of reads. A reader keeps the number of the last event, so this number must not be given to
   * another event afterwards.
   */
  return {
    ...{ read, bounds, trim },
    reading: <T>(organization: string, run: () => Promise<T>) => reading(keys.feed(organization), run),
  };

  /** At most `limit` entries after number `after`, in order and without a gap. */
  async function read(organization: string, after: number, limit: number): Promise<FeedEntry[]> {
    const entries = await redis.xrange(keys.feed(organization), `${after + 1}-0`, "+", "COUNT", limit);
    return entries.map(entryOf);
  }

  async function bounds(organization: string): Promise<FeedBounds> {
    // In this order: an event between the two reads must not make an empty feed look as if it had lost an event.
    const latest = await redis.get(keys.feedSequence(organization));
    const [first] = await read(organization, 0, 1);
    return { oldest: first?.sequence ?? Number(latest ?? 0) + 1, latest: Number(latest ?? 0) };
  }

  /** Removes the events from before `before` (ms). */
  async function trim(organization: string, before: number): Promise<void> {
    for (let after = 0; ; ) {
      const entries = await read(organization, after, TRIM_BATCH);
      const old = entries.filter(({ at }) => at < before);
      const last = old.at(-1)?.sequence;
      if (last === undefined) return;
      await redis.xtrim(keys.feed(organization), "MINID", "=", `${last + 1}-0`);
      if (old.length < entries.length) return;
      after = last;
    }
  }
}

function entryOf([id, fields]: [string, string[]]): FeedEntry {
  const value = streamFields(fields);
  const sequence = Number(id.slice(0, id.indexOf("-")));
  const [type, at] = [value("type") as EventType, Number(value("at"))];
  if (!isRequestEvent(type)) {
    return { sequence, type, eventId: value("message"), alert: JSON.parse(value("alert")), at };
  }
  return { sequence, type, requestId: value("id"), change: Number(value("change")), at };
}

/** The fields of a delivery that are known before the script runs. The script adds the others. */
type KnownFields = Omit<Delivery, "id" | "eventId" | "endpointId" | "change" | "sequence" | "alert" | "createdAt">;

/** The JSON of a delivery without its closing brace. */
function deliveryHead(about: Pick<Delivery, "organization" | "requestId" | "type">): string {
  const fields: KnownFields = {
    v: 1,
    ...about,
    state: "pending",
    attempts: [],
    attemptsBefore: 0,
    nextAttemptAt: null,
  };
  return JSON.stringify(fields).slice(0, -1);
}

/** The event for lua/events.lua; "" when the change is not an event. `dueAt`: when its deliveries are overdue (ms). */
export function eventArgument(record: RequestRecord, change: Change, dueAt: number): string {
  const type = eventTypeOf(change);
  if (type === null) return "";
  const isFinal = isTerminal(record.status);
  const own = isFinal && record.webhookUrl !== null;
  const { organization, id: requestId } = record;
  return JSON.stringify({
    type,
    // As text: Lua would print a number of this size with an exponent.
    at: String(change.at),
    due: String(dueAt),
    message: eventId(record.id),
    numbered: !isFinal,
    own,
    head: deliveryHead({ organization, requestId, type }),
  });
}

/** The event for lua/save_alerts.lua. */
export function alertEventArgument(
  organization: string,
  { type, alert }: { type: AlertEventType; alert: Alert },
  { at, dueAt }: { at: number; dueAt: number },
): string {
  const message = `${eventId(alert.id)}_${type === "alert.opened" ? "opened" : "closed"}`;
  const head = deliveryHead({ organization, requestId: null, type });
  return JSON.stringify({ type, at: String(at), due: String(dueAt), message, head });
}

/** By organization. */
const alertFields = createMemo<string>();

/** The JSON of the fields that all alerts of an organization share, without its opening brace. */
function alertFieldsOf(organization: string): string {
  return alertFields(organization, () => {
    const head = deliveryHead({ organization, requestId: null, type: BUDGET_EVENT_TYPE });
    return JSON.stringify({ type: BUDGET_EVENT_TYPE, head }).slice(1);
  });
}

/**
 * The event for lua/budgets.lua, in case the record raises an alert. `dueAt`: as above. The JSON is put together by
 * hand, because it is made for every submit and seldom used.
 */
export function alertEvent({ organization, id }: RequestRecord, at: number, dueAt: number): string {
  return `{"at":"${at}","due":"${dueAt}","message":"${eventId(id)}_budget",${alertFieldsOf(organization)}`;
}
