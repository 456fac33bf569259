/**
 * Follows one request for one caller: every visible change once, in order, from where the caller left off. Thousands
 * are followed at once, so between two changes nothing is kept but the number of the last one.
 */
import type { RequestStatus } from "@visgate/shared/contract/request";
import { asOf, type Change, isVisible } from "@visgate/shared/domain/change";
import type { RequestRecord, RequestRef } from "@visgate/shared/domain/request";
import { isTerminal } from "@visgate/shared/domain/state";
import { isRequestId } from "@visgate/shared/ids";
import { requestView } from "@visgate/shared/view";
import type { Deps } from "../deps.js";
import { createBell, ringAt } from "./bell.js";
import { requestNotFound } from "./find-request.js";

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
  const bell = createBell();
  let stopListening: (() => void) | null = null;

  async function look(): Promise<void> {
    const history = await deps.store.timeline.history(ref, place.seen);
    if (history === null) return bell.end();
    const { record, changes } = history;
    place.news = updatesOf(deps, record, changes, place.seen);
    place.seen += changes.length;
    place.hasEnded = isTerminal(record.status);
  }

  async function next(): Promise<StatusUpdate[] | null> {
    while (place.news.length === 0) {
      if (place.hasEnded || bell.ended) return null;
      stopListening ??= ringAt((wake) => deps.subscriber.listen(ref, wake), bell);
      await bell.heard();
      if (!bell.ended) await look();
    }
    const { news } = place;
    place.news = [];
    return news;
  }

  return {
    next,
    stop() {
      bell.end();
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
