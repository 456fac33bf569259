/** What is wrong for an organization now: the conditions of its alerts. */
import type { Condition } from "@visgate/shared/alert";
import { budgetId, dayOf } from "@visgate/shared/money";
import { type AccountOutcomes, HEALTH_MINUTES, type Outcomes } from "@visgate/shared/store";
import { microToUsd } from "@visgate/shared/units";
import type { AlertSettings, Deps } from "../deps.js";

/** With fewer requests, a share says little. */
const MIN_REQUESTS = 10;
/** The subject of an alert that is about the organization as a whole. */
export const OF_ORGANIZATION = "organization";
const ROUNDED = 1000;

export function errorRateCondition({ requests, errors }: Outcomes, { errorRate }: AlertSettings): Condition | null {
  const rate = requests === 0 ? 0 : Math.round((errors / requests) * ROUNDED) / ROUNDED;
  if (errorRate === 0 || requests < MIN_REQUESTS || rate < errorRate) return null;
  const message =
    `${errors} of ${requests} requests that ended in the last ${HEALTH_MINUTES} minutes failed by a provider's fault. ` +
    "GET /providers shows which models fail.";
  return { kind: "error_rate", subject: OF_ORGANIZATION, message, value: rate, threshold: errorRate };
}

export async function budgetConditions(
  { store, clock }: Pick<Deps, "store" | "clock">,
  organization: string,
): Promise<Condition[]> {
  const timeZone = (await store.organizations.get(organization))?.timeZone ?? "UTC";
  const withoutRoom = await store.budgets.withoutRoom(organization, dayOf(clock.now(), timeZone));
  return withoutRoom.map(({ subject, period, spentMicro, limitMicro }) => {
    const [value, threshold] = [microToUsd(spentMicro), microToUsd(limitMicro)];
    const what = spentMicro >= limitMicro ? "is used up" : "had no room for a call";
    const message = `The budget ${subject} of this ${period} ${what}: ${value} of ${threshold} USD are held or spent.`;
    return { kind: "budget", subject: budgetId(subject, period), message, value, threshold };
  });
}

/** One for each provider that the organization has used in the last minutes and that does not work for it. */
export async function providerConditions({ store }: Pick<Deps, "store">, { accounts }: Outcomes): Promise<Condition[]> {
  const found = await Promise.all(accounts.map((outcomes) => whyDown(store, outcomes)));
  const byProvider = new Map<string, string[]>();
  for (const [index, why] of found.entries()) {
    const provider = providerOf(accounts[index]?.account ?? "");
    if (why !== null) byProvider.set(provider, [...(byProvider.get(provider) ?? []), why]);
  }
  return [...byProvider].map(([subject, reasons]) => {
    return { kind: "provider_down", subject, message: reasons.join(" "), value: null, threshold: null };
  });
}

/** Null when it works. */
async function whyDown(
  { health }: Pick<Deps["store"], "health">,
  { account, models, isKeyRefused }: AccountOutcomes,
): Promise<string | null> {
  const provider = providerOf(account);
  const whose = account === provider ? "the server's" : "your organization's";
  if (isKeyRefused) return `${provider} refuses ${whose} key. Store a new one.`;
  const used = new Set(models);
  const cooling = (await health.read(account)).filter(
    ({ model, coolingUntil }) => used.has(model) && coolingUntil !== null,
  );
  if (cooling.length === 0) return null;
  const names = cooling.map(({ model }) => model).toSorted();
  return `With ${whose} key, ${names.join(", ")} failed several times in a row. Requests with a fallback skip what fails.`;
}

/** Of the name of an account (request/account.ts). */
const providerOf = (account: string): string => account.split(":")[0] ?? account;
