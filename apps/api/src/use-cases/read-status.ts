/**
 * Status polls: the revision is read from Redis every time, the answer made once per revision. Callers poll the same
 * request again and again while nothing changes, and then neither record nor view is built anew.
 */

import { isRequestId } from "@visgate/shared/ids";
import { type RequestRef, requestView } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { requestNotFound } from "./find-request.js";

const MAX_REMEMBERED = 5000;

/** The status as JSON text; throws REQUEST_NOT_FOUND. */
export function createStatusReader(deps: Pick<Deps, "store" | "fileUrls">): (ref: RequestRef) => Promise<string> {
  const { requests } = deps.store;
  const remembered = new Map<string, { rev: string; text: string }>();

  return async (ref) => {
    if (!isRequestId(ref.id)) throw requestNotFound(ref.id);
    const name = `${ref.organization}/${ref.id}`;
    const known = remembered.get(name);
    if (known !== undefined && known.rev === (await requests.revision(ref))) return known.text;
    const stored = await requests.get(ref);
    if (stored === null) throw requestNotFound(ref.id);
    const text = JSON.stringify(requestView(stored.doc, deps.fileUrls));
    // The oldest entry goes first: whoever still polls it is remembered again at once.
    if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.keys().next().value ?? "");
    remembered.set(name, { rev: stored.rev, text });
    return text;
  };
}
