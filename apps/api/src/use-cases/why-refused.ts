/** Why this server accepts no requests now. */
import type { Deps } from "../deps.js";

export type AcceptingDeps = Pick<Deps, "draining" | "gate" | "missingRights" | "areKeysRegistered">;

/** `isRedis`: Redis is the cause, not this server. */
export interface Refusal {
  isRedis: boolean;
  /** For operators: contains no address and no secret. */
  reason: string;
}

const DRAINING: Refusal = { isRedis: false, reason: "This server is shutting down." };
const NO_RIGHTS: Refusal = {
  isRedis: true,
  reason: "The Redis user of REDIS_URL lacks rights. The log names the ACL rule that grants them.",
};
const NO_KEYS: Refusal = { isRedis: true, reason: "The API keys are not registered in Redis yet." };

/** Null: a request would be accepted. */
export function whyRefused({ draining, gate, missingRights, areKeysRegistered }: AcceptingDeps): Refusal | null {
  if (draining.aborted) return DRAINING;
  const fault = gate.whyClosed();
  if (fault !== null) return { isRedis: fault.kind !== "full", reason: fault.message };
  if (missingRights() !== null) return NO_RIGHTS;
  return areKeysRegistered() ? null : NO_KEYS;
}
