/** Money and usage: quotes, receipts, settlements, budgets, usage, billing. Amounts are in USD with six decimals. */
import { z } from "zod";
import { BUDGET_PERIODS } from "../money/budget.js";
import { PERIODS } from "../money/period.js";
import { modelId, numberAsked, requestId, time } from "./formats.js";
import { requestStatus } from "./request.js";

const usd = z.number();
const MAX_USD = 1_000_000_000;
const day = z.iso.date({ error: "must be a day, such as 2026-03-31" }).meta({ example: "2026-03-31" });
/** Other years have no counters, and Date writes the day after the last one of 9999 with more digits. */
const dayAsked = day.regex(/^2\d{3}-/, "must be a day in the years 2000 to 2999");
const count = z.int().nonnegative();
const providerName = z.string();

// Usage: GET /usage, /usage/logs, /usage/export, /dashboard.

const periodFields = {
  period: z.enum(PERIODS).default("month").describe("The day, week (from Monday), month or year that contains date."),
  date: dayAsked.optional().describe("A day in the period; default today, in the time zone of the organization."),
};
export const usageQuery = z.strictObject(periodFields);
export type UsageQuery = z.infer<typeof usageQuery>;

export const usageAnswer = z.object({
  period: z.enum(PERIODS),
  period_start: time,
  period_end: time.describe("The end of the period, which may be in the future."),
  total_requests: count,
  successful_requests: count.describe("Cached ones too."),
  failed_requests: count.describe("Cancelled ones too."),
  cached_requests: count,
  total_provider_cost: usd.describe("USD that providers billed, to any key."),
  total_billed_cost: usd.describe("USD that providers billed to the server's own keys."),
  total_savings: usd.describe("USD that cached outputs cost when they were made."),
  by_provider: z.record(z.string(), count).describe("Requests by provider."),
  by_model: z.record(z.string(), count).describe("Requests by model."),
});
export type UsageAnswer = z.infer<typeof usageAnswer>;

export const usageLogsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50).describe("The maximum number of entries."),
  offset: numberAsked(z.coerce.number().int().min(0).max(1_000_000))
    .default(0)
    .describe("How many of the newest to leave out."),
});
export type UsageLogsQuery = z.infer<typeof usageLogsQuery>;

export const usageLog = requestStatus
  .pick({ model: true, provider: true, media_type: true, mode: true, status: true, cost: true, cache_hit: true })
  .extend({
    id: requestId,
    latency_ms: z.int().nonnegative().nullable(),
    created_at: time,
    api_key_id: z.string(),
  });
export type UsageLog = z.infer<typeof usageLog>;
export const usageLogs = z.object({ logs: z.array(usageLog) });

export const dashboardAnswer = z.object({
  period: z.enum(PERIODS),
  total_generations: count,
  total_cost_usd: usd,
  success_rate: z.number().min(0).max(1).nullable().describe("Of those that have ended. Null when none has."),
  cache_hit_rate: z.number().min(0).max(1).nullable(),
  p50_latency_ms: z.number().nullable().describe("Of those that completed with an output of their own; to about 3 %."),
  by_day: z.array(z.object({ date: day, generations: count, failed: count, cached: count, cost_usd: usd })),
});
export type DashboardAnswer = z.infer<typeof dashboardAnswer>;

// Quotes: POST /quotes.

const leftOf = {
  budget: z.string().describe("operator, organization, key:<id> or provider:<name>."),
  period: z.enum(BUDGET_PERIODS),
  limit_usd: usd,
  spent_usd: usd.describe("Held and settled in the current period."),
  left_usd: usd,
};

export const quoteAnswer = z.object({
  model: modelId,
  provider: providerName,
  media_type: z.enum(["video", "image"]),
  duration_seconds: z.number().nullable().describe("As it will be made and billed."),
  cost_usd: usd.nullable().describe("What the call will hold; null when the price is not known."),
  cost_source: z.literal("catalogue"),
  pricing: z.string().nullable(),
  mode: z.enum(["managed", "byok"]),
  p50_latency_ms: z.number().nullable().describe("From the organization's own requests of this and the last month."),
  p90_latency_ms: z.number().nullable(),
  samples: count.describe("How many requests these times are from."),
  usual_latency_ms: z.number().describe("From the catalogue."),
  budgets: z.array(z.object({ ...leftOf, has_room: z.boolean() })).describe("The budgets that apply to the call."),
  would_be_accepted: z.boolean().describe("Whether all budgets have room for it now."),
  fallback: z
    .array(
      z.object({
        model: modelId,
        provider: providerName,
        duration_seconds: z.number().nullable(),
        cost_usd: usd.nullable().describe("What the call will hold if it goes on with this model."),
        mode: z.enum(["managed", "byok"]),
      }),
    )
    .optional()
    .describe("The models of fallback, in the order in which they are tried."),
});
export type QuoteAnswer = z.infer<typeof quoteAnswer>;

// Receipts and settlements: GET /requests/{id}/receipt, POST /requests/{id}/settle.

