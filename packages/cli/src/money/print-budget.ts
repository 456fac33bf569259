/** Budgets on the screen. */
import type { Budget, BudgetDeleted } from "@visgate_ai/client";
import { toApiNames } from "../screen/api-fields.js";
import { usd } from "../screen/text.js";
import type { Session } from "../session.js";

const HEADER = ["BUDGET", "PERIOD", "LIMIT", "SPENT", "LEFT", "RENEWS"];

export async function printBudgets({ out, json }: Session, budgets: readonly Budget[]): Promise<void> {
  if (json) out.json({ budgets: toApiNames(budgets) });
  else await out.table(HEADER, budgets.map(row), { empty: "No budgets: spending is not limited." });
}

export async function printBudget({ out, json }: Session, budget: Budget): Promise<void> {
  if (json) out.json(toApiNames(budget));
  else await out.table(HEADER, [row(budget)]);
}

export function printDeletedBudget({ out, json }: Session, deleted: BudgetDeleted): void {
  if (json) out.json(toApiNames(deleted));
  else out.line(`deleted: ${deleted.subject}, ${deleted.period}`);
}

function row({ subject, period, limitUsd, spentUsd, leftUsd, renewsOn }: Budget): string[] {
  return [subject, period, usd(limitUsd), usd(spentUsd), usd(leftUsd), renewsOn];
}
