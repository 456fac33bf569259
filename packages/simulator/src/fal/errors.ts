import type { Failure, Outcome } from "../core/job.js";
import { type Issue, valueAt } from "../core/words.js";

interface Detail {
  loc: (string | number)[];
  msg: string;
  type: string;
  url: string;
  input: unknown;
  ctx?: Record<string, unknown>;
}

const ERROR_DOCS = "https://docs.fal.ai/errors";
const HIDDEN_INPUT = 200;

/** Errors of the request and not of the model: their body has no list, and the status shows them too. */
const REQUEST_ERRORS = new Set([
  "request_timeout",
  "startup_timeout",
  "runner_scheduling_failure",
  "runner_disconnected",
  "runner_connection_timeout",
  "runner_connection_refused",
  "runner_connection_error",
  "runner_incomplete_response",
  "runner_server_error",
  "internal_error",
  "bad_request",
  "client_disconnected",
  "client_cancelled",
]);

const shown = (input: unknown): unknown =>
  typeof input === "string" && input.length > HIDDEN_INPUT ? `${input.slice(0, HIDDEN_INPUT)}...` : input;

function detail(fields: Omit<Detail, "url" | "input">, input: unknown): Detail {
  return { ...fields, url: `${ERROR_DOCS}#${fields.type}`, input: shown(input) };
}

export const modelFailure = (status: number, details: Detail[]): Failure => ({
  status,
  body: { detail: details },
  headers: { "x-fal-retryable": String(status >= 500) },
});

export const requestFailure = (status: number, type: string, message: string): Failure => ({
  status,
  body: { detail: message, error_type: type },
  headers: { "x-fal-error-type": type },
  note: { error: message, type },
});

export const namedFailure = (status: number, type: string, message: string): Failure =>
  REQUEST_ERRORS.has(type)
    ? requestFailure(status, type, message)
    : modelFailure(status, [detail({ loc: ["body"], msg: message, type }, {})]);

export const contentPolicyFailure = (prompt: string): Failure => {
  const msg = "The content could not be processed because it contained material flagged by a content checker.";
  return modelFailure(422, [detail({ loc: ["body", "prompt"], msg, type: "content_policy_violation" }, prompt)]);
};

const listed = (values: readonly unknown[]): string =>
  values
    .map((value) => `'${String(value)}'`)
    .join(", ")
    .replace(/, ([^,]*)$/, " or $1");

const TYPE_ERRORS: Record<string, [type: string, msg: string]> = {
  string: ["string_type", "Input should be a valid string"],
  boolean: ["bool_type", "Input should be a valid boolean"],
  number: ["float_type", "Input should be a valid number"],
  int: ["int_type", "Input should be a valid integer"],
};

/** A validation issue as pydantic words it, because fal's models validate with pydantic. */
function wording(issue: Issue, input: unknown): Omit<Detail, "url" | "input" | "loc"> {
  if (input === undefined) return { type: "missing", msg: "Field required" };
  if (issue.code === "invalid_value") {
    const expected = listed(issue.values);
    return { type: "literal_error", msg: `Input should be ${expected}`, ctx: { expected } };
  }
  if (issue.code === "too_big")
    return {
      type: "less_than_equal",
      msg: `Input should be less than or equal to ${issue.maximum}`,
      ctx: { le: issue.maximum },
    };
  if (issue.code === "too_small" && issue.origin === "string")
    return { type: "string_too_short", msg: "String should have at least 1 character", ctx: { min_length: 1 } };
  if (issue.code === "too_small")
    return {
      type: "greater_than_equal",
      msg: `Input should be greater than or equal to ${issue.minimum}`,
      ctx: { ge: issue.minimum },
    };
  const [type, msg] = TYPE_ERRORS["expected" in issue ? String(issue.expected) : ""] ?? ["value_error", issue.message];
  return { type, msg };
}

export function validationFailure(issues: readonly Issue[], body: unknown): Failure {
  const details = issues.map((issue) => {
    const input = valueAt(body, issue.path);
    const loc = ["body", ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))];
    return detail({ loc, ...wording(issue, input) }, input);
  });
  return modelFailure(422, details);
}

const RENDER_FAILURES = {
  download: { status: 422, type: "file_download_error" },
  decode: { status: 422, type: "image_load_error" },
  render: { status: 500, type: "internal_server_error" },
} as const;

/** The result of a job that did not end in media; null for a job that did. */
export function failureOf(outcome: Outcome, imageField: string): Failure | null {
  if (outcome.kind === "failure") return outcome.failure;
  if (outcome.kind === "cancelled")
    return requestFailure(499, "client_cancelled", "Request was cancelled by the client");
  if (outcome.kind === "media") return null;
  const { status, type } = RENDER_FAILURES[outcome.reason];
  return modelFailure(status, [detail({ loc: ["body", imageField], msg: outcome.message, type }, {})]);
}
