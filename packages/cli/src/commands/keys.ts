/** visgate keys: the organization's API keys. */
import { addKeyOptions, type KeyFlags, keyInput } from "../api-keys/options.js";
import { printDeletedKey, printKeys, printNewKey } from "../api-keys/print.js";
import { EXIT, type ExitCode } from "../errors/failure.js";
import { listByDefault } from "../list-by-default.js";
import type { AddCommand, Session } from "../session.js";

const MORE_HELP = `
These commands need a key with the scope manage.

Examples:
  visgate keys
  visgate keys create ci --scope generate,read --expires 30d
  visgate keys delete KEY_ID`;
const CREATE_HELP = `
The key cannot have more scopes or models, a higher rate limit or a later expiry than the key that creates it, and
has the same unless given. It is shown once; --quiet prints only the key.
generate: submit and cancel; read: requests, events, usage; manage: keys, budgets, webhook endpoints.

Examples:
  visgate keys create ci --scope generate,read --expires 30d
  visgate keys create demo --models MODEL_ID,MODEL_ID --requests-per-minute 10
  key=$(visgate keys create ci --scope generate --quiet)`;

export const addKeys: AddCommand = (program, toAction) => {
  const keys = program
    .command("keys")
    .alias("key")
    .description("create, list and revoke API keys")
    .addHelpText("after", MORE_HELP);
  listByDefault(keys)
    .description("list the API keys, without the keys themselves, oldest first")
    .option("-j, --json", "print them as one JSON list")
    .addHelpText("after", "\nExample:\n  visgate keys list --quiet")
    .action(toAction(list));
  addKeyOptions(keys.command("create").description("create an API key"))
    .addHelpText("after", CREATE_HELP)
    .action(toAction(create));
  keys
    .command("delete")
    .alias("revoke")
    .description("revoke an API key: it stops working within a second")
    .argument("<id>", "an id from visgate keys")
    .option("-j, --json", "print the answer as one JSON object")
    .addHelpText("after", "\nRequests that were submitted with it continue.\n\nExample:\n  visgate keys delete KEY_ID")
    .action(toAction(remove));
};

async function list(session: Session): Promise<ExitCode> {
  await printKeys(session, await session.createClient().apiKeys.list());
  return EXIT.ok;
}

async function create(session: Session, name: string, flags: KeyFlags): Promise<ExitCode> {
  const input = keyInput(name, flags, session.io.now());
  await printNewKey(session, await session.createClient().apiKeys.create(input));
  return EXIT.ok;
}

async function remove(session: Session, id: string): Promise<ExitCode> {
  printDeletedKey(session, await session.createClient().apiKeys.delete(id));
  return EXIT.ok;
}
