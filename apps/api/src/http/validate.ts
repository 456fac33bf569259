/** Turns zod's issues into our 422: the name of the field and what it takes. */
import { invalid, type VisgateError } from "@visgate/shared/errors";
import type { z } from "zod";

/** `shownAs`: the name of the field for the caller, when it differs from the name in `schema`. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown, shownAs?: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw toValidationError(parsed.error.issues, value, shownAs);
}

function toValidationError(issues: z.core.$ZodIssue[], input: unknown, shownAs?: string): VisgateError {
  const [issue] = issues;
  if (issue === undefined) return invalid("body", "The body is not valid.");
  const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path;
  const field = shownAs ?? (path.length === 0 ? "body" : path.join("."));
  const missing = issue.code === "invalid_type" && valueAt(input, path) === undefined;
  const takes = allowedText(issue);
  const message = missing ? `${field} is required: ${takes}.` : `${field}: ${takes}.`;
  return invalid(field, message, allowedValues(issue));
}

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null)?.[key], input);
}

function allowedText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "invalid_union":
      return optionsOf(issue) === undefined ? issue.message : `must be one of ${optionsOf(issue)?.join(", ")}`;
    case "too_small":
      return `must ${measured(issue.origin, `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`)}`;
    case "too_big":
      return `must ${measured(issue.origin, `${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`)}`;
    case "unrecognized_keys":
      return "is not a field of this call";
    default:
      return issue.message;
  }
}

const TYPE_NAMES: Record<string, string> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

/** `bound`: as `at least 1`. */
function measured(origin: string, bound: string): string {
  if (origin === "array") return `have ${bound} ${bound.endsWith(" 1") ? "entry" : "entries"}`;
  return origin === "string" ? `be ${bound} characters long` : `be ${bound}`;
}

/** The values that decide which kind of body it is. */
const optionsOf = (issue: z.core.$ZodIssueInvalidUnion) =>
  "options" in issue ? issue.options?.map(String) : undefined;

function allowedValues(issue: z.core.$ZodIssue): unknown {
  if (issue.code === "invalid_value") return issue.values;
  if (issue.code === "invalid_union") return optionsOf(issue);
  if (issue.code === "invalid_type") return issue.expected;
  if (issue.code === "too_small") return { minimum: issue.minimum, exclusive: !issue.inclusive };
  return issue.code === "too_big" ? { maximum: issue.maximum } : undefined;
}
