/** visgate admin keys: the API keys of an organization, also its first one. */
import type { ApiKey, ApiKeyDeleted, ApiKeyWithSecret } from "@visgate_ai/client";
import { addKeyOptions, type KeyFlags, keyInput } from "../api-keys/options.js";
import { printDeletedKey, printKeys, printNewKey } from "../api-keys/print.js";
import { EXIT, type ExitCode } from "../errors/failure.js";
import { toApiNames } from "../screen/api-fields.js";
import type { AddCommand, Session } from "../session.js";
import { openAdmin } from "./gateway.js";
import { ORGANIZATION, organizationPath } from "./organization.js";

const MORE_HELP = `
Examples:
  visgate admin keys list acme
  visgate admin keys create acme "first key"
  visgate admin keys delete acme KEY_ID`;
const CREATE_HELP = `
The key is shown once; --quiet prints only the key.

Examples:
  visgate admin keys create acme "first key"
  visgate admin keys create acme reports --scope read --expires 30d`;

export const addAdminKeys: AddCommand = (admin, toAction) => {
  const keys = admin
    .command("keys")
    .alias("key")
    .description("create, list and revoke the API keys of an organization")
    .addHelpText("after", MORE_HELP);
  keys
    .command("list")
    .description("list its API keys, without the keys themselves, oldest first")
    .argument(...ORGANIZATION)
    .option("-j, --json", "print them as one JSON list")
    .addHelpText("after", "\nExample:\n  visgate admin keys list acme")
    .action(toAction(list));
  addKeyOptions(
    keys
      .command("create")
      .description("create an API key of the organization")
      .argument(...ORGANIZATION),
  )
    .addHelpText("after", CREATE_HELP)
    .action(toAction(create));
  keys
    .command("delete")
    .alias("revoke")
    .description("revoke an API key: it stops working within a second")
    .argument(...ORGANIZATION)
    .argument("<id>", "an id from visgate admin keys list")
    .option("-j, --json", "print the answer as one JSON object")
    .addHelpText("after", "\nExample:\n  visgate admin keys delete acme KEY_ID")
    .action(toAction(remove));
};

const KEYS = "api-keys";

async function list(session: Session, organization: string): Promise<ExitCode> {
  const path = organizationPath(organization, KEYS);
  await printKeys(session, await openAdmin(session)<ApiKey[]>({ method: "GET", path }));
  return EXIT.ok;
}

async function create(session: Session, organization: string, name: string, flags: KeyFlags): Promise<ExitCode> {
  const body = toApiNames(keyInput(name, flags, session.io.now())) as object;
  const path = organizationPath(organization, KEYS);
  await printNewKey(session, await openAdmin(session)<ApiKeyWithSecret>({ method: "POST", path, body }));
  return EXIT.ok;
}

async function remove(session: Session, organization: string, id: string): Promise<ExitCode> {
  const path = organizationPath(organization, KEYS, id);
  printDeletedKey(session, await openAdmin(session)<ApiKeyDeleted>({ method: "DELETE", path }));
  return EXIT.ok;
}
