import {
  AbortError,
  AuthenticationError,
  ProviderError,
  RateLimitError,
  TimeoutError,
  ValidationError,
  VisgateError,
} from "@visgate_ai/client";
import { expect, describe as group, test } from "vitest";
import { CliError, describe, UsageError } from "./failure.js";

const ID = "0199b2c4-6f0e-7c3a-9d1b-2a7e5f3c8b10";

group("an error", () => {
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
      line: "error VALIDATION_ERROR (duration_seconds): Too long. Allowed: 4, 6, 8. [HTTP request h-1]",
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
        ...{ errorCode: "OUTPUT_UNAVAILABLE", message: "Lost.", statusCode: 502 },
        details: { request_id: ID, charge_state: "charged" },
      }),
      exitCode: 1,
      line: `error OUTPUT_UNAVAILABLE: Lost. The provider charges for it. [request ${ID}]`,
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
      line: `error CLIENT_TIMEOUT: Over. visgate status ${ID} --wait [request ${ID}]`,
    },
    { error: new AbortError({ errorCode: "ABORTED", message: "Stop." }), exitCode: 130, line: "error ABORTED: Stop." },
    {
      error: new VisgateError({ errorCode: "NEW_CODE", message: "of\na later\x1b[2J server", statusCode: 418 }),
      exitCode: 1,
      line: "error NEW_CODE: of a later [2J server",
    },
  ])("$line", ({ error, exitCode, line }) => expect(describe(error)).toEqual({ line, exitCode }));
});
