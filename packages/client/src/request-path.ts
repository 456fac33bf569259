/** Where a request is, below the API's base. */
import { wrong } from "./options.js";

/** @throws ValidationError for what could name another place */
export function requestPath(requestId: string, rest = ""): string {
  if (!/^[\w-]+$/.test(requestId)) throw wrong("requestId", "the id of a request");
  return `/requests/${requestId}${rest}`;
}
