import {
  AbortError,
  AuthenticationError,
  ConnectionError,
  ProviderError,
  RateLimitError,
  TimeoutError,
  ValidationError,
  VisgateError,
} from "@visgate_ai/client";
import { describe, expect, test } from "vitest";
import { CliError, toFailure, UsageError } from "./failure.js";

const ID = "0199b2c4-6f0e-7c3a-9d1b-2a7e5f3c8b10";

const BASE_URL = "http://gateway:1";
const NEW_VIDEO_IS_BILLED =
  "The same command without --idempotency-key, or with a new key, makes another video, which is billed too.";

const failureOf = (error: unknown, baseUrl = BASE_URL) => toFailure(error, { baseUrl });
const lineOf = (error: unknown) => failureOf(error).line;

describe("toFailure", () => {
  test.each([
    { error: new UsageError("-o is a directory."), exitCode: 2, line: "error USAGE: -o is a directory." },
    { error: new CliError("OUTPUT_NOT_SAVED", "It is at x"), exitCode: 1, line: "error OUTPUT_NOT_SAVED: It is at x" },
    { error: new TypeError("odd"), exitCode: 1, line: "error UNEXPECTED: odd" },
    { error: "odd", exitCode: 1, line: "error UNEXPECTED: odd" },
    {
      error: new AuthenticationError({ errorCode: "AUTHENTICATION_ERROR", message: "No.", statusCode: 401 }),
      exitCode: 3,
      line: "error AUTHENTICATION_ERROR: No. Set VISGATE_API_KEY to a key of this gateway.",
    },
    {
      error: new ValidationError({
        ...{ errorCode: "VALIDATION_ERROR", message: "Too long.", statusCode: 422, httpRequestId: "h-1" },
        details: { field: "duration_seconds", allowed: [4, 6, 8] },
      }),
      exitCode: 1,
      line: "error VALIDATION_ERROR (--duration): Too long. Allowed: 4, 6, 8. [HTTP request h-1]",
    },
    {
      error: new ProviderError({
        ...{ errorCode: "PROVIDER_ERROR", message: "It broke.", statusCode: 502, retryable: true },
        details: { request_id: ID, provider: "fal", charge_state: "released" },
      }),
      exitCode: 1,
      line:
        "error PROVIDER_ERROR: It broke. The provider does not charge for it. " +
        `The same command may work later. [request ${ID}]`,
    },
    {
      error: new ProviderError({
        ...{ errorCode: "OUTPUT_UNAVAILABLE", message: "Lost.", statusCode: 424 },
        details: { request_id: ID, charge_state: "charged" },
      }),
      exitCode: 1,
      line: `error OUTPUT_UNAVAILABLE: Lost. The provider charges for it. ${NEW_VIDEO_IS_BILLED} [request ${ID}]`,
    },
    {
      error: new ProviderError({
        ...{ errorCode: "SUBMIT_UNKNOWN", message: "Not found there.", statusCode: 424 },
        details: { request_id: ID, charge_state: "unknown" },
      }),
      exitCode: 1,
      line:
        "error SUBMIT_UNKNOWN: Not found there. It is not known whether the provider charges for it. " +
        `${NEW_VIDEO_IS_BILLED} [request ${ID}]`,
    },
    {
      error: new VisgateError({
        ...{ errorCode: "INTERNAL_ERROR", message: "Set apart.", statusCode: 424 },
        details: { request_id: ID, charge_state: "held" },
      }),
      exitCode: 1,
      line:
        "error INTERNAL_ERROR: Set apart. It is not known whether the provider charges for it. " +
        `${NEW_VIDEO_IS_BILLED} [request ${ID}]`,
    },
    {
      error: new ValidationError({
        ...{ errorCode: "CONTENT_POLICY_VIOLATION", message: "Refused.", statusCode: 424 },
        details: { request_id: ID, charge_state: "charged" },
      }),
      exitCode: 1,
      line: `error CONTENT_POLICY_VIOLATION: Refused. The provider charges for it. [request ${ID}]`,
    },
    {
      error: new RateLimitError({
        ...{ errorCode: "RATE_LIMIT_ERROR", message: "Slow.", statusCode: 429, retryable: true, retryAfter: 30 },
      }),
      exitCode: 1,
      line: "error RATE_LIMIT_ERROR: Slow. The same command may work in 30 s.",
    },
    {
      error: new TimeoutError({ errorCode: "CLIENT_TIMEOUT", message: "Over.", details: { request_id: ID } }),
      exitCode: 124,
      line: `error CLIENT_TIMEOUT: Over. To keep waiting: visgate status ${ID} --wait [request ${ID}]`,
    },
    { error: new AbortError({ errorCode: "ABORTED", message: "Stop." }), exitCode: 130, line: "error ABORTED: Stop." },
    {
      error: new VisgateError({ errorCode: "NEW_CODE", message: "of\na later\x1b[2J server", statusCode: 418 }),
      exitCode: 1,
      line: "error NEW_CODE: of a later [2J server",
    },
  ])("exits with $exitCode and prints $line", ({ error, exitCode, line }) => {
    expect(failureOf(error)).toEqual({ line, exitCode });
  });
});

