/**
 * How an organization's requests ended in the last minutes, and which models at which provider accounts they used. It is
 * a hint for alerts, so it is written late and in bulk, and may be lost with its process. Each minute has a hash of its
 * own, which expires by itself.
 */
import type { Redis } from "ioredis";
import { HEALTH_MINUTES, type ModelEnd } from "./health.js";
import type { Keys } from "./keys.js";

/** What a request came to: its own end, or the end of a submit or a render at a provider account. */
export type Outcome =
  /** It completed, or failed by a provider's fault. Other ends are not counted. */
  | { kind: "request"; isError: boolean }
  | { kind: "account"; account: string; end: Pick<ModelEnd, "model" | "isError"> & { isKeyRefused: boolean } };

export interface AccountOutcomes {
  account: string;
  models: string[];
  /** In the last minute in which anything ended at this account, its key was refused and nothing succeeded. */
  isKeyRefused: boolean;
}

export interface Outcomes {
  requests: number;
  errors: number;
  accounts: AccountOutcomes[];
}

const KEPT_SECONDS = (HEALTH_MINUTES + 2) * 60;
const MINUTE_MS = 60_000;

/** The keys of the last minutes, the newest first. */
export function outcomeMinutes(keys: Keys, organization: string, now: number): string[] {
  const last = Math.floor(now / MINUTE_MS);
  return Array.from({ length: HEALTH_MINUTES }, (_, back) => keys.outcomesMinute(organization, last - back));
}

export function createOutcomes(redis: Redis, keys: Keys, now: () => number) {
  return { note, read };

  /** Adds what one process has seen. */
  async function note(organization: string, outcomes: readonly Outcome[]): Promise<void> {
    const minute = keys.outcomesMinute(organization, Math.floor(now() / MINUTE_MS));
    const write = redis.multi();
    for (const [field, by] of sumsOf(outcomes)) write.hincrby(minute, field, by);
    write.expire(minute, KEPT_SECONDS);
    for (const [error] of (await write.exec()) ?? []) if (error !== null) throw error;
  }

  async function read(organization: string): Promise<Outcomes> {
    const minutes = await Promise.all(outcomeMinutes(keys, organization, now()).map((minute) => redis.hgetall(minute)));
    const sum = (field: string) => minutes.reduce((total, minute) => total + Number(minute[field] ?? 0), 0);
    return { requests: sum("requests"), errors: sum("errors"), accounts: accountsOf(minutes) };
  }
}

export type OutcomeStore = ReturnType<typeof createOutcomes>;

function sumsOf(outcomes: readonly Outcome[]): Map<string, number> {
  const sums = new Map<string, number>();
  const add = (field: string) => sums.set(field, (sums.get(field) ?? 0) + 1);
  for (const outcome of outcomes) {
    if (outcome.kind === "request") {
      add("requests");
      if (outcome.isError) add("errors");
      continue;
    }
    const { account, end } = outcome;
    add(`used|${account}|${end.model}`);
    if (end.isKeyRefused) add(`refused|${account}`);
    else if (!end.isError) add(`worked|${account}`);
  }
  return sums;
}

/** `minutes`: the newest first. */
function accountsOf(minutes: readonly Record<string, string>[]): AccountOutcomes[] {
  const models = new Map<string, Set<string>>();
  for (const field of minutes.flatMap((minute) => Object.keys(minute))) {
    const [kind, account = "", ...model] = field.split("|");
    if (kind === "used") models.set(account, (models.get(account) ?? new Set()).add(model.join("|")));
  }
  return [...models].map(([account, used]) => {
    const last = minutes.find((minute) => `refused|${account}` in minute || `worked|${account}` in minute) ?? {};
    const isKeyRefused = `refused|${account}` in last && !(`worked|${account}` in last);
    return { account, models: [...used].toSorted(), isKeyRefused };
  });
}
