/** visgate again: the same call as a new request. */
import { EXIT, type ExitCode } from "../errors/failure.js";
import { toApiNames } from "../screen/api-fields.js";
import type { AddCommand, Session } from "../session.js";

interface Flags {
  idempotencyKey?: string;
}

const MORE_HELP = `
It is a new generation at today's price, also when the cache has an equal one. It prints the id of the new request.

Examples:
  visgate again 0199b2c4-6f0e-7c3a-9d1b-2a7e5f3c8b10
  visgate status $(visgate again 0199b2c4-6f0e-7c3a-9d1b-2a7e5f3c8b10) --wait`;

export const addAgain: AddCommand = (program, toAction) => {
  program
    .command("again")
    .description("make the call of a request again, as a new request")
    .argument("<id>", "the request's id")
    .option("--idempotency-key <key>", "for 24 hours the same key means the same request, never a second one")
    .option("-j, --json", "print the answer as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(again));
};

async function again({ createClient, out, json }: Session, id: string, flags: Flags): Promise<ExitCode> {
  const { wait: _wait, ...accepted } = await createClient().requests.again(id, flags);
  if (json) out.json(toApiNames(accepted));
  else out.line(accepted.requestId);
  return EXIT.ok;
}
