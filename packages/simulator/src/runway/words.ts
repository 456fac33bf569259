import type { Disaster } from "../core/disasters.js";
import type { NodeContext } from "../core/mishaps.js";
import type { Words } from "../core/words.js";
import { violatesPolicy } from "../core/words.js";
import { inputModerated, outputModerated, taskFailure } from "./failures.js";

function tooMany(c: NodeContext, retryAfter: number | undefined): Response {
  const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  return c.json({ error: "You have exceeded the daily task limit for this model." }, 429, headers);
}

const failure = ({ type = "INTERNAL", message = "An unexpected error occurred." }: Disaster) =>
  taskFailure(type, message);

/** Runway's answers on one of its endpoints. */
export const wordsOf = (endpoint: string): Words => ({
  serverError: (c) => c.json({ error: "Internal server error" }, 500),
  unavailable: (c) => c.json({ error: "Service unavailable" }, 503),
  tooMany,
  withoutId: (c) => c.json({}),
  unknownStatus: (c, { id, submittedAt }) =>
    c.json({ id, createdAt: new Date(submittedAt).toISOString(), status: "MIGRATING" }),
  failure,
  policyFailure: (prompt) =>
    violatesPolicy(prompt) ? inputModerated : outputModerated(endpoint === "text_to_image" ? "IMAGE" : "VIDEO"),
});
