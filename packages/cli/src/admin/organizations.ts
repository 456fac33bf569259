/** visgate admin organizations: creates, lists and changes organizations. */
import { type Command, InvalidArgumentError } from "commander";
import { integerFrom, omitUndefined } from "../arguments.js";
import { EXIT, type ExitCode, UsageError } from "../errors/failure.js";
import { listByDefault } from "../list-by-default.js";
import { toApiNames, withValues } from "../screen/api-fields.js";
import type { AddCommand, Session } from "../session.js";
import { openAdmin } from "./gateway.js";
import { ORGANIZATION, organizationPath } from "./organization.js";

interface Organization {
  id: string;
  name: string;
  timeZone: string;
  weight: number;
  requestsPerMinute: number | null;
  maxInFlight: number | null;
  maxOpen: number | null;
  usageTag: string | null;
  createdAt: string;
}

interface Flags {
  name?: string;
  timeZone?: string;
  weight?: number;
  requestsPerMinute?: number | "none";
  maxInFlight?: number | "none";
  maxOpen?: number | "none";
  usageTag?: string;
}

const NONE = "none";
const HEADER = ["ID", "NAME", "TIME ZONE", "WEIGHT", "PER MINUTE", "IN FLIGHT", "OPEN", "CREATED"];
const MORE_HELP = `
Examples:
  visgate admin organizations
  visgate admin organizations create acme --name Acme --time-zone Europe/Berlin
  visgate admin organizations update acme --max-in-flight 20 --requests-per-minute none`;

const CREATE_HELP = `
Unless given, the name is the id, the time zone is UTC, the weight is 1, and nothing is limited.

Example:
  visgate admin organizations create acme --name Acme --time-zone Europe/Berlin`;

export const addOrganizations: AddCommand = (admin, toAction) => {
  const organizations = admin
    .command("organizations")
    .alias("organization")
    .description("create, list and change organizations")
    .addHelpText("after", MORE_HELP);
  listByDefault(organizations)
    .description("list all organizations of the gateway, by id")
    .option("-j, --json", "print them as one JSON object")
    .addHelpText("after", "\nExample:\n  visgate admin organizations list --quiet")
    .action(toAction(list));
  settingsOptions(
    organizations
      .command("create")
      .description("create an organization; visgate admin keys create gives it its first key")
      .argument("<id>", "up to 40 characters of a-z, 0-9, - and _"),
  )
    .addHelpText("after", CREATE_HELP)
    .action(toAction(create));
  settingsOptions(
    organizations
      .command("update")
      .description("change an organization; settings that are not given stay as they are")
      .argument(...ORGANIZATION),
  )
    .addHelpText("after", "\nExample:\n  visgate admin organizations update acme --max-open none")
    .action(toAction(update));
};

function settingsOptions(command: Command): Command {
  return command
    .option("--name <text>", "a name for people, at most 100 characters")
    .option("--time-zone <name>", "the time zone of its days and months, such as Europe/Berlin")
    .option(
      "--weight <n>",
      "its share of scarce slots at providers, in proportion to the weights of others",
      integerFrom(1),
    )
    .option("--requests-per-minute <n>", "generations that it may submit in a minute, or none", limitOrNone)
    .option("--max-in-flight <n>", "requests that may be at providers at once, or none: more wait", limitOrNone)
    .option("--max-open <n>", "requests that may be open at once, or none: more are refused", limitOrNone)
    .option("--usage-tag <key>", "the key of metadata by whose values usage is broken down, or none")
    .option("-j, --json", "print it as one JSON object");
}

/** `none` removes a limit. It stays text here, because commander takes null for a missing value. */
function limitOrNone(text: string): number | typeof NONE {
  if (text === NONE) return NONE;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number of at least 1, or none.");
}

/** The settings that were given, with the names of the API. */
function settingsOf({ name, timeZone, weight, ...limits }: Flags): object {
  const { requestsPerMinute, maxInFlight, maxOpen, usageTag } = limits;
  const given = omitUndefined({ requestsPerMinute, maxInFlight, maxOpen, usageTag });
  const orNull = Object.entries(given).map(([limit, value]) => [limit, value === NONE ? null : value]);
  return toApiNames({ ...omitUndefined({ name, timeZone, weight }), ...Object.fromEntries(orNull) }) as object;
}

async function list(session: Session): Promise<ExitCode> {
  const { out, json } = session;
  const answer = await openAdmin(session)<{ organizations: Organization[] }>({
    method: "GET",
    path: organizationPath(),
  });
  if (json) out.json(toApiNames(answer));
  else await out.table(HEADER, answer.organizations.map(row));
  return EXIT.ok;
}

async function create(session: Session, id: string, flags: Flags): Promise<ExitCode> {
  const body = { id, ...settingsOf(flags) };
  await print(session, await openAdmin(session)<Organization>({ method: "POST", path: organizationPath(), body }));
  return EXIT.ok;
}

async function update(session: Session, id: string, flags: Flags): Promise<ExitCode> {
  const body = settingsOf(flags);
  if (Object.keys(body).length === 0)
    throw new UsageError("There is nothing to change: give an option, such as --name.");
  const path = organizationPath(id);
  await print(session, await openAdmin(session)<Organization>({ method: "PATCH", path, body }));
  return EXIT.ok;
}

const limitText = (limit: number | null): string => (limit === null ? "" : String(limit));

function row({ id, name, timeZone, weight, createdAt, ...limits }: Organization): string[] {
  const { requestsPerMinute, maxInFlight, maxOpen } = limits;
  return [id, name, timeZone, String(weight), ...[requestsPerMinute, maxInFlight, maxOpen].map(limitText), createdAt];
}

async function print({ out, json, quiet }: Session, organization: Organization): Promise<void> {
  const fields = toApiNames(organization) as Record<string, string | number | null>;
  if (json) return out.json(fields);
  if (quiet) return out.line(organization.id);
  const rows = Object.entries(fields).map(([name, value]) => [name, value === null ? null : String(value)] as const);
  await out.table(["FIELD", "VALUE"], withValues(rows), { whole: true });
}
