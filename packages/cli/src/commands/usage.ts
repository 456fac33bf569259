/** visgate usage: what was used and spent in a day, week, month or year. */
import type { UsageQuery } from "@visgate_ai/client";
import { InvalidArgumentError, Option } from "commander";
import { omitUndefined } from "../arguments.js";
import { EXIT, type ExitCode } from "../errors/failure.js";
import { DAY_HEADER, dayRows, MODEL_HEADER, modelRows, usageRows } from "../money/rows.js";
import { toApiNames } from "../screen/api-fields.js";
import { oneLine, usd } from "../screen/text.js";
import type { AddCommand, Session } from "../session.js";

interface Flags {
  period: NonNullable<UsageQuery["period"]>;
  date?: string;
  by?: "model" | "day";
  csv?: boolean;
}

const EMPTY = { empty: "No requests in this period." };
const MORE_HELP = `
total_provider_cost is what providers billed; total_billed_cost is the part that they billed to the gateway's own keys.
A request counts on the day on which it was accepted, in the time zone of the organization. --quiet prints only
total_provider_cost.

Examples:
  visgate usage
  visgate usage --period year --date 2026-01-01
  visgate usage --by day | tail -1
  visgate usage --json | jq .total_billed_cost
  visgate usage --period month --csv > usage.csv`;

export const addUsage: AddCommand = (program, toAction) => {
  program
    .command("usage")
    .description("show what was used and spent")
    .addOption(
      new Option("--period <period>", "the period that contains --date")
        .choices(["day", "week", "month", "year"])
        .default("month"),
    )
    .option("--date <day>", "a day in the period, such as 2026-11-29; today unless given", dayOfPeriod)
    .addOption(
      new Option("--by <what>", "print only the requests of each model, or of each day").choices(["model", "day"]),
    )
    .addOption(new Option("--csv", "print a line per day, model, API key and tag, as CSV").conflicts(["json", "by"]))
    .option("-j, --json", "print it as one JSON object: GET /usage, with --by day GET /dashboard")
    .addHelpText("after", MORE_HELP)
    .action(toAction(usage));
};

function dayOfPeriod(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a day, such as 2026-11-29.");
}

async function usage(session: Session, { period, date, by, csv }: Flags): Promise<ExitCode> {
  const query = { period, ...omitUndefined<UsageQuery>({ date }) };
  if (csv) await printCsv(session, query);
  else if (by === "day") await printDays(session, query);
  else await printUsage(session, query, by === "model");
  return EXIT.ok;
}

async function printCsv({ createClient, io }: Session, query: UsageQuery): Promise<void> {
  const csv = await createClient().usage.export(query);
  io.stdout.write(io.stdout.isTTY === true ? forTerminal(csv) : csv);
}

/** Callers choose the tags, which must not steer the terminal. */
const forTerminal = (csv: string): string => csv.split("\r\n").map(oneLine).join("\n");

async function printDays({ createClient, out, json }: Session, query: UsageQuery): Promise<void> {
  const dashboard = await createClient().usage.dashboard(query);
  if (json) out.json(toApiNames(dashboard));
  else await out.table(DAY_HEADER, dayRows(dashboard), EMPTY);
}

async function printUsage(session: Session, query: UsageQuery, onlyModels: boolean): Promise<void> {
  const { createClient, out, json, quiet } = session;
  const summary = await createClient().usage.get(query);
  if (json) return out.json(toApiNames(summary));
  if (onlyModels) return out.table(MODEL_HEADER, modelRows(summary), EMPTY);
  if (quiet) return out.line(usd(summary.totalProviderCost));
  await out.table(["FIELD", "VALUE"], usageRows(summary));
  if (summary.totalRequests === 0) return;
  out.line("");
  await out.table(MODEL_HEADER, modelRows(summary));
}
