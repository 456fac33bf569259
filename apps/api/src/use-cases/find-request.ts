/** Reads one of an organization's requests when it is terminal or the wait is over; another organization's id is unknown by construction of the keys. */
import { VisgateError } from "@visgate/shared/errors";
import { isRequestId } from "@visgate/shared/ids";
import type { RequestRecord, RequestRef } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import type { WaitOptions } from "../waiting/long-poll.js";
import { waitForTerminal } from "../waiting/wait.js";

export async function findRequest(deps: Deps, ref: RequestRef, wait: WaitOptions): Promise<RequestRecord> {
  const stored = isRequestId(ref.id) ? await waitForTerminal(deps, ref, wait) : null;
  if (stored === null) throw requestNotFound(ref.id);
  return stored.doc;
}

export function requestNotFound(id: string): VisgateError {
  return new VisgateError("REQUEST_NOT_FOUND", "There is no such request.", { request_id: id });
}
