/** Budgets in Redis. The scripts that set money aside read them (lua/budgets.lua). */
import type { Redis } from "ioredis";
import {
  type Budget,
  type BudgetPeriod,
  type BudgetSubject,
  budgetId,
  parseBudgetId,
  spentOf,
} from "../money/budget.js";
import { alertsKey, spentKey } from "../money/ledger.js";
import type { AuditEntry } from "../organization/audit.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";
import { changeSetting, createSettings } from "./settings.js";

/** The maximum per organization. */
export const MAX_BUDGETS = 2000;

/** What lua/budgets.lua notes when the alert for 100 % was raised. */
const FULL_NOTES = ["100", "full"];
/** From this share on, a budget that had no room for a call counts as used up. */
const NEARLY = 0.8;

export interface BudgetState extends Budget {
  /** Held and settled in the current period. */
  spentMicro: number;
}

export function createBudgets(redis: Redis, keys: Keys, scripts: Scripts) {
  const limits = createSettings<number>({ redis, keys, scripts, keyOf: keys.budgets, maximum: MAX_BUDGETS });

  return {
    /** False when the organization has the maximum number. */
    async set(organization: string, { subject, period, limitMicro }: Budget, audit: AuditEntry): Promise<boolean> {
      const id = budgetId(subject, period);
      const { isFull } = await changeSetting(limits, { organization, id }, () => ({ after: limitMicro, audit }));
      return !isFull;
    },

    /** False when there is no such budget. */
    async remove(organization: string, subject: BudgetSubject, period: BudgetPeriod, audit: AuditEntry) {
      const { before } = await changeSetting(limits, { organization, id: budgetId(subject, period) }, (limit) =>
        limit === null ? null : { after: null, audit },
      );
      return before !== null;
    },

    /**
     * Those of the period that contains `day` that are used up, or are nearly used up and had no room for a call.
     */
    async withoutRoom(organization: string, day: string): Promise<BudgetState[]> {
      const [all, noted] = await Promise.all([
        list(organization, day),
        redis.hgetall(keys.counter(organization, alertsKey(day))),
      ]);
      return all.filter((budget) => {
        const { subject, period, limitMicro, spentMicro } = budget;
        const note = noted[`${budgetId(subject, period)}|${spentOf(budget, day)}`] ?? "";
        const hadNoRoom = FULL_NOTES.some((full) => note === `${limitMicro}|${full}`);
        return spentMicro >= limitMicro || (hadNoRoom && spentMicro >= NEARLY * limitMicro);
      });
    },

    list,
  };

  /** All budgets, with what was spent of them in the day and the month that contain `day`. */
  async function list(organization: string, day: string): Promise<BudgetState[]> {
    const found = Object.entries(await redis.hgetall(keys.budgets(organization)));
    return Promise.all(
      found
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(async ([id, limit]) => {
          const budget = parseBudgetId(id);
          const spent = await redis.hget(keys.counter(organization, spentKey(day)), spentOf(budget, day));
          return { ...budget, limitMicro: Number(limit), spentMicro: Number(spent ?? 0) };
        }),
    );
  }
}
