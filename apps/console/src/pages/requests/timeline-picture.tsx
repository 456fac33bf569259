/** The time line as a picture: each step with a bar from the step before, in the time of the whole request. */
import type { TimelineEntry } from "@visgate_ai/client";
import { duration, title } from "../../ui/format.js";
import { Empty, Time } from "../../ui/parts.js";

/** So that a short step is seen. */
const LEAST_PERCENT = 0.8;

export function TimelinePicture({ entries }: { entries: readonly TimelineEntry[] }) {
  const total = Math.max(1, ...entries.map(({ ms }) => ms));
  if (entries.length === 0) return <Empty>Nothing has happened yet.</Empty>;
  return (
    <ol class="timeline">
      {entries.map((entry, at) => {
        const from = Math.min(entry.ms, entries[at - 1]?.ms ?? 0);
        const width = Math.max(LEAST_PERCENT, ((entry.ms - from) / total) * 100);
        const left = Math.min((from / total) * 100, 100 - width);
        return (
          <li key={`${entry.name} ${at}`} class={entry.name}>
            <span class="name">{title(entry.name)}</span>
            <span class="track" aria-hidden="true">
              <span class="bar" style={{ left: `${left}%`, width: `${width}%` }} />
            </span>
            <span class="number" title={`${entry.ms} ms after it was accepted`}>
              {duration(entry.ms)}
            </span>
            <span class="details">
              {detailsOf(entry)} <Time at={entry.at} isShort />
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function detailsOf(entry: TimelineEntry): string {
  switch (entry.name) {
    case "submitted":
      return `attempt ${entry.attempt}${entry.providerRequestId === null ? "" : `, ${entry.providerRequestId}`}`;
    case "submit_rejected":
      return `attempt ${entry.attempt}`;
    case "progress":
      return entry.progress === null ? "" : `${Math.round(entry.progress * 100)} %`;
    case "queued":
      return entry.queuePosition === null ? "" : `${entry.queuePosition} ahead`;
    case "copy_failed":
      return entry.error;
    case "failed":
      return entry.errorCode ?? "";
    case "fell_back":
      return `${entry.model} → ${entry.nextModel}`;
    case "webhook_attempt":
      return `${entry.type}: ${entry.httpStatus ?? entry.error ?? "no answer"} in ${duration(entry.durationMs)}`;
    default:
      return entry.worker ?? "";
  }
}
