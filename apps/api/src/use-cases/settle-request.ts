/** A person says what the provider billed for a request whose charge is unknown. */
import type { SettleBody } from "@visgate/shared/contract";
import { VisgateError } from "@visgate/shared/errors";
import { isRequestId } from "@visgate/shared/ids";
import type { Actor } from "@visgate/shared/organization";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";
import type { Deps } from "../deps.js";
import { requestNotFound } from "./read-request.js";

export interface SettleCommand {
  organization: string;
  id: string;
  by: Actor;
  body: SettleBody;
}

export async function settleRequest(deps: Deps, { organization, id, by, body }: SettleCommand): Promise<RequestRecord> {
  const stored = isRequestId(id) ? await deps.store.requests.get({ organization, id }) : null;
  if (stored === null) throw requestNotFound(id);
  if (!isTerminal(stored.doc.status)) throw notEnded(stored.doc);
  const audit = { action: "request.settled", by, at: deps.clock.now(), target: id, details: { ...body } } as const;
  const settled = { name: "settled", costMicro: costOf(stored.doc, body) } as const;
  const applied = await deps.store.requests.apply(stored, settled, audit);
  if (applied.kind === "missing") throw requestNotFound(id);
  if (applied.kind !== "applied") throw alreadySettled(applied.current.doc);
  return applied.current.doc;
}

function costOf({ estimatedCostMicro }: RequestRecord, body: SettleBody): number | null {
  if (body.outcome === "released") return null;
  return body.cost_usd === undefined ? (estimatedCostMicro ?? 0) : Math.round(body.cost_usd * 1e6);
}

const notEnded = ({ id }: RequestRecord) =>
  new VisgateError("NOT_TERMINAL", "The request has not ended yet; its charge is settled when it ends.", {
    request_id: id,
  });

const alreadySettled = ({ id, chargeState }: RequestRecord) =>
  new VisgateError(
    "ALREADY_TERMINAL",
    `The charge of this request is known: it is ${chargeState}. Nothing was changed.`,
    {
      request_id: id,
      charge_state: chargeState,
    },
  );
