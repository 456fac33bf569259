/** From which pool a request takes its slot: that of the provider account whose key makes its submit. */
import { accountOf, isTerminal, type Payer, type RequestRecord } from "@visgate/shared/request";
import type { Pool } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

export interface ProviderPool extends Pool {
  /** Also the name of the queue in which the requests of this pool sleep. */
  provider: string;
}

type Paced = Pick<Deps, "providers">;

/** Null when nothing limits the request: then it costs no call to Redis. */
export function poolOf(deps: Paced, record: Payer): ProviderPool | null {
  const { provider } = record;
  const limits = deps.providers.get(provider)?.limits;
  const account = accountOf(record);
  if (account === null || limits === undefined || Object.values(limits).every((limit) => limit === null)) return null;
  return { account, limits, provider };
}

/** Every pool with limits: of the server's accounts, and of those whose keys organizations have stored. */
export async function limitedPools(deps: Paced & Pick<Deps, "store">): Promise<ProviderPool[]> {
  const payers: Payer[] = [...deps.providers.keys()].map((provider) => {
    return { provider, account: "server", organization: "" };
  });
  const limited = payers.filter((payer) => poolOf(deps, payer) !== null);
  if (limited.length === 0) return [];
  for (const organization of await deps.store.maintenance.organizations()) {
    for (const { provider } of await deps.store.providerKeys.list(organization)) {
      payers.push({ provider, account: "organization", organization });
    }
  }
  return payers.flatMap((payer) => poolOf(deps, payer) ?? []);
}

/** A submit was or is being made, and the provider is not known to be done with the job. */
export function isAtProvider({ status, intent, rendered }: RequestRecord): boolean {
  return !isTerminal(status) && intent !== null && rendered === null;
}

/** The request needs no slot any more. */
export function isOverAtProvider({ status, rendered }: RequestRecord): boolean {
  return isTerminal(status) || rendered !== null;
}

/** Some renders take twice their usual time. */
const USUAL_TIMES = 2;

/** How long the job of an ended request may still run, when nobody knows whether the provider has stopped it. */
export function mayRunMs(deps: Pick<Deps, "catalogue" | "clock">, record: RequestRecord): number {
  if (record.status !== "failed" || record.chargeState !== "unknown") return 0;
  const usualMs = (deps.catalogue.get(record.model)?.usualSeconds ?? 0) * 1000;
  // An earlier model of the request may have started before this submit.
  const beganAt = Math.max(record.startedAt ?? 0, record.intent?.at ?? 0);
  return Math.max(0, beganAt + USUAL_TIMES * usualMs - deps.clock.now());
}
