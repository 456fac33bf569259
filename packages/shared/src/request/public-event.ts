/** The events of a request, as organizations get them by webhook and in the feed. */
import type { Change } from "./change.js";

export const EVENT_TYPES = ["request.processing", "request.progress", "request.completed", "request.failed"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The events that a webhook endpoint gets by default. */
export const DEFAULT_EVENT_TYPES: readonly EventType[] = ["request.completed", "request.failed"];

const TYPES: Partial<Record<Change["name"], EventType>> = {
  submitted: "request.processing",
  queued: "request.progress",
  progress: "request.progress",
  completed: "request.completed",
  failed: "request.failed",
};

/** The one event with which a request ends. */
export const isFinalEvent = (type: EventType): boolean => type === "request.completed" || type === "request.failed";

export function eventTypeOf({ name }: Change): EventType | null {
  return TYPES[name] ?? null;
}
