/** visgate receipt: what a request was quoted, held, tried, billed and saved. */
import { EXIT, type ExitCode } from "../errors/failure.js";
import { receiptRows } from "../money/rows.js";
import { toApiNames } from "../screen/api-fields.js";
import type { AddCommand, Session } from "../session.js";

const MORE_HELP = `
held is money that is still set aside. cost_source says where the cost comes from: from the provider, from the
catalogue, or from a caller who settled the request.

Examples:
  visgate receipt 0199b2c4-6f0e-7c3a-9d1b-2a7e5f3c8b10
  visgate receipt $id --json | jq .settlement.cost_usd`;

export const addReceipt: AddCommand = (program, toAction) => {
  program
    .command("receipt")
    .description("show what a request was quoted, held and billed")
    .argument("<id>", "the request's id")
    .option("-j, --json", "print it as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(receipt));
};

async function receipt({ createClient, out, json, quiet }: Session, id: string): Promise<ExitCode> {
  const answer = await createClient().requests.receipt(id);
  if (json) out.json(toApiNames(answer));
  else if (quiet) out.line(answer.chargeState);
  else await out.table(["FIELD", "VALUE"], receiptRows(answer), { whole: true });
  return EXIT.ok;
}
