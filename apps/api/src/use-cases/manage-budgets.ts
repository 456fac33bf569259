/** Sets, lists and removes budgets. The operator's budget of an organization is out of the organization's reach. */
import { PROVIDER_NAMES } from "@visgate/providers";
import type { BudgetView } from "@visgate/shared/contract";
import { invalid, VisgateError } from "@visgate/shared/errors";
import { type Budget, type BudgetPeriod, type BudgetSubject, budgetView, dayOf } from "@visgate/shared/money";
import type { Actor, Organization } from "@visgate/shared/organization";
import { MAX_BUDGETS } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

type BudgetDeps = Pick<Deps, "store" | "clock">;

export async function listBudgets(deps: BudgetDeps, { id, timeZone }: Organization): Promise<BudgetView[]> {
  const today = dayOf(deps.clock.now(), timeZone);
  return (await deps.store.budgets.list(id, today)).map((state) => budgetView(state, state.spentMicro, today));
}

export interface SetBudgetCommand {
  organization: Organization;
  by: Actor;
  subject: BudgetSubject;
  period: BudgetPeriod;
  limitUsd: number;
}

export async function setBudget(deps: BudgetDeps, command: SetBudgetCommand): Promise<BudgetView> {
  const { organization, by, subject, period, limitUsd } = command;
  await checkSubject(deps, organization, subject);
  const budget: Budget = { subject, period, limitMicro: Math.round(limitUsd * 1e6) };
  const details = { subject, period, limit_usd: limitUsd };
  const audit = { action: "budget.set", by, at: deps.clock.now(), target: `${subject}|${period}`, details } as const;
  if (!(await deps.store.budgets.set(organization.id, budget, audit))) {
    throw invalid("subject", `There may be at most ${MAX_BUDGETS} budgets; delete one first.`, {
      maximum: MAX_BUDGETS,
    });
  }
  const all = await listBudgets(deps, organization);
  const view = all.find((one) => one.subject === subject && one.period === period);
  return view ?? budgetView(budget, 0, dayOf(deps.clock.now(), organization.timeZone));
}

/** A budget of a key or a provider that does not exist would never be used: it is a mistake of the caller. */
async function checkSubject(deps: BudgetDeps, { id }: Organization, subject: BudgetSubject): Promise<void> {
  const [kind, name = ""] = subject.split(":");
  if (kind === "provider" && !PROVIDER_NAMES.includes(name)) {
    throw invalid("subject", `subject: there is no provider ${name}.`, PROVIDER_NAMES);
  }
  if (kind === "key" && (await deps.store.apiKeys.get(id, name)) === null) {
    throw invalid("subject", "subject: there is no such API key.");
  }
}

export interface DeleteBudgetCommand {
  organization: string;
  by: Actor;
  subject: BudgetSubject;
  period: BudgetPeriod;
}

export async function deleteBudget(deps: BudgetDeps, command: DeleteBudgetCommand): Promise<void> {
  const { organization, by, subject, period } = command;
  const target = `${subject}|${period}`;
  const audit = { action: "budget.deleted", by, at: deps.clock.now(), target, details: {} } as const;
  if (await deps.store.budgets.remove(organization, subject, period, audit)) return;
  throw new VisgateError("NOT_FOUND", "There is no such budget.");
}