/** A field that the gateway refuses. */
const refused = (field: string, message: string, allowed?: unknown) =>
  new ValidationError({ errorCode: "VALIDATION_ERROR", message, statusCode: 422, details: { field, allowed } });
/** An option that the client itself refuses. */
const wrong = (field: string, takes: string) =>
  new ValidationError({
    ...{ errorCode: "VALIDATION_ERROR", message: `${field} takes ${takes}.`, details: { field, allowed: takes } },
  });

describe("the error of a field has the name of the option", () => {
  test.each([
    {
      error: refused("image_url", "a/b needs an image: set image_url to an https URL or a data: URI.", "required"),
      line: "(--image): a/b needs an image: give one with --image.",
    },
    {
      error: refused("image_url", "a/b takes no image; leave image_url out.", "none"),
      line: "(--image): a/b takes no image; leave --image out.",
    },
    {
      error: refused("image_url", "image_url must not be x, or be a data: URI.", ["https URL", "data: URI"]),
      line: "(--image): --image must not be x, or be a file. Allowed: https URL, file.",
    },
    {
      error: refused("image_url", "image_url may hold at most 5 MB; use an https URL.", { maximum_bytes: 5242880 }),
      line: "(--image): --image may hold at most 5 MB; use an https URL. Allowed: maximum bytes 5242880.",
    },
    {
      error: refused("duration_seconds", "duration_seconds may be at most 8 for a/b.", [4, 6, 8]),
      line: "(--duration): --duration may be at most 8 for a/b. Allowed: 4, 6, 8.",
    },
    {
      error: refused("duration_seconds", "duration_seconds: must be more than 0.", { minimum: 0, exclusive: true }),
      line: "(--duration): must be more than 0.",
    },
    {
      error: refused("params.fps", "params.fps must be right.", { minimum: 1, maximum: 60 }),
      line: "(--param fps): --param fps must be right. Allowed: at least 1, at most 60.",
    },
    {
      error: refused("params.fps", "params.fps must be right.", { minimum: 0, exclusive: true }),
      line: "(--param fps): --param fps must be right. Allowed: more than 0.",
    },
    {
      error: refused("params.size", "params.size is not a parameter of this model.", ["seed", "fps"]),
      line: "(--param size): --param size is not a parameter of this model. Allowed: seed, fps.",
    },
    {
      error: refused("params.x", "params.x is not a parameter of this model. Use duration_seconds instead.", []),
      line: "(--param x): --param x is not a parameter of this model. Use --duration instead.",
    },
    {
      error: refused("params.fps", "params.fps must be a whole number from 11 to 60.", { minimum: 1, maximum: 60 }),
      line: "(--param fps): --param fps must be a whole number from 11 to 60. Allowed: at least 1, at most 60.",
    },
    {
      error: refused("prompt", "prompt may have at most 1000 characters for this model.", { maximum: 1000 }),
      line: "(the prompt): The prompt may have at most 1000 characters for this model.",
    },
    {
      error: refused("later", "later: must be in a later server's list.", { a: { b: [1, 2] } }),
      line: "(later): must be in a later server's list. Allowed: a 1, 2.",
    },
    {
      error: wrong("idempotencyKey", "1 to 255 characters"),
      line: "(--idempotency-key): must be 1 to 255 characters.",
    },
    { error: wrong("requestId", "the id of a request"), line: "(ID): must be the id of a request." },
    { error: wrong("apiKey", "ASCII"), line: "(VISGATE_API_KEY or --api-key): must be ASCII." },
    {
      error: new VisgateError({
        ...{
          errorCode: "IDEMPOTENCY_CONFLICT",
          message: "This Idempotency-Key was used; use a new key.",
          statusCode: 409,
        },
        details: { field: "Idempotency-Key" },
      }),
      line: "(--idempotency-key): This --idempotency-key was used; use a new key.",
    },
  ])("$line", ({ error, line }) => {
    expect(lineOf(error)).toBe(`error ${error.errorCode} ${line}`);
    expect(failureOf(error).exitCode).toBe(error.statusCode === null ? 2 : 1);
  });

  test("a wrong event type is wrong usage, and the line lists the types once", () => {
    const error = refused("types", "types: must be one of a.b, c.d.", ["a.b", "c.d"]);
    const line = "error VALIDATION_ERROR (--events): must be one of a.b, c.d.";
    expect(failureOf(error)).toEqual({ line, exitCode: 2 });
  });

  test("a wrong base URL is shown without its password, next to an example", () => {
    const given = "ftp://me:secret@host/x";
    const { line, exitCode } = failureOf(wrong("baseUrl", "an http or https URL"), given);
    expect(exitCode).toBe(2);
    expect(line).toBe(
      "error VALIDATION_ERROR (VISGATE_BASE_URL or --base-url): must be an http or https URL, " +
        'for example http://localhost:8787; it is "ftp://…@host/x".',
    );
  });
});

