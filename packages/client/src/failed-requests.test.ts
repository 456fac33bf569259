/** Status codes of failures: a 424 is never retried, and the code in its body chooses the class of the error. */
import type { FailureCode } from "@visgate/shared/errors";
import { failureStatus as statusOfGateway } from "@visgate/shared/request";
import { afterEach, describe, expect, it } from "vitest";
import { type Listener, startListener } from "../../../tests/support/listeners.js";
import { clientOf, failure, gateway as healthy, refusal, status } from "../test-support/gateway.js";
import { Client } from "./client.js";
import { apiError, ProviderError, RateLimitError, ValidationError, VisgateError } from "./errors.js";
import { failureStatus } from "./request-outcome.js";
import { isOutage, isRetryable, mayHaveBeenProcessed } from "./retry.js";

const CLASSES: [FailureCode, typeof VisgateError][] = [
  ["PROVIDER_ERROR", ProviderError],
  ["PROVIDER_TIMEOUT", ProviderError],
  ["SUBMIT_UNKNOWN", ProviderError],
  ["OUTPUT_UNAVAILABLE", ProviderError],
  ["CONTENT_POLICY_VIOLATION", ValidationError],
  ["VALIDATION_ERROR", ValidationError],
  ["RATE_LIMIT_ERROR", RateLimitError],
  ["CANCELLED", VisgateError],
  ["INTERNAL_ERROR", VisgateError],
  ["PROVIDER_NOT_CONFIGURED", VisgateError],
];
const CHARGES = ["none", "held", "charged", "released", "unknown"] as const;

let server: Listener | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function answering(statusCode: number, body: string) {
  server = await startListener((request, response) => {
    request.resume();
    response.writeHead(statusCode, { "content-type": "application/json" }).end(body);
  });
  return { server, client: new Client({ apiKey: "vg-key", baseUrl: server.origin, maxRetries: 5 }) };
}

describe("424", () => {
  it.each(CLASSES)("%s: the call is sent once, and the error has the class of its code", async (code, Class) => {
    const details = { request_id: "r", provider: "fal", retryable: false, charge_state: "unknown" };
    const { client, server } = await answering(424, JSON.stringify({ error: code, message: "m", details }));
    const error = (await failure(client.videos.generate("m", "p"))) as VisgateError;
    expect(server.asked).toEqual(["POST /api/v1/videos/generate"]);
    expect(error.constructor).toBe(Class);
    expect(error).toMatchObject({ errorCode: code, statusCode: 424, requestId: "r", retryable: false, details });
    if (error instanceof ProviderError) expect(error.provider).toBe("fal");
  });

  it("from a proxy: the call is sent once", async () => {
    const { client, server } = await answering(424, "<h1>Failed Dependency</h1>");
    const error = await failure(client.videos.generate("m", "p"));
    expect(error).toMatchObject({ errorCode: "UNEXPECTED_ANSWER", statusCode: 424, retryable: false });
    expect(server.asked).toHaveLength(1);
  });

  it("counts neither as an outage nor as a lost answer", () => {
    const error = apiError({ errorCode: "SUBMIT_UNKNOWN", message: "m", statusCode: 424 });
    expect([isRetryable(error), isOutage(error), mayHaveBeenProcessed(error)]).toEqual([false, false, false]);
  });

  it("with an unknown code: a VisgateError, without a retry", async () => {
    const { client, seen } = clientOf(() => refusal(424, "A_NEW_CODE"));
    expect(await failure(client.generate("p"))).toMatchObject({ name: "VisgateError", retryable: false });
    expect(seen).toHaveLength(1);
  });
});

describe("a failed request", () => {
  const ended = (code: string, charge_state: string, retryable: boolean) =>
    clientOf((seen) =>
      seen.method === "POST"
        ? healthy(seen)
        : status("failed", { error_code: code, error_message: "m", charge_state, retryable, provider: "fal" }),
    );

  it.each(CLASSES)(
    "%s: the error has the class of its code, and the status that a synchronous call gets",
    async (code, Class) => {
      const { client, seen } = ended(code, "unknown", false);
      const error = (await failure(client.videos.generate("m", "p"))) as VisgateError;
      expect(error.constructor).toBe(Class);
      expect(error.statusCode).toBe(code === "CONTENT_POLICY_VIOLATION" ? 422 : 424);
      expect(error.details["charge_state"]).toBe("unknown");
      expect(seen.filter(({ method }) => method === "POST")).toHaveLength(1);
    },
  );

  it("is not submitted again, even when its error is retryable", async () => {
    const { client, seen } = ended("PROVIDER_ERROR", "released", true);
    expect(await failure(client.videos.generate("m", "p"))).toMatchObject({ statusCode: 502, retryable: true });
    expect(seen.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  const table = CLASSES.flatMap(([code]) =>
    CHARGES.flatMap((chargeState) => [true, false].map((retryable) => ({ code, chargeState, retryable }))),
  );
  it.each(table)(
    "$code, $chargeState, retryable $retryable: the status is the same as in the gateway",
    ({ code, chargeState, retryable }) => {
      const ofGateway = statusOfGateway({ code, retryable, message: "m", charged: null }, chargeState);
      expect(failureStatus({ errorCode: code, chargeState, retryable })).toBe(ofGateway);
    },
  );
});
