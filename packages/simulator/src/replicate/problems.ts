import type { NodeContext } from "../core/mishaps.js";
import { type Issue, valueAt } from "../core/words.js";

/** Replicate's error answers: problem details that repeat the status in the body. */

interface InvalidField {
  type: string;
  field: string;
  description: string;
}

type Status = 401 | 403 | 404 | 422 | 429 | 500 | 503;

export function problem(c: NodeContext, status: Status, fields: Record<string, unknown>): Response {
  const body = JSON.stringify({ ...fields, status });
  return c.body(body, status, { "content-type": "application/problem+json" });
}

export const unauthenticated = (c: NodeContext): Response =>
  problem(c, 401, { title: "Unauthenticated", detail: "You did not pass a valid authentication token" });

export const forbidden = (c: NodeContext): Response =>
  problem(c, 403, { title: "Forbidden", detail: "You do not have permission to perform this action." });

export const notFound = (c: NodeContext): Response =>
  problem(c, 404, { title: "Not found", detail: "The requested resource could not be found." });

const KINDS: Record<string, string> = { int: "integer", object: "object" };

const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value;
};

/** A validation issue as the JSON schema validator of Replicate's API words it. */
function wording(issue: Issue, value: unknown): [type: string, description: string] {
  switch (issue.code) {
    case "invalid_value":
      return ["enum", `must be one of the following: ${issue.values.map((each) => JSON.stringify(each)).join(", ")}`];
    case "too_big":
      return ["number_lte", `Must be less than or equal to ${issue.maximum}`];
    case "too_small":
      return ["number_gte", `Must be greater than or equal to ${issue.minimum}`];
    case "invalid_type": {
      const expected = KINDS[issue.expected] ?? issue.expected;
      return ["invalid_type", `Invalid type. Expected: ${expected}, given: ${kindOf(value)}`];
    }
    default:
      return ["invalid", issue.message];
  }
}

function fieldsOf(issue: Issue, body: unknown): InvalidField[] {
  const parent = issue.path.slice(0, -1).join(".") || "(root)";
  if (issue.code === "unrecognized_keys") {
    const type = "additional_property_not_allowed";
    const described = (key: string) => `Additional property ${key} is not allowed`;
    return issue.keys.map((key) => ({ type, field: issue.path.join(".") || "(root)", description: described(key) }));
  }
  const value = valueAt(body, issue.path);
  if (value === undefined)
    return [{ type: "required", field: parent, description: `${String(issue.path.at(-1))} is required` }];
  const [type, description] = wording(issue, value);
  return [{ type, field: issue.path.join("."), description }];
}

export function invalid(c: NodeContext, fields: InvalidField[]): Response {
  const detail = fields.map(({ field, description }) => `- ${field}: ${description}\n`).join("");
  return problem(c, 422, { title: "Input validation failed", detail, invalid_fields: fields });
}

export const invalidBody = (c: NodeContext, issues: readonly Issue[], body: unknown): Response =>
  invalid(
    c,
    issues.flatMap((issue) => fieldsOf(issue, body)),
  );
