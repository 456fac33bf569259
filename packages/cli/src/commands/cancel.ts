/** visgate cancel: ends a request at the gateway and at its provider. */
import { EXIT, type ExitCode } from "../errors/failure.js";
import { toApiNames } from "../screen/api-fields.js";
import { oneLine } from "../screen/text.js";
import type { AddCommand, Session } from "../session.js";

const MORE_HELP = `
The answer says whether the request may be charged. visgate status ID shows the final charge_state.

Example:
  visgate cancel 0199b2c4-6f0e-7c3a-9d1b-2a7e5f3c8b10`;

export const addCancel: AddCommand = (program, toAction) => {
  program
    .command("cancel")
    .alias("stop")
    .description("cancel a request at the gateway and at its provider")
    .argument("<id>", "the request's id")
    .option("-j, --json", "print the answer as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(cancel));
};

async function cancel({ createClient, out, json }: Session, id: string): Promise<ExitCode> {
  const answer = await createClient().requests.cancel(id);
  if (json) out.json(toApiNames(answer));
  else out.line(oneLine(`${answer.status}: ${answer.message}`));
  return EXIT.ok;
}
