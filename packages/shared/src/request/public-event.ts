/** The events that organizations get by webhook and in the feed. */
import { ALERT_EVENT_TYPES } from "../alert/alert.js";
import type { Change } from "./change.js";

export const REQUEST_EVENT_TYPES = [
  "request.processing",
  "request.progress",
  "request.completed",
  "request.failed",
] as const;
export type RequestEventType = (typeof REQUEST_EVENT_TYPES)[number];

/** 80 % or 100 % of a budget is used. It is about no request. */
export const BUDGET_EVENT_TYPE = "budget.threshold";

export const EVENT_TYPES = [...REQUEST_EVENT_TYPES, BUDGET_EVENT_TYPE, ...ALERT_EVENT_TYPES] as const;
export type EventType = (typeof EVENT_TYPES)[number];

const OF_REQUESTS: ReadonlySet<EventType> = new Set(REQUEST_EVENT_TYPES);

/** Whether the event is about a request. */
export const isRequestEvent = (type: EventType): type is RequestEventType => OF_REQUESTS.has(type);

/** The events that a webhook endpoint gets by default. */
export const DEFAULT_EVENT_TYPES: readonly EventType[] = ["request.completed", "request.failed"];

const TYPES: Partial<Record<Change["name"], RequestEventType>> = {
  submitted: "request.processing",
  queued: "request.progress",
  progress: "request.progress",
  completed: "request.completed",
  failed: "request.failed",
};

/** Whether a request ends with this event. */
export const isFinalEvent = (type: EventType): boolean => type === "request.completed" || type === "request.failed";

export function eventTypeOf({ name }: Change): RequestEventType | null {
  return TYPES[name] ?? null;
}
