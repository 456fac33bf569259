import type { z } from "zod";
import type { Disaster } from "./disasters.js";
import type { Failure, Job } from "./job.js";
import type { NodeContext } from "./mishaps.js";

/** One provider's answers: the core decides when something goes wrong, the provider how it says so. */
export interface Words {
  /** 500, as JSON. */
  serverError(c: NodeContext): Response;
  /** 503, as JSON. */
  unavailable(c: NodeContext): Response;
  /** 429; `retryAfter` is the wait in seconds, if the answer names one. */
  tooMany(c: NodeContext, retryAfter: number | undefined): Response;
  /** The answer to a submit without the id of its job. */
  withoutId(c: NodeContext): Response;
  /** The answer to a poll with an undocumented status. */
  unknownStatus(c: NodeContext, job: Job): Response;
  /** How a job with the disaster `fail` ends. */
  failure(disaster: Disaster): Failure;
  /** The failure of a job whose finished media is flagged by the filter. Undefined: it completes with flagged media. */
  flagged?: Failure;
  /** How a job ends when the provider's policy refuses its prompt or its result. */
  policyFailure(prompt: string): Failure;
}

const POLICY_WORDS = "content policy test";

/** Every simulated provider treats a prompt with these words as a violation of its content policy. */
export const violatesPolicy = (prompt: string): boolean => prompt.toLowerCase().includes(POLICY_WORDS);

/** One fault in an input, before a provider says it in its own words. */
export type Issue = z.core.$ZodIssue;

/** What the caller sent in the field that an issue is about. */
export const valueAt = (body: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], body);
