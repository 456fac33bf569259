/**
 * Follows one request for one caller: yields every visible change once, in order, from where the caller left off.
 * Thousands are followed at a time, so between two changes only the number of the last one is kept.
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
import { createWakeSignal, wakeOn } from "./wake-signal.js";

export interface StatusUpdate {
  /** The number of the change that it shows; 0 before the first change. */
  number: number;
  status: RequestStatus;
}

export interface Follower {
  /** Resolves with the next changes; with null when no more will come. */
  next(): Promise<StatusUpdate[] | null>;
  stop(): void;
}

type FollowDeps = Pick<Deps, "store" | "subscriber" | "fileUrls">;

/**
 * `lastSeen`: the last number that the caller has seen. Null, or a number that the request does not have, starts with
 * the present status. Returns "ended" when the caller has seen the end, and null when there is no such request.
 */
export async function followRequest(
  deps: FollowDeps,
  ref: RequestRef,
  lastSeen: number | null,
): Promise<Follower | "ended" | null> {
  const history = isRequestId(ref.id) ? await deps.store.timeline.history(ref) : null;
  if (history === null) return null;
  const { record, changes } = history;
  const seen = changes.length;
  const hasEnded = isTerminal(record.status);
  if (lastSeen === null || lastSeen > seen) {
    const now = { number: seen, status: requestView(record, deps.fileUrls) };
    return createFollower(deps, ref, { news: [now], seen, hasEnded });
  }
  if (lastSeen === seen && hasEnded) return "ended";
  const news = updatesOf(deps, record, changes.slice(lastSeen), lastSeen);
  return createFollower(deps, ref, { news, seen, hasEnded });
}

interface Position {
  /** Changes that the caller has not received yet. */
  news: StatusUpdate[];
  /** The number of the last change that was read. */
  seen: number;
  hasEnded: boolean;
}

function createFollower(deps: FollowDeps, ref: RequestRef, position: Position): Follower {
  const wakeSignal = createWakeSignal();
  let stopListening: (() => void) | null = null;

  async function readChanges(): Promise<void> {
    const history = await deps.store.timeline.history(ref, position.seen);
    if (history === null) return wakeSignal.end();
    const { record, changes } = history;
    position.news = updatesOf(deps, record, changes, position.seen);
    position.seen += changes.length;
    position.hasEnded = isTerminal(record.status);
  }

  async function next(): Promise<StatusUpdate[] | null> {
    while (position.news.length === 0) {
      if (position.hasEnded || wakeSignal.ended) return null;
      stopListening ??= wakeOn((wake) => deps.subscriber.listen(ref, wake), wakeSignal);
      await wakeSignal.next();
      if (!wakeSignal.ended) await readChanges();
    }
    const { news } = position;
    position.news = [];
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
