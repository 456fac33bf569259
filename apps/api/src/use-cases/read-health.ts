/** How the provider accounts that an organization uses have done in the last minutes. */

import { PROVIDER_NAMES } from "@visgate/providers";
import type { ProvidersAnswer, ProviderView } from "@visgate/shared/contract";
import { percentileOf } from "@visgate/shared/money";
import { accountOf } from "@visgate/shared/request";
import type { ModelHealth } from "@visgate/shared/store";
import { isoTime } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { isSimulated } from "./is-simulated.js";
import { pickKey } from "./pick-key.js";

export async function readHealth(deps: Deps, organization: string): Promise<ProvidersAnswer> {
  return { providers: await Promise.all(PROVIDER_NAMES.map((provider) => readOne(deps, organization, provider))) };
}

async function readOne(
  deps: Deps,
  organization: string,
  provider: (typeof PROVIDER_NAMES)[number],
): Promise<ProviderView> {
  const choice = await pickKey(deps, { organization, provider, callerKeys: {} });
  const account = choice.kind === "found" && choice.account !== "caller" ? choice.account : null;
  const name = account === null ? null : accountOf({ provider, account, organization });
  const models = name === null ? [] : await deps.store.health.read(name);
  return {
    provider,
    account,
    health: viewOf(models),
    models: models
      .toSorted((one, other) => (one.model < other.model ? -1 : 1))
      .map((one) => ({
        model: one.model,
        ...viewOf([one]),
        cooling_until: one.coolingUntil === null ? null : isoTime(one.coolingUntil),
      })),
    simulated: isSimulated(deps, provider),
  };
}

const DIGITS = 1000;
const rounded = (value: number) => Math.round(value * DIGITS) / DIGITS;

function viewOf(models: readonly ModelHealth[]): ProviderView["health"] {
  const sum = (metric: "requests" | "errors" | "ms" | "usualMs") =>
    models.reduce((total, model) => total + model[metric], 0);
  const [requests, errors, ms, usualMs] = [sum("requests"), sum("errors"), sum("ms"), sum("usualMs")];
  const times = timesOf(models);
  return {
    ...{ requests, errors },
    error_rate: requests === 0 ? null : rounded(errors / requests),
    lateness: usualMs === 0 ? null : rounded(ms / usualMs),
    p50_latency_ms: percentileOf(times, 0.5),
    p95_latency_ms: percentileOf(times, 0.95),
  };
}

function timesOf(models: readonly ModelHealth[]): Map<number, number> {
  const all = new Map<number, number>();
  for (const [bucket, count] of models.flatMap(({ times }) => [...times])) {
    all.set(bucket, (all.get(bucket) ?? 0) + count);
  }
  return all;
}
