/** `client.usage`: what was used and spent, and the budgets. */
import type { Http } from "../http.js";
import type {
  BillingInfo,
  Budget,
  BudgetDeleted,
  BudgetKey,
  BudgetLimit,
  Dashboard,
  UsageLogQuery,
  UsageLogs,
  UsageQuery,
  UsageSummary,
} from "../types.generated.js";
import { type OptionalFields, requestBody } from "../wire-format.js";

export type UsageLog = UsageLogs["logs"][number];

export interface Budgets {
  /** All budgets, with what is left of them. The operator's budget of the organization is listed too. */
  list(): Promise<Budget[]>;
  /** Sets a budget, in place of an earlier one for the same subject and period. */
  set(budget: BudgetLimit): Promise<Budget>;
  /** Removes a budget. @throws VisgateError `NOT_FOUND` */
  delete(budget: BudgetKey): Promise<BudgetDeleted>;
}

export interface UsageResource {
  /** The usage of a day, week, month (unless given) or year: the current one, or the one that contains `date`. */
  get(query?: OptionalFields<UsageQuery>): Promise<UsageSummary>;
  /** Requests with what they cost, newest first; 50 unless `limit` (at most 500) says otherwise. */
  logs(query?: OptionalFields<UsageLogQuery>): Promise<UsageLog[]>;
  /** Key figures of a period, and its days. */
  dashboard(query?: OptionalFields<UsageQuery>): Promise<Dashboard>;
  /** One line per day, mode, model, API key and usage tag, as CSV. */
  export(query?: OptionalFields<UsageQuery>): Promise<string>;
  /** The month's budget and spend. */
  billing(): Promise<BillingInfo>;
  readonly budgets: Budgets;
}

/** An export has a line for each day, model, key and tag, so that of a year can be long. */
const CSV = { mediaType: "text/csv", maxBytes: 256 * 2 ** 20 };
const BUDGET = { subject: "string", limitUsd: "number" };

export function createUsage(http: Http): UsageResource {
  return {
    get: (query = {}) => http.json({ path: "/usage", query, expected: { totalRequests: "number" } }),
    logs: (query = {}) => http.field({ path: "/usage/logs", query, field: "logs" }),
    dashboard: (query = {}) => http.json({ path: "/dashboard", query, expected: { totalGenerations: "number" } }),
    export: (query = {}) => http.text({ path: "/usage/export", query }, CSV),
    billing: () => http.json({ path: "/billing/info", expected: { monthlySpendUsd: "number" } }),
    budgets: {
      list: () => http.field({ path: "/budgets", field: "budgets" }),
      set: async (budget) =>
        http.json({ method: "PUT", path: "/budgets", body: requestBody(budget), expected: BUDGET }),
      delete: async ({ subject, period }) =>
        http.json({
          method: "DELETE",
          path: "/budgets",
          query: { subject, period },
          expected: { subject: "string" },
          // The earlier try, whose answer was lost, may have removed the budget.
          afterLostTry: ({ errorCode }) => (errorCode === "NOT_FOUND" ? { subject, period, deleted: true } : null),
        }),
    },
  };
}
