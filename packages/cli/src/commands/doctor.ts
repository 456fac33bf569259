/** visgate doctor: what is wrong with the gateway and its surroundings, and what to do. */
import type { AddCommand } from "../act.js";
import type { Check, Level } from "../doctor/check.js";
import { examine } from "../doctor/examine.js";
import { EXIT, type ExitCode } from "../errors/exit-codes.js";
import type { Out, Style } from "../screen/output.js";
import { plain } from "../screen/text.js";
import type { Session } from "../session.js";

const STYLES: Record<Level, Style> = { ok: "green", warning: "yellow", fault: "red" };
const MORE_HELP = `
Looks at the gateway, the key, Redis and its settings, the workers, the providers' keys and the clocks.
Spends nothing, changes nothing. The exit code is 1 if there is a fault.

Examples:
  visgate doctor
  visgate doctor --json | jq '.checks[] | select(.level != "ok")'`;

export const addDoctor: AddCommand = (program, act) => {
  program
    .command("doctor")
    .description("look for faults of the gateway and its surroundings")
    .option("--json", "print the findings as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(act(doctor));
};

async function doctor(session: Session): Promise<ExitCode> {
  const { out, json, quiet } = session;
  const checks = await examine(session);
  const isHealthy = checks.every(({ level }) => level !== "fault");
  if (json) out.json({ ok: isHealthy, checks });
  else for (const check of checks) if (!quiet || check.level !== "ok") show(out, check);
  return isHealthy ? EXIT.ok : EXIT.failed;
}

function show(out: Out, { level, name, message, advice }: Check): void {
  out.line(`${out.paint(STYLES[level], level.padEnd(7))} ${name.padEnd(11)} ${plain(message)}`);
  if (advice !== null) out.line(`${" ".repeat(19)} ${plain(advice)}`);
}