describe("the advice fits the command line", () => {
  const away = new ConnectionError({
    ...{ errorCode: "CONNECTION_ERROR", message: "No answer: check the base URL.", retryable: true },
    cause: new TypeError("fetch failed", { cause: Object.assign(new Error("no"), { code: "ECONNREFUSED" }) }),
  });
  /** The time ran out before the gateway answered the submit. */
  const timedOut = (cause?: unknown) => {
    const message = "The call was not answered within 3000 ms. Repeat it with the same idempotencyKey.";
    const error = new TimeoutError({ errorCode: "CLIENT_TIMEOUT", message, retryable: true, cause });
    error.idempotencyKey = "order-1";
    return error;
  };
  const NOT_CONFIRMED = "error CLIENT_TIMEOUT: The time ran out before the gateway confirmed the request.";
  const DOCTOR = "Run visgate doctor to find the cause.";
  const REPEAT = `Repeat the command with --idempotency-key order-1: it never makes a second video. ${DOCTOR}`;

  test("UNEXPECTED_ANSWER: says how to repeat the command if the request may have been accepted", () => {
    const lineWhen = (retryable: boolean) => {
      const error = new VisgateError({ errorCode: "UNEXPECTED_ANSWER", message: "Not the gateway's.", retryable });
      error.idempotencyKey = "order-1";
      return lineOf(error);
    };
    expect(lineWhen(true)).toContain(REPEAT);
    expect(lineWhen(false)).toBe(`error UNEXPECTED_ANSWER: Not the gateway's. ${DOCTOR}`);
  });

  test("CONNECTION_ERROR: names the URL and the cause, and says how to start the gateway or set its URL", () => {
    expect(lineOf(away)).toBe(
      "error CONNECTION_ERROR: No answer from the gateway at http://gateway:1 (ECONNREFUSED). " +
        `Start it with npm start, or set its URL: VISGATE_BASE_URL or --base-url. ${DOCTOR}`,
    );
    const cause = new TypeError("fetch failed", { cause: new Error("bad port") });
    const odd = new ConnectionError({ errorCode: "CONNECTION_ERROR", message: "No answer.", cause });
    expect(lineOf(odd)).toContain("No answer from the gateway at http://gateway:1 (bad port).");
    const cut = new ConnectionError({ errorCode: "CONNECTION_ERROR", message: "The stream was cut." });
    expect(lineOf(cut)).toContain("No answer from the gateway at http://gateway:1 (The stream was cut).");
  });

  test("CLIENT_TIMEOUT of a submit: says that it was not confirmed, and how to repeat it", () => {
    expect(failureOf(timedOut())).toEqual({ line: `${NOT_CONFIRMED} ${REPEAT}`, exitCode: 124 });
  });

  test.each([
    {
      cause: away,
      says: "Last error: CONNECTION_ERROR: No answer from the gateway at http://gateway:1 (ECONNREFUSED).",
    },
    {
      cause: new VisgateError({
        ...{ errorCode: "UNAVAILABLE", message: "No queue; send the same call again shortly.", statusCode: 503 },
      }),
      says: "Last error: UNAVAILABLE: No queue; run the same command again shortly.",
    },
    { cause: new Error("something odd"), says: "Last error: something odd." },
  ])("CLIENT_TIMEOUT of a submit: $says", ({ cause, says }) => {
    expect(lineOf(timedOut(cause))).toBe(`${NOT_CONFIRMED} ${says} ${REPEAT}`);
  });

  test("CLIENT_TIMEOUT of any other call: names the gateway's URL instead of the API's path", () => {
    const error = new TimeoutError({ errorCode: "CLIENT_TIMEOUT", message: "GET /requests took longer than 9 ms." });
    expect(lineOf(error)).toBe(
      `error CLIENT_TIMEOUT: The gateway at http://gateway:1 did not answer in time. ${DOCTOR}`,
    );
  });

  test.each([
    { provider: "fal", variable: "FAL_KEY" },
    { provider: "replicate", variable: "REPLICATE_API_TOKEN" },
    { provider: "runway", variable: "RUNWAYML_API_SECRET" },
    { provider: "another", variable: "it" },
  ])("PROVIDER_NOT_CONFIGURED: says for $provider to set $variable", ({ provider, variable }) => {
    const message = `This server has no key for ${provider}; send your own as X-${provider}-Key.`;
    const error = new VisgateError({ errorCode: "PROVIDER_NOT_CONFIGURED", message, details: { provider } });
    expect(lineOf(error)).toBe(
      "error PROVIDER_NOT_CONFIGURED: " +
        `The gateway has no usable key for ${provider}: set ${variable} where the gateway runs.`,
    );
  });

  test("MODEL_NOT_FOUND: says once how to list the models", () => {
    const message = "There is no model a; GET /api/v1/models lists them.";
    const error = new VisgateError({ errorCode: "MODEL_NOT_FOUND", message, details: { field: "model" } });
    expect(lineOf(error)).toBe(
      "error MODEL_NOT_FOUND (--model): There is no model a. visgate models lists all models.",
    );
  });

  test("AUTHENTICATION_ERROR: names the variable instead of the HTTP header", () => {
    const message = "Send your API key as Authorization: Bearer vg-….";
    const error = new AuthenticationError({ errorCode: "AUTHENTICATION_ERROR", message, statusCode: 401 });
    expect(lineOf(error)).toBe(
      "error AUTHENTICATION_ERROR: No API key was given. Set VISGATE_API_KEY to a key of this gateway.",
    );
  });

  test("RESULT_GONE: names the command instead of the client's method", () => {
    const message = "The request is too old for its full result: client.requests.get has its output URLs.";
    const error = new VisgateError({ errorCode: "RESULT_GONE", message, details: { request_id: ID } });
    expect(lineOf(error)).toBe(
      "error RESULT_GONE: The request is too old for its full result: visgate status ID has its output URLs. " +
        `[request ${ID}]`,
    );
  });

  test("UNAVAILABLE with a request id: says how to repeat the command, because the request may not be kept", () => {
    const message = "The queue did not answer. Nothing was accepted; send the same call again.";
    const error = new VisgateError({ errorCode: "UNAVAILABLE", message, details: { request_id: ID } });
    error.idempotencyKey = "order-1";
    expect(lineOf(error)).toBe(
      "error UNAVAILABLE: The queue did not answer. Nothing was accepted; run the same command again. " +
        `${REPEAT} [request ${ID}]`,
    );
  });
});
