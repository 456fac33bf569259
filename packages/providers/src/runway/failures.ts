/** Maps Runway's errors to ours: refused submits, and the dotted failure codes of tasks, which may get new values. */
import type { Failure } from "@visgate/shared/errors";
import { z } from "zod";
import { rejection } from "../sdk-call/http-failures.js";
import type { Answer } from "../sdk-call/one-shot.js";

const MAX_NAMED = 5;
const SAFE_NAME = /^[A-Za-z][A-Za-z0-9_]{0,40}$/;
const errorBody = z.object({
  error: z.string().catch(""),
  issues: z.array(z.object({ path: z.array(z.unknown()).catch([]) })).catch([]),
});

/** The failure of a submit that was answered with a 4xx. */
export function refused({ status, body }: Answer): Failure {
  const usual = rejection("Runway", status);
  const { data } = errorBody.safeParse(body);
  if (status !== 400 || data === undefined) return usual;
  // Invalid input and an account without credits have the same status. Only this text distinguishes them.
  if (data.issues.length === 0 && /not (have )?enough credits/i.test(data.error)) {
    return { ...usual, code: "PROVIDER_ERROR", message: "The Runway account has not enough credits." };
  }
  const names = data.issues.flatMap(({ path }) => nameOf(path)).slice(0, MAX_NAMED);
  return names.length === 0
    ? usual
    : { ...usual, message: `Runway refused an input of this request (${names.join(", ")}).` };
}

/** The field of an issue, if it has a valid name. */
function nameOf(path: unknown[]): string[] {
  const [field] = path;
  return typeof field === "string" && SAFE_NAME.test(field) ? [field] : [];
}

export function unknownEndpoint(): Failure {
  return rejection("Runway", 404);
}

type Meaning = Pick<Failure, "code" | "retryable"> & { words: string };

/** The first entry with a matching prefix applies. A code that matches none is not retryable. */
const MEANINGS: readonly (Meaning & { prefixes: readonly string[] })[] = [
  {
    prefixes: ["SAFETY", "INPUT_PREPROCESSING.SAFETY"],
    code: "CONTENT_POLICY_VIOLATION",
    retryable: false,
    words: "refused the prompt, the image or the output by its content policy",
  },
  { prefixes: ["ASSET"], code: "VALIDATION_ERROR", retryable: false, words: "could not use the image of this request" },
  {
    prefixes: ["INTERNAL.BAD_OUTPUT"],
    code: "PROVIDER_ERROR",
    retryable: false,
    words: "could not make a usable output of this prompt or image; try another one",
  },
  {
    prefixes: ["INTERNAL", "THIRD_PARTY", "INPUT_PREPROCESSING.INTERNAL"],
    code: "PROVIDER_ERROR",
    retryable: true,
    words: "could not render this request",
  },
];
const NO_CODE: Meaning = { code: "PROVIDER_ERROR", retryable: true, words: "could not render this request" };
const UNKNOWN_CODE: Meaning = { ...NO_CODE, retryable: false };

/** `charged`: by the cost of the task. Without a cost, an input that the content policy refused is charged. */
export function taskFailure(failureCode: string, charged: boolean | null): Failure {
  const { code, retryable, words } = meaningOf(failureCode);
  const suffix = /^[A-Z][A-Z_.]{0,60}$/.test(failureCode) ? ` (${failureCode})` : "";
  const isInputRefused =
    startsWith(failureCode, "SAFETY.INPUT") || startsWith(failureCode, "INPUT_PREPROCESSING.SAFETY");
  return { code, message: `Runway ${words}${suffix}.`, retryable, charged: charged ?? (isInputRefused || null) };
}

function meaningOf(failureCode: string): Meaning {
  if (failureCode === "") return NO_CODE;
  const known = MEANINGS.find(({ prefixes }) => prefixes.some((prefix) => startsWith(failureCode, prefix)));
  return known ?? UNKNOWN_CODE;
}

/** Compares whole dotted parts: SAFETY is a prefix of SAFETY.INPUT, and not of SAFETYNET. */
const startsWith = (failureCode: string, prefix: string): boolean => `${failureCode}.`.startsWith(`${prefix}.`);

export function cancelled(charged: boolean | null): Failure {
  return { code: "CANCELLED", message: "The request was cancelled at Runway.", retryable: false, charged };
}
