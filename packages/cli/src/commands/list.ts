/** visgate list: the organization's requests, newest first. */
import type { ListQuery, RequestStatus } from "@visgate_ai/client";
import { InvalidArgumentError } from "commander";
import { integerFrom, omitUndefined } from "../arguments.js";
import { EXIT, type ExitCode } from "../errors/failure.js";
import { toApiNames } from "../screen/api-fields.js";
import { seconds, usd } from "../screen/text.js";
import type { AddCommand, Session } from "../session.js";

interface Flags {
  status?: string;
  model?: string;
  provider?: string;
  tag?: string;
  text?: string;
  key?: string;
  limit: number;
  all?: boolean;
}

const PAGE_SIZE = 100;
const HEADER = ["ID", "STATUS", "MODEL", "COST", "TOOK", "CREATED", "ERROR"];
const STATUSES = ["pending", "processing", "completed", "failed"];

/** @throws InvalidArgumentError for a name that is no status */
function statusList(text: string): string {
  const wrong = text.split(",").find((name) => !STATUSES.includes(name));
  if (wrong === undefined) return text;
  throw new InvalidArgumentError(
    `Allowed choices are ${STATUSES.join(", ")}, or several of them, as completed,failed.`,
  );
}
const MORE_HELP = `
In a pipe each request is one whole line, with tabs between the columns and without a header.

Examples:
  visgate list --status failed
  visgate list --status pending,processing --text lighthouse
  visgate list --all --quiet | wc -l
  visgate list --status processing | cut -f1 | xargs -n1 visgate cancel
  visgate list --limit 100 --json | jq '[.requests[].cost] | add'`;

export const addList: AddCommand = (program, toAction) => {
  program
    .command("list")
    .aliases(["requests", "ls"])
    .description("list requests, newest first")
    .option("-s, --status <status>", `only with this status (${STATUSES.join(", ")}), or one of several`, statusList)
    .option("-m, --model <id>", "only of this model")
    .option("-p, --provider <name>", "only of this provider")
    .option("--text <text>", "only with this text in the prompt")
    .option("--tag <tag>", "only with this value of your usage tag")
    .option("-k, --key <id>", "only of this API key, by its id")
    .option("-n, --limit <n>", "at most this many", integerFrom(1), 20)
    .option("-a, --all", "every request that is kept")
    .option("-j, --json", "print them as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(list));
};

async function list(session: Session, flags: Flags): Promise<ExitCode> {
  const { out, json } = session;
  const requests = fetchRequests(session, flags);
  if (!json) await out.table(HEADER, rowsOf(requests), { empty: "No requests found." });
  else {
    const all: unknown[] = [];
    for await (const request of requests) all.push(toApiNames(request));
    out.json({ requests: all });
  }
  return EXIT.ok;
}

async function* fetchRequests(session: Session, { all, limit, ...filters }: Flags): AsyncGenerator<RequestStatus> {
  const wanted = all ? Number.POSITIVE_INFINITY : limit;
  const { status, model, provider, tag, text, key: apiKeyId } = filters;
  // The gateway checks the names: a later version may know more of them than this program.
  const given = omitUndefined({ status, model, provider, tag, text, apiKeyId });
  const query = { ...given, limit: Math.min(PAGE_SIZE, wanted) } as ListQuery;
  let count = 0;
  for await (const request of await session.createClient().requests.list(query)) {
    yield request;
    count += 1;
    if (count === wanted) return;
  }
}

async function* rowsOf(requests: AsyncIterable<RequestStatus>): AsyncGenerator<string[]> {
  for await (const { requestId, status, model, cost, latencyMs, createdAt, errorCode } of requests)
    yield [
      requestId,
      status,
      model,
      usd(cost),
      latencyMs === null ? "" : seconds(latencyMs),
      createdAt,
      errorCode ?? "",
    ];
}
