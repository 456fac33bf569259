/** Reads one request of an organization: its status now, the request when it has ended, or with its time line. */
import type { TimelineEntry } from "@visgate/shared/contract";
import { VisgateError } from "@visgate/shared/errors";
import { isRequestId } from "@visgate/shared/ids";
import { type RequestRecord, type RequestRef, timelineView } from "@visgate/shared/request";
import type { Watched } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { type WaitOptions, waitForTerminal } from "../waiting/long-poll.js";
import { statusView } from "./status-view.js";

/** Also for the request of another organization: its keys in Redis have another prefix, so it is not found. */
export function requestNotFound(id: string): VisgateError {
  return new VisgateError("REQUEST_NOT_FOUND", "There is no such request.", { request_id: id });
}

const MAX_REMEMBERED = 5000;
/** A longer status, whose prompt or params are long, is made for each poll: 5000 of them would fill the memory. */
const MAX_REMEMBERED_CHARACTERS = 4096;

interface Remembered<T> {
  rev: string;
  made: T;
  watched: Watched | null;
}

export interface StatusText {
  text: string;
  /** The key that submitted the request. */
  apiKeyId: string;
  /** Until its caller is known to have seen its end, a repetition is the same request. */
  unseen: RequestRecord | null;
}

/** For status polls: returns the status as JSON text. */
export function createStatusReader(
  deps: Pick<Deps, "store" | "fileUrls" | "settings">,
  shown: { withInput: boolean },
): (ref: RequestRef) => Promise<StatusText> {
  const make = (record: RequestRecord): StatusText => ({
    text: JSON.stringify(statusView(deps, record, shown)),
    apiKeyId: record.apiKeyId,
    unseen: record.call.isAgain === true ? record : null,
  });
  return rememberingReader(deps, make, ({ text }) => text.length <= MAX_REMEMBERED_CHARACTERS);
}

/**
 * Reads the record and makes something of it once per revision, because callers poll the same request many times between
 * two changes. The revision is read from Redis, unless Redis tells when the request changes (docs/adr/0015).
 */
export function rememberingReader<T>(
  deps: Pick<Deps, "store">,
  make: (record: RequestRecord) => T,
  isRemembered: (made: T) => boolean = () => true,
): (ref: RequestRef) => Promise<T> {
  const { requests } = deps.store;
  const remembered = new Map<string, Remembered<T>>();

  return async (ref) => {
    if (!isRequestId(ref.id)) throw requestNotFound(ref.id);
    const name = `${ref.organization}/${ref.id}`;
    const known = remembered.get(name);
    if (known?.watched?.isUnchanged()) {
      await known.watched.catchUp();
      if (known.watched.isUnchanged()) return known.made;
    }
    if (known !== undefined) {
      const { value: rev, watched } = await requests.watchedRevision(ref);
      if (known.rev === rev) {
        known.watched = watched;
        return known.made;
      }
    }
    const stored = await requests.get(ref);
    if (stored === null) throw requestNotFound(ref.id);
    const made = make(stored.doc);
    if (!isRemembered(made)) {
      remembered.delete(name);
      return made;
    }
    // Drops the oldest entry. If that request is still polled, it is remembered again at once.
    if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.keys().next().value ?? "");
    remembered.set(name, { rev: stored.rev, made, watched: null });
    return made;
  };
}

/** The request when it has ended, or as it is when the wait is over. */
export async function readWhenEnded(deps: Deps, ref: RequestRef, wait: WaitOptions): Promise<RequestRecord> {
  const stored = isRequestId(ref.id) ? await waitForTerminal(deps, ref, wait) : null;
  if (stored === null) throw requestNotFound(ref.id);
  return stored.doc;
}

export interface RequestWithTimeline {
  record: RequestRecord;
  timeline: TimelineEntry[];
}

/** Record and time line are of the same moment. */
export async function readWithTimeline(deps: Pick<Deps, "store">, ref: RequestRef): Promise<RequestWithTimeline> {
  const { store } = deps;
  const history = isRequestId(ref.id) ? await store.timeline.history(ref) : null;
  if (history === null) throw requestNotFound(ref.id);
  const deliveries = (await store.deliveries.ofRequest(ref)).map(({ doc }) => doc);
  const { record, changes } = history;
  return { record, timeline: timelineView(record, changes, deliveries) };
}
