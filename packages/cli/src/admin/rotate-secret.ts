/** visgate admin rotate-secret: encrypts stored secrets again, with the first secret of VISGATE_SECRET. */
import { EXIT, type ExitCode } from "../errors/failure.js";
import { toApiNames } from "../screen/api-fields.js";
import type { AddCommand, Session } from "../session.js";
import { openAdmin } from "./gateway.js";

type Rotation = Record<string, { changed: number; unchanged: number; unreadable: number }>;

const HEADER = ["WHAT", "CHANGED", "UNCHANGED", "UNREADABLE"];
const MORE_HELP = `
VISGATE_SECRET may hold several secrets. This command decrypts every stored secret and encrypts it with the first one.
It can be repeated at any time. Once it changes nothing, the other secrets can be removed (docs/operations.md).

Example:
  visgate admin rotate-secret`;

export const addRotateSecret: AddCommand = (admin, toAction) => {
  admin
    .command("rotate-secret")
    .description("encrypt stored secrets again, with the first secret of VISGATE_SECRET")
    .option("-j, --json", "print the answer as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(rotateSecret));
};

async function rotateSecret(session: Session): Promise<ExitCode> {
  const { out, json } = session;
  const rotation = toApiNames(await openAdmin(session)({ method: "POST", path: "/rotate-secret" })) as Rotation;
  if (json) out.json(rotation);
  else await out.table(HEADER, Object.entries(rotation).map(row));
  if (Object.values(rotation).some(({ unreadable }) => unreadable > 0))
    out.say(
      "Unreadable values were encrypted with a secret that the gateway does not have. They were left as they are.",
    );
  return EXIT.ok;
}

function row([name, { changed, unchanged, unreadable }]: [string, Rotation[string]]): string[] {
  return [name, ...[changed, unchanged, unreadable].map(String)];
}
