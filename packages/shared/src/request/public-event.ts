/** What organizations are told of their requests, by webhooks and in the feed. */
import type { Change } from "./change.js";

export const EVENT_TYPES = ["request.processing", "request.progress", "request.completed", "request.failed"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** What a webhook endpoint gets unless it asks for more. */
export const DEFAULT_EVENT_TYPES: readonly EventType[] = ["request.completed", "request.failed"];

const TYPES: Partial<Record<Change["name"], EventType>> = {
  submitted: "request.processing",
  queued: "request.progress",
  progress: "request.progress",
  completed: "request.completed",
  failed: "request.failed",
};

export function eventTypeOf({ name }: Change): EventType | null {
  return TYPES[name] ?? null;
}
