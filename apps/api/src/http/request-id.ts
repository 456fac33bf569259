/** The id of one HTTP request, in the header X-Request-Id of its answer. */
import { randomUUID } from "node:crypto";

const GIVEN_ID = /^[\w.-]{1,128}$/;

/** `given`: the caller's own X-Request-Id, which is kept if it is harmless in a log line. */
export function requestIdOf(given: string | undefined): string {
  return given !== undefined && GIVEN_ID.test(given) ? given : randomUUID();
}
