/** Why this server accepts no requests now, or should get none. */
import type { Deps } from "../deps.js";

export type AcceptingDeps = Pick<Deps, "gate" | "missingRights" | "areKeysRegistered">;
export type ReadinessDeps = AcceptingDeps & Pick<Deps, "draining" | "outputsHealth" | "settings">;

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

/** For health and monitors. Null: this server is ready. */
export function whyNotReady(deps: ReadinessDeps): Refusal | null {
  return deps.draining.aborted ? DRAINING : (whyRefused(deps) ?? whyNoOutputs(deps));
}

/** Calls that store nothing are still accepted, such as a hit of the cache. */
function whyNoOutputs({ outputsHealth, settings }: ReadinessDeps): Refusal | null {
  const fault = settings.copyOutputs ? outputsHealth.fault() : null;
  return fault === null ? null : { isRedis: false, reason: `Outputs cannot be stored (${fault}).` };
}

/**
 * Null: a request would be accepted. A server that drains still accepts what arrives over its last connections: a load
 * balancer that repeats only calls whose connection failed would hand a refusal on to its caller.
 */
export function whyRefused({ gate, missingRights, areKeysRegistered }: AcceptingDeps): Refusal | null {
  const fault = gate.whyClosed();
  if (fault !== null) return { isRedis: fault.kind !== "full", reason: fault.message };
  if (missingRights() !== null) return NO_RIGHTS;
  return areKeysRegistered() ? null : NO_KEYS;
}
