/** visgate budget: how much may be spent in a day or a month. */
import type { BudgetKey } from "@visgate_ai/client";
import { type Command, Option } from "commander";
import { positive } from "../arguments.js";
import { EXIT, type ExitCode } from "../errors/failure.js";
import { listByDefault } from "../list-by-default.js";
import { periodOption } from "../money/period-option.js";
import { printBudget, printBudgets, printDeletedBudget } from "../money/print-budget.js";
import type { AddCommand, Session } from "../session.js";

interface Flags {
  period: BudgetKey["period"];
  key?: string;
  provider?: string;
}

const MORE_HELP = `
A generation is refused (BUDGET_EXCEEDED) when its price would cross a budget. Without --key and --provider, the
budget is that of the whole organization. The budget "operator" in the list is set by the operator of the gateway.
set and remove need a key with the scope manage.

Examples:
  visgate budget
  visgate budget set 500
  visgate budget set 20 --period day --key KEY_ID
  visgate budget set 100 --provider NAME
  visgate budget remove --period day --key KEY_ID`;

export const addBudget: AddCommand = (program, toAction) => {
  const budget = program
    .command("budget")
    .alias("budgets")
    .description("limit what may be spent in a day or a month")
    .addHelpText("after", MORE_HELP);
  listByDefault(budget)
    .description("list budgets, and what is left of them")
    .option("-j, --json", "print them as one JSON object")
    .addHelpText("after", "\nExample:\n  visgate budget list --json | jq '.budgets[].left_usd'")
    .action(toAction(list));
  subjectOptions(
    budget
      .command("set")
      .description("set a budget, in place of an earlier one")
      .argument("<usd>", "what may be held and settled in each period, in USD", positive),
  )
    .addHelpText("after", "\nExample:\n  visgate budget set 20 --period day --key KEY_ID")
    .action(toAction(set));
  subjectOptions(budget.command("remove").alias("delete").description("remove a budget"))
    .addHelpText("after", "\nExample:\n  visgate budget remove --period day --key KEY_ID")
    .action(toAction(remove));
};

function subjectOptions(command: Command): Command {
  return command
    .addOption(periodOption())
    .addOption(new Option("--key <id>", "the budget of one API key: an id from visgate keys").conflicts("provider"))
    .option("--provider <name>", "the budget of one provider")
    .option("-j, --json", "print the answer as one JSON object");
}

function subjectOf({ key, provider }: Flags): string {
  if (key !== undefined) return `key:${key}`;
  return provider === undefined ? "organization" : `provider:${provider}`;
}

async function list(session: Session): Promise<ExitCode> {
  await printBudgets(session, await session.createClient().usage.budgets.list());
  return EXIT.ok;
}

async function set(session: Session, limitUsd: number, flags: Flags): Promise<ExitCode> {
  const budget = { subject: subjectOf(flags), period: flags.period, limitUsd };
  await printBudget(session, await session.createClient().usage.budgets.set(budget));
  return EXIT.ok;
}

async function remove(session: Session, flags: Flags): Promise<ExitCode> {
  const budget = { subject: subjectOf(flags), period: flags.period };
  printDeletedBudget(session, await session.createClient().usage.budgets.delete(budget));
  return EXIT.ok;
}
