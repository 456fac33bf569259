import type { Failure } from "../core/job.js";
import type { NodeContext } from "../core/mishaps.js";
import type { Simulation } from "../core/simulation.js";
import type { Words } from "../core/words.js";
import { videoBody } from "./answers.js";
import { apiError } from "./errors.js";

/** A failed video is answered with 200 like any other: the error is a field of it. */
const failed = (code: string, message: string): Failure => ({ status: 200, body: { code, message } });

function tooMany(c: NodeContext, retryAfter: number | undefined): Response {
  if (retryAfter !== undefined) c.header("retry-after", String(retryAfter));
  return apiError(c, 429, { message: "Rate limit reached.", type: "requests", code: "rate_limit_exceeded" });
}

export const videoWords = (simulation: Simulation): Words => ({
  serverError: (c) => apiError(c, 500, { message: "The server had an error.", type: "server_error" }),
  unavailable: (c) => apiError(c, 503, { message: "The server is overloaded.", type: "server_error" }),
  tooMany,
  withoutId: (c) => c.json({ object: "video", status: "queued" }),
  unknownStatus: (c, job) => c.json({ ...videoBody(job, simulation), status: "migrating" }),
  failure: ({ type = "internal_error", message = "Video generation failed." }) => failed(type, message),
  policyFailure: () => failed("moderation_blocked", "The request was blocked by the moderation system."),
});
