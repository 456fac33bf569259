/** The request for one video: submitted, waited for, and cancelled after Ctrl-C. */
import type {
  Client,
  GenerationRequest,
  RequestStatus,
  VideoOptions,
  VideoResult,
  VisgateError,
} from "@visgate_ai/client";
import { omitUndefined } from "../arguments.js";
import { toFailure } from "../errors/failure.js";
import type { Progress } from "../screen/progress.js";
import { chargeText, usd } from "../screen/text.js";
import type { Session } from "../session.js";

export interface VideoRequest {
  model: string;
  prompt: string;
  options: VideoOptions;
}

export interface WaitLimits {
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** For submit and wait together; undefined: wait until the gateway ends the request. */
  timeoutMs: number | undefined;
  now: () => number;
}

export type AcceptedRequest = GenerationRequest<VideoResult>;

export interface FinishedVideo {
  result: VideoResult;
  isSimulated: boolean;
}

export interface Generation {
  submit(request: VideoRequest): Promise<AcceptedRequest>;
  wait(accepted: AcceptedRequest, progress: Progress): Promise<FinishedVideo>;
}

/** A submit that is under way may take this much longer, so that its request id becomes known. */
const SUBMIT_GRACE_MS = 5000;
/** A cancelled request ends within moments, unless its provider answers slowly. */
const CANCEL_WAIT_MS = 5000;

export function createGeneration(client: Client, { signal, timeoutMs, now }: WaitLimits): Generation {
  const startedMs = now();
  const remainingMs = () => (timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - (now() - startedMs)));
  return {
    submit({ model, prompt, options }) {
      // Without its id, a request that the gateway accepted could be neither cancelled nor looked up.
      const remaining = remainingMs();
      const timeout = remaining === undefined ? undefined : remaining + SUBMIT_GRACE_MS;
      const limits = { ...omitUndefined<VideoOptions>({ timeout }), signal: delayedAbort(signal, SUBMIT_GRACE_MS) };
      return client.videos.generate(model, prompt, { ...options, ...limits, preferAsync: true });
    },
    async wait(accepted, progress) {
      let isSimulated = false;
      const onProgress = (status: RequestStatus) => {
        isSimulated = status.simulated;
        progress.show(status);
      };
      const options = omitUndefined<VideoOptions>({ timeout: remainingMs(), signal, onProgress });
      return { result: await accepted.wait(options), isSimulated };
    },
  };
}

/** Aborted `ms` after `signal`. */
function delayedAbort(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  const startTimer = () => void setTimeout(() => controller.abort(), ms).unref();
  if (signal.aborted) startTimer();
  else signal.addEventListener("abort", startTimer, { once: true });
  return controller.signal;
}

/** After Ctrl-C: cancels the request that `error` names, and says whether it is charged. Never rejects. */
export async function cancelAndReport(client: Client, session: Session, error: VisgateError): Promise<void> {
  const { out } = session;
  const { requestId, idempotencyKey } = error;
  if (requestId === null) {
    out.say(
      "It is not known whether the gateway got the request. To find out, repeat the command with " +
        `--idempotency-key ${idempotencyKey}: it never makes a second video.`,
    );
    return;
  }
  try {
    out.say(await cancel(client, requestId));
  } catch (failed) {
    out.say(`The request could not be cancelled and may continue. Try again: visgate cancel ${requestId}`);
    out.say(toFailure(failed, session).line);
  }
}

/** The client may have sent a cancel already; this one gets the gateway's answer. */
async function cancel(client: Client, requestId: string): Promise<string> {
  const answer = await client.requests.cancel(requestId).catch((error) => {
    if (error.errorCode === "ALREADY_TERMINAL") return null;
    throw error;
  });
  const end = await client.requests.wait(requestId, { timeout: CANCEL_WAIT_MS }).catch(() => null);
  if (end !== null) return endText(end);
  const message = answer?.message ?? "";
  return `Request ${requestId} is being cancelled. ${message} To see how it ends: visgate status ${requestId}`;
}

function endText({ requestId, status, errorCode, outputUrl, chargeState, cost }: RequestStatus): string {
  if (status === "completed") return `It completed before it could be cancelled: ${outputUrl} ${usd(cost)}`;
  const what = errorCode === "CANCELLED" ? "Cancelled" : `It failed before it could be cancelled (${errorCode})`;
  return `${what}: request ${requestId}. ${chargeText(chargeState, cost)}`;
}
