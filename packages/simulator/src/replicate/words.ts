import type { Simulation } from "../core/simulation.js";
import type { Words } from "../core/words.js";
import { predictionOf } from "./answers.js";
import { problem } from "./problems.js";

/** A failed prediction is answered with 200 like any other; the message is its `error`. */
const failed = (error: string) => ({ status: 200, body: error });

const waitHint = (retryAfter: number | undefined): Record<string, unknown> =>
  retryAfter === undefined
    ? { detail: "Request was throttled." }
    : { detail: `Request was throttled. Expected available in ${retryAfter} seconds.`, retry_after: retryAfter };

export const replicateWords = (simulation: Simulation): Words => ({
  serverError: (c) => problem(c, 500, { title: "Internal server error", detail: "An internal error occurred" }),
  unavailable: (c) => problem(c, 503, { title: "Service unavailable", detail: "Please try again later" }),
  // Replicate names the wait in the body and sends no Retry-After header.
  tooMany: (c, retryAfter) => problem(c, 429, waitHint(retryAfter)),
  withoutId: (c) => c.json({ status: "starting" }, 201),
  unknownStatus(c, job) {
    const context = { url: simulation.url, now: simulation.now() };
    return c.json({ ...predictionOf(job, context), status: "migrating" });
  },
  failure: ({ message = "Unexpected error, please retry", type = "E1000" }) => failed(`${message} (${type})`),
  flagged: failed("NSFW content detected. Try running it again, or try a different prompt."),
  policyFailure: () =>
    failed("The input or output was flagged as sensitive. Please try again with different inputs. (E005)"),
});
