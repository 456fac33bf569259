/** visgate admin budget: the operator's limit of what an organization may spend. */
import type { Budget, BudgetDeleted, BudgetKey } from "@visgate_ai/client";
import { positive } from "../arguments.js";
import { EXIT, type ExitCode } from "../errors/failure.js";
import { periodOption } from "../money/period-option.js";
import { printBudget, printBudgets, printDeletedBudget } from "../money/print-budget.js";
import type { AddCommand, Session } from "../session.js";
import { openAdmin } from "./gateway.js";
import { ORGANIZATION, organizationPath } from "./organization.js";

interface Flags {
  period: BudgetKey["period"];
}

const MORE_HELP = `
The organization sees the operator's budget, and cannot change it.

Examples:
  visgate admin budget list acme
  visgate admin budget set acme 1000
  visgate admin budget remove acme --period day`;

export const addAdminBudget: AddCommand = (admin, toAction) => {
  const budget = admin
    .command("budget")
    .alias("budgets")
    .description("limit what an organization may spend")
    .addHelpText("after", MORE_HELP);
  budget
    .command("list")
    .description("list the operator's budget and those of the organization, and what is left of them")
    .argument(...ORGANIZATION)
    .option("-j, --json", "print them as one JSON object")
    .addHelpText("after", "\nExample:\n  visgate admin budget list acme")
    .action(toAction(list));
  budget
    .command("set")
    .description("set the operator's budget, in place of an earlier one")
    .argument(...ORGANIZATION)
    .argument("<usd>", "what may be held and settled in each period, in USD", positive)
    .addOption(periodOption())
    .option("-j, --json", "print the answer as one JSON object")
    .addHelpText("after", "\nExample:\n  visgate admin budget set acme 1000 --period month")
    .action(toAction(set));
  budget
    .command("remove")
    .alias("delete")
    .description("remove the operator's budget; the organization's own budgets stay")
    .argument(...ORGANIZATION)
    .addOption(periodOption())
    .option("-j, --json", "print the answer as one JSON object")
    .addHelpText("after", "\nExample:\n  visgate admin budget remove acme --period month")
    .action(toAction(remove));
};

async function list(session: Session, organization: string): Promise<ExitCode> {
  const path = organizationPath(organization, "budgets");
  const { budgets } = await openAdmin(session)<{ budgets: Budget[] }>({ method: "GET", path });
  await printBudgets(session, budgets);
  return EXIT.ok;
}

async function set(session: Session, organization: string, limitUsd: number, { period }: Flags): Promise<ExitCode> {
  const body = { period, limit_usd: limitUsd };
  const path = organizationPath(organization, "budgets");
  await printBudget(session, await openAdmin(session)<Budget>({ method: "PUT", path, body }));
  return EXIT.ok;
}

async function remove(session: Session, organization: string, { period }: Flags): Promise<ExitCode> {
  const path = `${organizationPath(organization, "budgets")}?period=${period}`;
  printDeletedBudget(session, await openAdmin(session)<BudgetDeleted>({ method: "DELETE", path }));
  return EXIT.ok;
}
