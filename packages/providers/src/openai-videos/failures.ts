/** Maps the errors of the OpenAI API to ours: refused submits, and the error of a failed video. */
import type { Failure } from "@visgate/shared/errors";
import { z } from "zod";
import { rejection } from "../sdk-call/http-failures.js";
import type { Answer } from "../sdk-call/one-shot.js";

const TITLE = "The video server";
const SAFE_NAME = /^[A-Za-z][\w.[\]-]{0,60}$/;
const errorBody = z.object({
  error: z.object({ code: z.string().nullish().catch(null), param: z.string().nullish().catch(null) }),
});

/** Error codes for content policy violations, of OpenAI and of gateways in front of it. */
const POLICY = /moderation|content_policy|safety|sentinel/i;
const INPUT = /^invalid_|_invalid$|unsupported|bad_request|image_(parse|decode|download)/i;

/** The failure of a submit that was answered with a 4xx and so was not accepted. */
export function refused({ status, body }: Answer): Failure {
  const { code, param } = errorBody.safeParse(body).data?.error ?? {};
  if (POLICY.test(code ?? "")) return policyFailure(false);
  const usual = rejection(TITLE, status);
  if (usual.code !== "VALIDATION_ERROR" || !param || !SAFE_NAME.test(param)) return usual;
  return { ...usual, message: `${TITLE} refused an input of this request (${param}).` };
}

/** `charged`: null for a server with a key, because it may bill a job that it has started. */
export function videoFailure(code: string, charged: boolean | null): Failure {
  if (POLICY.test(code)) return policyFailure(charged);
  const suffix = SAFE_NAME.test(code) ? ` (${code})` : "";
  if (INPUT.test(code)) {
    const message = `${TITLE} refused an input of this request${suffix}.`;
    return { code: "VALIDATION_ERROR", message, retryable: false, charged };
  }
  return {
    code: "PROVIDER_ERROR",
    message: `${TITLE} could not render this request${suffix}.`,
    retryable: true,
    charged,
  };
}

function policyFailure(charged: boolean | null): Failure {
  const message = `${TITLE} refused the prompt, the image or the output by its content policy.`;
  return { code: "CONTENT_POLICY_VIOLATION", message, retryable: false, charged };
}

export function cancelled(charged: boolean | null): Failure {
  return { code: "CANCELLED", message: "The request was cancelled at the video server.", retryable: false, charged };
}

export function noServer(name: string | null): Failure {
  const message =
    name === null
      ? "There is no video server: its operator can set OPENAI_VIDEOS_BASE_URL."
      : `There is no video server ${name}: its operator can add it to the file of OPENAI_VIDEOS_SERVERS.`;
  return { code: "PROVIDER_NOT_CONFIGURED", message, retryable: false, charged: false };
}
