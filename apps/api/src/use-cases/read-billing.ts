/** Billing, for clients that print it: the plan, what was spent in this month, and the price list. */

import { defaultPrice, priceText } from "@visgate/shared/catalogue";
import type { BillingInfo, BillingPricing } from "@visgate/shared/contract";
import { dayOf, periodAround } from "@visgate/shared/money";
import type { Organization } from "@visgate/shared/organization";
import { microToUsd } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { listBudgets } from "./manage-budgets.js";
import { readUsage, timesOf } from "./read-usage.js";

const OF_ALL = ["operator", "organization"];

export async function readBilling(
  deps: Pick<Deps, "store" | "clock">,
  organization: Organization,
): Promise<BillingInfo> {
  const [usage, budgets, balance] = await Promise.all([
    readUsage(deps, organization, { period: "month" }),
    listBudgets(deps, organization),
    deps.store.ledger.balance(organization.id),
  ]);
  const monthly = budgets.filter(({ subject, period }) => period === "month" && OF_ALL.includes(subject));
  const smallest = monthly.sort((one, other) => one.left_usd - other.left_usd)[0];
  const { id, name, timeZone } = organization;
  return {
    organization: { id, name },
    ...{ plan: "self-hosted", currency: "USD" },
    ...timesOf(periodAround(dayOf(deps.clock.now(), timeZone), "month"), organization),
    monthly_budget_usd: smallest?.limit_usd ?? null,
    monthly_spend_usd: usage.total_provider_cost,
    held_usd: microToUsd(balance.heldMicro),
    remaining_usd: smallest?.left_usd ?? null,
  };
}

export function readPricing({ catalogue }: Pick<Deps, "catalogue">): BillingPricing {
  const models = [...catalogue.values()].map((model) => {
    const { baseMicro } = defaultPrice(model);
    return {
      ...{ id: model.id, provider: model.provider, media_type: model.mediaType, unit: model.price.unit },
      pricing: priceText(model.price),
      base_cost_usd: baseMicro === null ? null : microToUsd(baseMicro),
    };
  });
  return { currency: "USD", models };
}
