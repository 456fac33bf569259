/** visgate doctor: finds what is wrong with the gateway and what it depends on, and says how to correct it. */
import type { Check, Level } from "../doctor/check.js";
import { runChecks } from "../doctor/run-checks.js";
import { EXIT, type ExitCode } from "../errors/failure.js";
import type { Out, Style } from "../screen/output.js";
import { oneLine } from "../screen/text.js";
import type { AddCommand, Session } from "../session.js";

const STYLES: Record<Level, Style> = { ok: "green", warning: "yellow", fault: "red" };
const MORE_HELP = `
Checks the gateway, the API key, Redis and its settings, the workers, the provider keys and the clocks.
It spends nothing and changes nothing. The exit code is 1 if there is a fault.

Examples:
  visgate doctor
  visgate doctor --json | jq '.checks[] | select(.level != "ok")'`;

export const addDoctor: AddCommand = (program, toAction) => {
  program
    .command("doctor")
    .description("find faults of the gateway and what it depends on")
    .option("--json", "print the checks as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(doctor));
};

async function doctor(session: Session): Promise<ExitCode> {
  const { out, json, quiet } = session;
  const checks = await runChecks(session);
  const isHealthy = checks.every(({ level }) => level !== "fault");
  if (json) out.json({ ok: isHealthy, checks });
  else for (const check of checks) if (!quiet || check.level !== "ok") printCheck(out, check);
  return isHealthy ? EXIT.ok : EXIT.failed;
}

function printCheck(out: Out, { level, name, message, advice }: Check): void {
  out.line(`${out.paint(STYLES[level], level.padEnd(7))} ${name.padEnd(11)} ${oneLine(message)}`);
  if (advice !== null) out.line(`${" ".repeat(19)} ${oneLine(advice)}`);
}
