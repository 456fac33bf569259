/** After Ctrl-C: the request is cancelled at the gateway, and what happens to the money is said. */
import type { Client, RequestStatus, VisgateError } from "@visgate_ai/client";
import { describe } from "../errors/failure.js";
import { moneyText, usd } from "../screen/text.js";
import type { Session } from "../session.js";

/** A cancelled request ends within moments, unless its provider takes long to answer. */
const END_WITHIN_MS = 5000;

/** Cancels it (again, for the answer) and waits a moment for its end. Says how it went; never rejects. */
export async function giveUp(client: Client, session: Session, error: VisgateError): Promise<void> {
  const { out } = session;
  const { requestId, idempotencyKey } = error;
  if (requestId === null) {
    out.say(
      "Whether the gateway got the request is not known. " +
        `The same command with --idempotency-key ${idempotencyKey} tells, and makes nothing twice.`,
    );
    return;
  }
  try {
    out.say(await cancelAndTell(client, requestId));
  } catch (refused) {
    out.say(`It may go on: it could not be cancelled. visgate cancel ${requestId}`);
    out.say(describe(refused, session).line);
  }
}

async function cancelAndTell(client: Client, requestId: string): Promise<string> {
  // Null: it has ended already, by the cancel that the client has sent or before it.
  const answer = await client.requests.cancel(requestId).catch((error) => {
    if (error.errorCode === "ALREADY_TERMINAL") return null;
    throw error;
  });
  const end = await client.requests.wait(requestId, { timeout: END_WITHIN_MS }).catch(() => null);
  if (end !== null) return endText(end);
  return `Request ${requestId} is being cancelled. ${answer?.message ?? ""} visgate status ${requestId}`;
}

function endText({ requestId, status, errorCode, outputUrl, chargeState, cost }: RequestStatus): string {
  if (status === "completed") return `It had completed before it could be cancelled: ${outputUrl} ${usd(cost)}`;
  const what = errorCode === "CANCELLED" ? "Cancelled" : `It had failed (${errorCode})`;
  return `${what}: request ${requestId}. ${moneyText(chargeState, cost)}`;
}
