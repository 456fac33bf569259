/** Makes a request durable, once, and wakes a worker for it. */
import { VisgateError } from "@visgate/shared/domain/errors";
import type { RequestRecord } from "@visgate/shared/domain/request";
import { requestFolder } from "@visgate/shared/outputs/keys";
import { isRedisAway } from "@visgate/shared/store/connection";
import type { AcceptCommand, Accepted } from "@visgate/shared/store/requests";
import type { Deps } from "../deps.js";

/** How long to look for a request whose acceptance was not answered; with it a 503 still comes in time. */
const LOOK_UP_MS = 300;

export interface Submitted {
  record: RequestRecord;
  replayed: boolean;
}

export interface Acceptance {
  record: RequestRecord;
  /** The caller's own provider key. */
  callerKey: string | null;
  idempotency: AcceptCommand["idempotency"];
}

export async function acceptRequest(deps: Deps, { record, callerKey, idempotency }: Acceptance): Promise<Submitted> {
  const { organization } = record;
  const encryptedProviderKey = callerKey === null ? null : deps.secrets.encrypt(callerKey, record.id);
  const accepted = await acceptOrFind(deps, { record, idempotency, encryptedProviderKey });
  if (accepted.kind === "new") {
    // The record is durable: were this wake-up lost, the sweeper would send another.
    await deps.producer.wakeRequest(record.provider, record).catch((error) => {
      deps.log.warn({ err: error, requestId: record.id }, "the wake-up was not enqueued; the sweeper will send one");
    });
    return { record, replayed: false };
  }
  if (record.input.image?.kind === "stored") await deps.outputs.removeAll(requestFolder(organization, record.id));
  if (accepted.kind === "conflict") throw idempotencyConflict();
  const first = await deps.store.requests.get({ organization, id: accepted.id });
  if (first === null) throw idempotencyConflict();
  return { record: first.doc, replayed: true };
}

/** When the answer of the script is lost the request may be there all the same: then it is acknowledged, not refused. */
async function acceptOrFind(deps: Deps, command: AcceptCommand): Promise<Accepted> {
  const { requests } = deps.store;
  try {
    return await requests.accept(command);
  } catch (error) {
    if (!isRedisAway(error)) throw error;
    const found = await Promise.race([requests.revision(command.record).catch(() => undefined), soon(LOOK_UP_MS)]);
    if (typeof found === "string") return { kind: "new", id: command.record.id };
    throw perhapsAccepted(command);
  }
}

const soon = (ms: number) => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms));

function perhapsAccepted({ record, idempotency }: AcceptCommand): VisgateError {
  const message =
    idempotency === null
      ? "The queue did not answer. The request was most likely not accepted: GET /requests/{request_id} tells. With an Idempotency-Key the same call can be sent again safely."
      : "The queue did not answer; send the same call again with the same Idempotency-Key.";
  return new VisgateError("UNAVAILABLE", message, { request_id: record.id });
}

function idempotencyConflict(): VisgateError {
  const message = "This Idempotency-Key was used with another body; use a new key for a new request.";
  return new VisgateError("IDEMPOTENCY_CONFLICT", message, { field: "Idempotency-Key" });
}
