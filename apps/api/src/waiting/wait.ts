/** Holds a caller until a request is terminal, its time is up, or it hung up. */
import { isTerminal, type RequestRef } from "@visgate/shared/request";
import type { StoredRequest } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { holdUntil, type WaitOptions } from "./long-poll.js";

interface Needed {
  store: { requests: Pick<Deps["store"]["requests"], "get"> };
  subscriber: Pick<Deps["subscriber"], "listen">;
  draining: AbortSignal;
}

/** The record when the wait ended, terminal or not; null when there is none. */
export function waitForTerminal(
  { store, subscriber, draining }: Needed,
  ref: RequestRef,
  wait: WaitOptions,
): Promise<StoredRequest | null> {
  const ended = {
    listen: (wake: () => void) => subscriber.listen(ref, wake),
    read: () => store.requests.get(ref),
    isThere: (found: StoredRequest | null) => found === null || isTerminal(found.doc.status),
  };
  return holdUntil({ draining }, ended, wait);
}