export const receipt = z.object({
  request_id: requestId,
  model: modelId,
  provider: providerName,
  mode: z.enum(["managed", "byok"]),
  simulated: z.boolean(),
  status: requestStatus.shape.status,
  charge_state: requestStatus.shape.charge_state,
  api_key_id: z.string().nullable(),
  day: day.describe("The day on which the request counts, in the time zone of the organization."),
  quote: z.object({ cost_usd: usd.nullable(), cost_source: z.literal("catalogue") }),
  held_usd: usd.describe("What is still set aside."),
  attempts: z.array(
    z.object({
      attempt: z.int().positive(),
      at: time,
      outcome: z.enum(["accepted", "rejected", "unknown"]),
      provider_request_id: z.string().nullable(),
      model: modelId.optional().describe("Only with fallback: the model of this submit."),
      provider: providerName.optional(),
    }),
  ),
  tried: z
    .array(
      z.object({
        model: modelId,
        provider: providerName,
        mode: z.enum(["managed", "byok"]),
        attempts: z.array(z.int().positive()).describe("Its submits, by their numbers in attempts."),
        error_code: z.string(),
        error_message: z.string(),
        charge_state: requestStatus.shape.charge_state,
        provider_request_id: z.string().nullable(),
        cost_usd: usd.describe("Always 0: a model that was or may be billed is the last one."),
        skipped: z.boolean().describe("It had failed for others just before, so it was not tried."),
        at: time,
      }),
    )
    .optional()
    .describe("Only with fallback: the models before the one above, in the order in which they were tried."),
  settlement: z
    .object({
      cost_usd: usd,
      cost_source: z.enum(["provider", "catalogue", "caller"]).nullable(),
      units: z.number().nullable().describe("The units that the provider billed, when it says so."),
    })
    .nullable()
    .describe("Null while nothing is settled."),
  saved_usd: usd.describe("What the cached output cost when it was made."),
});
export type Receipt = z.infer<typeof receipt>;

export const settleBody = z.discriminatedUnion("outcome", [
  z.strictObject({
    outcome: z.literal("charged").describe("The provider billed the request."),
    cost_usd: z.number().min(0).max(MAX_USD).optional().describe("What it billed. Default: the estimate."),
  }),
  z.strictObject({ outcome: z.literal("released").describe("The provider did not bill it.") }),
]);
export type SettleBody = z.infer<typeof settleBody>;

// Budgets: /budgets.

const MAX_BUDGET_USD = 1_000_000_000;
const limit = z
  .number()
  .positive()
  .max(MAX_BUDGET_USD)
  .refine((value) => Number.isInteger(Math.round(value * 1e6)) && value >= 1e-6, "must be at least 0.000001");

export const setBudgetBody = z.strictObject({
  subject: z
    .string()
    .regex(
      /^(organization|key:[\w-]{1,100}|provider:[\w-]{1,40})$/,
      "must be organization, key:<id> or provider:<name>",
    )
    .describe("What it limits: organization, key:<id of an API key> or provider:<name>."),
  period: z.enum(BUDGET_PERIODS).describe("In the time zone of the organization."),
  limit_usd: limit.describe("How much may be held and settled in the period."),
});
export type SetBudgetBody = z.infer<typeof setBudgetBody>;

export const budgetQuery = z.strictObject({
  subject: setBudgetBody.shape.subject.meta({ example: "organization" }),
  period: setBudgetBody.shape.period.meta({ example: "month" }),
});

export const budgetView = z.object({
  subject: z.string().describe("operator: set by the operator of the server."),
  period: z.enum(BUDGET_PERIODS),
  limit_usd: usd,
  spent_usd: usd,
  left_usd: usd,
  renews_on: day.describe("The day on which the next period begins."),
});
export type BudgetView = z.infer<typeof budgetView>;

/** The data of the event `budget.threshold`. */
export const budgetThreshold = budgetView.extend({
  threshold_percent: z.int().describe("80, or 100 when the budget has been used up or had no room for a request."),
});
export type BudgetThreshold = z.infer<typeof budgetThreshold>;

export const budgetList = z.object({ budgets: z.array(budgetView) });
export const budgetDeleted = z.object({
  subject: z.string(),
  period: z.enum(BUDGET_PERIODS),
  deleted: z.literal(true),
});

export const setOperatorBudgetBody = setBudgetBody.omit({ subject: true });
export const operatorBudgetQuery = budgetQuery.pick({ period: true });

// Billing: GET /billing/info, /billing/stats, /billing/pricing.

export const billingInfo = z.object({
  organization: z.object({ id: z.string(), name: z.string() }),
  plan: z.literal("self-hosted"),
  currency: z.literal("USD"),
  period_start: time,
  period_end: time,
  monthly_budget_usd: usd
    .nullable()
    .describe("The smaller one of the operator's and the organization's own; null: none."),
  monthly_spend_usd: usd.describe("Settled in this month."),
  held_usd: usd.describe("Set aside for requests that are not settled."),
  remaining_usd: usd.nullable(),
});
export type BillingInfo = z.infer<typeof billingInfo>;

export const billingStats = usageAnswer.pick({
  period_start: true,
  period_end: true,
  total_requests: true,
  successful_requests: true,
  failed_requests: true,
  cached_requests: true,
  total_provider_cost: true,
  total_billed_cost: true,
  total_savings: true,
});
export type BillingStats = z.infer<typeof billingStats>;

export const billingPricing = z.object({
  currency: z.literal("USD"),
  models: z.array(
    z.object({
      id: modelId,
      provider: providerName,
      media_type: z.enum(["video", "image"]),
      unit: z.string(),
      pricing: z.string().nullable(),
      base_cost_usd: usd.nullable().describe("A call with only a prompt. Null when the price is not known."),
    }),
  ),
});
export type BillingPricing = z.infer<typeof billingPricing>;

// POST /admin/organizations/{id}/recount.

export const recountAnswer = z.object({
  organization: z.string(),
  entries: count.describe("Entries of the ledger that were read."),
  counters: count.describe("Counters that were compared."),
  differences: z.array(z.object({ counter: z.string(), field: z.string(), counted: z.int(), recounted: z.int() })),
});
export type RecountAnswer = z.infer<typeof recountAnswer>;
