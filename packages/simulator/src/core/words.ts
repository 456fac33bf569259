import type { z } from "zod";
import type { Disaster } from "./disasters.js";
import type { Failure, Job } from "./job.js";
import type { NodeContext } from "./mishaps.js";

/** How one provider says what the core decides: the core knows when something goes wrong, the provider how it tells. */
export interface Words {
  /** 500, as JSON. */
  serverError(c: NodeContext): Response;
  /** 503, as JSON. */
  unavailable(c: NodeContext): Response;
  /** 429; `retryAfter` in seconds, if the caller is to be told. */
  tooMany(c: NodeContext, retryAfter: number | undefined): Response;
  /** A submit's answer that forgets to say which job it made. */
  withoutId(c: NodeContext): Response;
  /** A poll's answer with a status that no documentation knows. */
  unknownStatus(c: NodeContext, job: Job): Response;
  /** The end of a job by the disaster `fail`. */
  failure(disaster: Disaster): Failure;
  /** The end of a job whose finished media the provider's filter flags; without it, the media carry the flag, if any. */
  flagged?: Failure;
  /** The end of a job whose prompt, or whose result, the provider will not have. */
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
