/** What a generation would cost and how long it would take. Nothing is submitted or set aside. */

import { type CatalogueModel, type GenerationInput, givenMedia, plan, priceText } from "@visgate/shared/catalogue";
import type { QuoteAnswer } from "@visgate/shared/contract";
import {
  addDays,
  applyingBudgets,
  type BudgetSubject,
  budgetId,
  dayOf,
  monthOf,
  percentileOf,
  timesKey,
} from "@visgate/shared/money";
import type { ApiKey, Organization } from "@visgate/shared/organization";
import { modeOf } from "@visgate/shared/request";
import { checkUrl } from "@visgate/shared/runtime/net";
import { microToUsd } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { findModel, requireModel } from "./check-model.js";
import { listBudgets } from "./manage-budgets.js";
import { requireKey } from "./pick-key.js";
import { type PlannedAlternative, planFallback } from "./plan-fallback.js";
import { prepareInputs } from "./prepare-inputs.js";
import { resolveRoute } from "./resolve-route.js";
import { withCheckedWebhookUrl } from "./submit-request.js";

export interface QuoteCommand {
  apiKey: ApiKey;
  organization: Organization;
  input: GenerationInput;
  callerKeys: Record<string, string | undefined>;
}

export async function quoteRequest(deps: Deps, command: QuoteCommand): Promise<QuoteAnswer> {
  const { apiKey, organization, callerKeys } = command;
  const checked = withCheckedWebhookUrl(deps, command.input);
  const input = await resolveRoute(deps, { apiKey, organization: organization.id, input: checked, callerKeys });
  const model = findModel(deps, input.model, input.mediaType);
  requireModel(apiKey, model);
  const { provider } = model;
  const { account } = await requireKey(deps, { organization: organization.id, provider, callerKeys });
  const planned = plan(model, input, (url) => checkUrl(url, deps.settings.urlPolicy).href);
  const copyOutput = deps.settings.copyOutputs && input.copyOutput;
  const question = { apiKey, organization: organization.id, input, callerKeys, copyOutput };
  const alternatives = await planFallback(deps, question);
  await prepareInputs(deps, organization.id, givenMedia(input), input.convert);
  const costMicro = planned.estimatedCostMicro;
  const budgets = await budgetsFor(deps, command, { model, costMicro });
  return {
    model: model.id,
    provider: model.provider,
    media_type: model.mediaType,
    duration_seconds: planned.input.durationSeconds,
    cost_usd: costMicro === null ? null : microToUsd(costMicro),
    cost_source: "catalogue",
    pricing: priceText(model.price),
    mode: modeOf(account),
    ...(await timesOf(deps, organization, model)),
    budgets,
    would_be_accepted: budgets.every(({ has_room }) => has_room),
    ...(alternatives.length === 0 ? {} : { fallback: alternatives.map(quoteOf) }),
  };
}

function quoteOf({ alternative }: PlannedAlternative): NonNullable<QuoteAnswer["fallback"]>[number] {
  const { model, provider, input, estimatedCostMicro, account } = alternative;
  return {
    ...{ model, provider, duration_seconds: input.durationSeconds, mode: modeOf(account) },
    cost_usd: estimatedCostMicro === null ? null : microToUsd(estimatedCostMicro),
  };
}

interface Planned {
  model: CatalogueModel;
  costMicro: number | null;
}

async function budgetsFor(
  deps: Deps,
  { apiKey, organization }: QuoteCommand,
  { model, costMicro }: Planned,
): Promise<QuoteAnswer["budgets"]> {
  const day = dayOf(deps.clock.now(), organization.timeZone);
  const { ids } = applyingBudgets({ day, provider: model.provider, apiKeyId: apiKey.id });
  const all = await listBudgets(deps, organization);
  return all
    .filter(({ subject, period }) => ids.includes(budgetId(subject as BudgetSubject, period)))
    .map(({ subject, period, limit_usd, spent_usd, left_usd }) => ({
      ...{ budget: subject, period, limit_usd, spent_usd, left_usd },
      has_room: costMicro !== null && microToUsd(costMicro) <= left_usd,
    }));
}

/** Of this month and the one before, because the first days of a month have no history yet. */
async function timesOf({ store, clock }: Deps, { id, timeZone }: Organization, model: CatalogueModel) {
  const month = monthOf(dayOf(clock.now(), timeZone));
  const months = [month, monthOf(addDays(`${month}-01`, -1))];
  const times = new Map<number, number>();
  for (const counter of await Promise.all(months.map((one) => store.ledger.counter(id, timesKey(one, model.id))))) {
    for (const [bucket, count] of counter) times.set(Number(bucket), (times.get(Number(bucket)) ?? 0) + count);
  }
  return {
    p50_latency_ms: percentileOf(times, 0.5),
    p90_latency_ms: percentileOf(times, 0.9),
    samples: [...times.values()].reduce((sum, count) => sum + count, 0),
    usual_latency_ms: model.usualSeconds * 1000,
  };
}
