/**
 * Follows one request for one caller: every visible change once, in order, from where the caller left off. Thousands
 * are followed at once, so between two changes nothing is kept but the number of the last one.
 */
import type { RequestStatus } from "@visgate/shared/contract";
import { isRequestId } from "@visgate/shared/ids";
import {
  asOf,
  type Change,
  isTerminal,
  isVisible,
  type RequestRecord,
  type RequestRef,
  requestView,
} from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { requestNotFound } from "../use-cases/find-request.js";
import { createWakeSignal, wakeOn } from "./wake-signal.js";

export interface StatusUpdate {
  /** Of the change that it shows; 0 when there was none yet. */
  number: number;
  status: RequestStatus;
}

export interface Follower {
  /** What is new, held until something is; null when no more will come. */
  next(): Promise<StatusUpdate[] | null>;
  stop(): void;
}

type FollowDeps = Pick<Deps, "store" | "subscriber" | "fileUrls">;

/**
 * `lastSeen`: the number the caller has; null, or one the request does not have, for a fresh start with the status now.
 * Null when the request has ended and the caller knows. Throws REQUEST_NOT_FOUND.
 */
export async function followRequest(deps: FollowDeps, ref: RequestRef, lastSeen: number | null) {
  const history = isRequestId(ref.id) ? await deps.store.timeline.history(ref) : null;
  if (history === null) throw requestNotFound(ref.id);
  const { record, changes } = history;
  const seen = changes.length;
  const hasEnded = isTerminal(record.status);
  if (lastSeen === null || lastSeen > seen) {
    const now = { number: seen, status: requestView(record, deps.fileUrls) };
    return createFollower(deps, ref, { news: [now], seen, hasEnded });
  }
  if (lastSeen === seen && hasEnded) return null;
  const news = updatesOf(deps, record, changes.slice(lastSeen), lastSeen);
  return createFollower(deps, ref, { news, seen, hasEnded });
}

interface Place {
  /** Not told yet. */
  news: StatusUpdate[];
  /** The number of the last change that was read. */
  seen: number;
  hasEnded: boolean;
}

function createFollower(deps: FollowDeps, ref: RequestRef, place: Place): Follower {
  const wakeSignal = createWakeSignal();
  let stopListening: (() => void) | null = null;

  async function look(): Promise<void> {
    const history = await deps.store.timeline.history(ref, place.seen);
    if (history === null) return wakeSignal.end();
    const { record, changes } = history;
    place.news = updatesOf(deps, record, changes, place.seen);
    place.seen += changes.length;
    place.hasEnded = isTerminal(record.status);
  }

  async function next(): Promise<StatusUpdate[] | null> {
    while (place.news.length === 0) {
      if (place.hasEnded || wakeSignal.ended) return null;
      stopListening ??= wakeOn((wake) => deps.subscriber.listen(ref, wake), wakeSignal);
      await wakeSignal.next();
      if (!wakeSignal.ended) await look();
    }
    const { news } = place;
    place.news = [];
    return news;
  }

  return {
    next,
    stop() {
      wakeSignal.end();
      stopListening?.();
      stopListening = () => {};
    },
  };
}

function updatesOf({ fileUrls }: FollowDeps, record: RequestRecord, changes: Change[], after: number): StatusUpdate[] {
  return changes.flatMap((change, index) =>
    isVisible(change) ? [{ number: after + index + 1, status: requestView(asOf(record, change), fileUrls) }] : [],
  );
}
