/** visgate cancel: ends a request at the gateway and at its provider. */
import type { AddCommand } from "../act.js";
import { EXIT, type ExitCode } from "../errors/exit-codes.js";
import { plain } from "../screen/text.js";
import { toApi } from "../screen/wire.js";
import type { Session } from "../session.js";

const MORE_HELP = `
The answer says what happens to the money; visgate status ID has the last word (charge_state).

Example:
  visgate cancel 0199b2c4-6f0e-7c3a-9d1b-2a7e5f3c8b10`;

export const addCancel: AddCommand = (program, act) => {
  program
    .command("cancel")
    .description("cancel a request, here and at its provider")
    .argument("<id>", "the request's id")
    .option("--json", "print the answer as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(act(cancel));
};

async function cancel({ connect, out, json }: Session, id: string): Promise<ExitCode> {
  const answer = await connect().requests.cancel(id);
  if (json) out.json(toApi(answer));
  else out.line(plain(`${answer.status}: ${answer.message}`));
  return EXIT.ok;
}
