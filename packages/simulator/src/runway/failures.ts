import type { Failure, Outcome } from "../core/job.js";
import type { Issue } from "../core/words.js";

export interface ErrorBody {
  error: string;
  issues?: readonly Issue[];
  docUrl?: string;
}

export const INVALID_KEY: ErrorBody = { error: "The API key you provided is not valid." };
export const WRONG_VERSION: ErrorBody = { error: "The X-Runway-Version header is missing or names no known version." };
export const NO_SUCH_TASK: ErrorBody = { error: "We could not find a task with that ID." };
export const NO_SUCH_ROUTE: ErrorBody = { error: "Not found" };

const DOC_URL = "https://docs.dev.runwayml.com/api";

export const invalidBody = (issues: readonly Issue[]): ErrorBody => ({
  error: "Validation of body failed",
  issues,
  docUrl: DOC_URL,
});

/** An upload address without a file is refused at once, like any other bad input. */
export const unknownUpload = (path: PropertyKey[]): ErrorBody =>
  invalidBody([{ code: "custom", path, message: "The upload does not exist or has expired" }]);

/** The fields of a failed task besides its status and its cost. */
export interface TaskFailure {
  failure: string;
  failureCode: string;
}

/** An input refused by moderation is billed; every other failure is refunded. */
function isRefunded({ failureCode }: TaskFailure): boolean {
  return !/^(SAFETY\.INPUT|INPUT_PREPROCESSING\.SAFETY)(\.|$)/.test(failureCode);
}

/** The HTTP status is 200: the task failed, not the call. */
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

/** Null when the task did not fail. */
export function failureOf(outcome: Outcome): TaskFailure | null {
  if (outcome.kind === "failure") return outcome.failure.body as TaskFailure;
  if (outcome.kind !== "render_failure") return null;
  return { failure: outcome.message, failureCode: RENDER_FAILURES[outcome.reason] };
}
