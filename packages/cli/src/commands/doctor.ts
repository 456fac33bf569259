/** visgate doctor: finds what is wrong with the gateway and what it depends on, and says how to correct it. */
import type { Check, Level } from "../doctor/check.js";
import { runChecks } from "../doctor/run-checks.js";
import { EXIT, type ExitCode } from "../errors/failure.js";
import type { Out, Style } from "../screen/output.js";
import { oneLine } from "../screen/text.js";
import type { AddCommand, Session } from "../session.js";

const STYLES: Record<Level, Style> = { ok: "green", warning: "yellow", fault: "red" };
const LEVEL_WIDTH = "warning".length;
const MORE_HELP = `
Checks the gateway, the API key, Redis and its settings, the workers, the provider keys and the clocks.
It spends nothing and changes nothing. The exit code is 1 if there is a fault.

Examples:
  visgate doctor
  visgate doctor --json | jq '.checks[] | select(.level != "ok")'`;

export const addDoctor: AddCommand = (program, toAction) => {
  program
    .command("doctor")
    .alias("check")
    .description("find faults of the gateway and what it depends on")
    .option("-j, --json", "print the checks as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(doctor));
};

async function doctor(session: Session): Promise<ExitCode> {
  const { out, json, quiet } = session;
  const checks = await runChecks(session);
  const isHealthy = checks.every(({ level }) => level !== "fault");
  if (json) out.json({ ok: isHealthy, checks });
  else printChecks(out, quiet ? checks.filter(({ level }) => level !== "ok") : checks);
  return isHealthy ? EXIT.ok : EXIT.failed;
}

function printChecks(out: Out, checks: readonly Check[]): void {
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { level, name, message, advice } of checks) {
    out.line(`${out.paint(STYLES[level], level.padEnd(LEVEL_WIDTH))} ${name.padEnd(width)} ${oneLine(message)}`);
    if (advice !== null) out.line(`${" ".repeat(LEVEL_WIDTH + 1 + width)} ${oneLine(advice)}`);
  }
}
