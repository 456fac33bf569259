/** The caller of a request has seen how it ended. */
import type { RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";

/** When it is not noted, an equal call of the next minute gets this request. */
export function noteKnown({ store, log }: Pick<Deps, "store" | "log">, record: RequestRecord): void {
  store.requests.noteKnown(record).catch((error) => {
    log.warn({ err: error, requestId: record.id }, "it was not noted that a caller knows its request");
  });
}
