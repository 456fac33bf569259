import type { Failure, Outcome } from "../core/job.js";

/** What a failed task shows besides its status and its cost. */
export interface TaskFailure {
  failure: string;
  failureCode: string;
}

/** Input that moderation refuses is billed; every other failure is refunded. */
export function isRefunded({ failureCode }: TaskFailure): boolean {
  return !/^(SAFETY\.INPUT|INPUT_PREPROCESSING\.SAFETY)(\.|$)/.test(failureCode);
}

/** The HTTP status is always 200: only the task has failed. */
export function taskFailure(failureCode: string, failure: string): Failure {
  const body: TaskFailure = { failure, failureCode };
  return { status: 200, body, isBilled: !isRefunded(body) };
}

export const inputModerated = taskFailure(
  "SAFETY.INPUT.TEXT",
  "The text prompt was flagged by our content moderation.",
);

export const outputModerated = (output: "VIDEO" | "IMAGE"): Failure =>
  taskFailure(`SAFETY.OUTPUT.${output}`, "The output was flagged by our content moderation.");

const RENDER_FAILURES = { download: "ASSET.INVALID", decode: "ASSET.INVALID", render: "INTERNAL" } as const;

/** Null for a task that did not fail. */
export function failureOf(outcome: Outcome): TaskFailure | null {
  if (outcome.kind === "failure") return outcome.failure.body as TaskFailure;
  if (outcome.kind !== "render_failure") return null;
  return { failure: outcome.message, failureCode: RENDER_FAILURES[outcome.reason] };
}
