/** The events that organizations get by webhook and in the feed. */
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

export const EVENT_TYPES = [...REQUEST_EVENT_TYPES, BUDGET_EVENT_TYPE] as const;
export type EventType = (typeof EVENT_TYPES)[number];

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
