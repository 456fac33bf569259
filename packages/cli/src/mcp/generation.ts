/** A generation: submitted once, whatever is repeated, and then waited for. */
import { createHash } from "node:crypto";
import { type GenerateOptions, type RequestStatus, VisgateError } from "@visgate_ai/client";
import { omitUndefined } from "../arguments.js";
import { type RequestOutput, requestAnswer } from "./request-answer.js";
import type { Answer, Call } from "./tool.js";
import { watchRequest } from "./watch.js";

interface GenerationInput {
  wait_seconds?: number | undefined;
  cache?: "use" | "refresh" | "off" | undefined;
  priority?: "normal" | "low" | undefined;
  idempotency_key?: string | undefined;
}

export interface SubmitOptions extends Pick<GenerateOptions, "idempotencyKey"> {
  cache?: "use" | "refresh" | "off";
  priority?: "normal" | "low";
  preferAsync: true;
}

/**
 * `submit` gets no signal: without its id, a request that the gateway accepted could be neither cancelled nor looked up.
 * After a cancel of the call the request continues, since what the provider has started is usually paid for.
 */
export async function runGeneration(
  call: Call,
  input: GenerationInput,
  submit: (options: SubmitOptions) => Promise<{ requestId: string }>,
): Promise<Answer<RequestOutput>> {
  const { cache, priority, idempotency_key: given } = input;
  const idempotencyKey = given ?? keyOf(call, input);
  const options = omitUndefined<Omit<SubmitOptions, "preferAsync">>({ cache, priority, idempotencyKey });
  const { requestId } = await submit({ ...options, preferAsync: true });
  const status = await watchRequest(call, requestId, input.wait_seconds).catch((error) => {
    if (error instanceof VisgateError) error.requestId = requestId;
    throw error;
  });
  if (status.status === "failed") throw failureOf(status);
  return requestAnswer(status);
}

/** The same for the same message of the protocol, so a message that arrives twice makes one request. */
function keyOf({ processId, mcp }: Call, input: object): string {
  const hash = createHash("sha256").update(JSON.stringify([processId, mcp.id, input]));
  return `mcp-${hash.digest("hex").slice(0, 32)}`;
}

function failureOf({ requestId, errorCode, errorMessage, chargeState, retryable }: RequestStatus): VisgateError {
  return new VisgateError({
    errorCode: errorCode ?? "PROVIDER_ERROR",
    message: errorMessage ?? "The generation failed.",
    retryable: retryable === true,
    details: { request_id: requestId, charge_state: chargeState },
  });
}
