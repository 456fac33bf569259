import type { Words } from "../core/words.js";
import { contentPolicyFailure, namedFailure } from "./errors.js";

export const falWords: Words = {
  serverError: (c) => c.json({ detail: "Internal Server Error" }, 500),
  unavailable: (c) => c.json({ detail: "Service unavailable" }, 503),
  tooMany(c, retryAfter) {
    const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
    return c.json({ detail: "Too many requests", error_type: "concurrent_requests_limit" }, 429, headers);
  },
  withoutId: (c) => c.json({}),
  unknownStatus: (c, job) => c.json({ status: "MIGRATING", request_id: job.id }),
  failure: ({ status = 500, type = "internal_server_error", message = "Simulated failure" }) =>
    namedFailure(status, type, message),
  policyFailure: contentPolicyFailure,
};
