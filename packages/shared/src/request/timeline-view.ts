/** Makes the public time line from a record, its changes and its deliveries. */
import type { TimelineEntry } from "../contract/timeline.js";
import type { DeliveryAttempt, RequestDelivery } from "../delivery/delivery.js";
import { isoTime } from "../units.js";
import { type Change, jobIdAt } from "./change.js";
import type { RequestRecord } from "./record.js";

interface TimedEntry {
  at: number;
  entry: TimelineEntry;
}

/** Changes keep the order of their numbers, as clocks of processes differ. Delivery attempts are sorted in by time. */
export function timelineView(record: RequestRecord, changes: Change[], deliveries: RequestDelivery[]): TimelineEntry[] {
  const entries = [accepted(record), ...changes.flatMap((change) => entriesOf(record, change))];
  const attempts = deliveries.flatMap((delivery) => delivery.attempts.map((one) => attemptOf(record, delivery, one)));
  attempts.sort((one, other) => one.at - other.at);
  const merged: TimelineEntry[] = [];
  for (const { at, entry } of entries) {
    while (attempts[0] !== undefined && attempts[0].at < at) merged.push(...attempts.splice(0, 1).map(entryOf));
    merged.push(entry);
  }
  return [...merged, ...attempts.map(entryOf)];
}

const entryOf = ({ entry }: TimedEntry) => entry;

function accepted(record: RequestRecord): TimedEntry {
  return { at: record.createdAt, entry: { name: "accepted", ...momentOf(record, record.createdAt, null) } };
}

/** A cache hit and a stored output have no change of their own: their entries are made from the end of the request. */
function entriesOf(record: RequestRecord, change: Change): TimedEntry[] {
  const { at } = change;
  const moment = momentOf(record, at, change.by);
  const end: TimedEntry = { at, entry: changeEntry(record, change) };
  if (change.name !== "completed") return [end];
  if (record.cache.reason === "exact") return [{ at, entry: { name: "cached", ...moment } }, end];
  const isStored = record.cache.sharedFrom === null && record.outputs[0]?.kind === "stored";
  return isStored ? [{ at, entry: { name: "output_stored", ...moment } }, end] : [end];
}

function changeEntry(record: RequestRecord, change: Change): TimelineEntry {
  const { name, attempts: attempt } = change;
  const moment = momentOf(record, change.at, change.by);
  switch (name) {
    case "submitted":
      return { name, ...moment, attempt, provider_request_id: jobIdAt(record, change) };
    case "submit_rejected":
      return { name, ...moment, attempt };
    case "queued":
      return { name, ...moment, queue_position: change.queuePosition };
    case "progress":
      return { name, ...moment, progress: change.progress };
    case "copy_failed":
      return { name, ...moment, error: change.error ?? "failed" };
    case "failed":
      return { name, ...moment, error_code: record.failure?.code ?? null };
    case "fell_back":
      return { name, ...moment, ...stepBack(record, change) };
    default:
      return { name, ...moment };
  }
}

/** From which model to which one. */
function stepBack(record: RequestRecord, change: Change) {
  const tried = record.fallback?.tried ?? [];
  const to = change.tried ?? 0;
  const from = tried[to - 1];
  const next = tried[to] ?? record;
  return {
    ...{ model: from?.model ?? record.model, provider: from?.provider ?? record.provider },
    error_code: from?.failure.code ?? null,
    skipped: from?.skipped ?? false,
    ...{ next_model: next.model, next_provider: next.provider },
  };
}

function attemptOf(record: RequestRecord, delivery: RequestDelivery, attempt: DeliveryAttempt): TimedEntry {
  const entry: TimelineEntry = {
    name: "webhook_attempt",
    ...momentOf(record, attempt.at, attempt.by),
    delivery_id: delivery.id,
    type: delivery.type,
    endpoint_id: delivery.endpointId,
    http_status: attempt.httpStatus,
    error: attempt.error,
    duration_ms: attempt.ms,
  };
  return { at: attempt.at, entry };
}

function momentOf({ createdAt }: RequestRecord, at: number, worker: string | null) {
  return { at: isoTime(at), ms: Math.max(0, at - createdAt), worker };
}
