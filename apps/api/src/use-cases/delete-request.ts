/** Erases a request that has ended, with its files, except an output that other requests also show. */
import { VisgateError } from "@visgate/shared/errors";
import { isRequestId } from "@visgate/shared/ids";
import { isTerminal, type RequestRecord, type RequestRef } from "@visgate/shared/request";
import { eraseRequest } from "@visgate/shared/store";
import type { Deps } from "../deps.js";
import { requestNotFound } from "./read-request.js";

/** Throws REQUEST_NOT_FOUND or NOT_TERMINAL. */
export async function deleteRequest(deps: Deps, ref: RequestRef): Promise<void> {
  const { requests } = deps.store;
  if (!isRequestId(ref.id)) throw requestNotFound(ref.id);
  for (let stored = await requests.get(ref); stored !== null; stored = await requests.get(ref)) {
    if (!isTerminal(stored.doc.status)) throw notTerminal(stored.doc);
    if (await eraseRequest(deps, stored)) return;
  }
  throw requestNotFound(ref.id);
}

function notTerminal({ id, status }: RequestRecord): VisgateError {
  const message = `The request is ${status}; cancel it first, and delete it when it has ended.`;
  return new VisgateError("NOT_TERMINAL", message, { request_id: id, status });
}
