/** A request and its time line, both of one moment. */
import type { TimelineEntry } from "@visgate/shared/contract";
import { isRequestId } from "@visgate/shared/ids";
import { type RequestRecord, type RequestRef, timelineView } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { requestNotFound } from "./find-request.js";

export interface Told {
  record: RequestRecord;
  timeline: TimelineEntry[];
}

/** Throws REQUEST_NOT_FOUND. */
export async function readTimeline({ store }: Pick<Deps, "store">, ref: RequestRef): Promise<Told> {
  const history = isRequestId(ref.id) ? await store.timeline.history(ref) : null;
  if (history === null) throw requestNotFound(ref.id);
  const deliveries = await store.deliveries.ofRequest(ref);
  const { record, changes } = history;
  return {
    record,
    timeline: timelineView(
      record,
      changes,
      deliveries.map(({ doc }) => doc),
    ),
  };
}
