import type { z } from "zod";

type Issue = z.core.$ZodIssue;

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

/** An upload's address that leads to no file is found out at once, as any other bad input is. */
export const unknownUpload = (path: PropertyKey[]): ErrorBody =>
  invalidBody([{ code: "custom", path, message: "The upload does not exist or has expired" }]);
