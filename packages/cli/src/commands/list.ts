/** visgate list: the organization's requests, newest first. */
import type { RequestQuery, RequestStatus } from "@visgate_ai/client";
import { Option } from "commander";
import type { AddCommand } from "../act.js";
import { wholeFrom } from "../arguments.js";
import { EXIT, type ExitCode } from "../errors/exit-codes.js";
import { given } from "../generate/given.js";
import { seconds, usd } from "../screen/text.js";
import { toApi } from "../screen/wire.js";
import type { Session } from "../session.js";

interface Flags {
  status?: RequestStatus["status"];
  model?: string;
  provider?: string;
  limit: number;
  all?: boolean;
}

const PAGE = 100;
const HEADER = ["ID", "STATUS", "MODEL", "COST", "TOOK", "CREATED", "ERROR"];
const MORE_HELP = `
In a pipe: one request per line, tabs between, no header, nothing cut.

Examples:
  visgate list --status failed
  visgate list --all --quiet | wc -l
  visgate list --status processing | cut -f1 | xargs -n1 visgate cancel
  visgate list --limit 100 --json | jq '[.requests[].cost] | add'`;

export const addList: AddCommand = (program, act) => {
  program
    .command("list")
    .description("list requests, newest first")
    .addOption(new Option("--status <status>").choices(["pending", "processing", "completed", "failed"]))
    .option("--model <id>", "only of this model")
    .option("--provider <name>", "only of this provider")
    .option("--limit <n>", "at most so many", wholeFrom(1), 20)
    .option("--all", "all that are kept")
    .option("--json", "print them as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(act(list));
};

async function list(session: Session, flags: Flags): Promise<ExitCode> {
  const { out, json } = session;
  const requests = requestsOf(session, flags);
  if (!json) await out.table(HEADER, rowsOf(requests), { empty: "No requests found." });
  else {
    const all: unknown[] = [];
    for await (const request of requests) all.push(toApi(request));
    out.json({ requests: all });
  }
  return EXIT.ok;
}

async function* requestsOf({ connect }: Session, { all, limit, ...filters }: Flags): AsyncGenerator<RequestStatus> {
  const wanted = all ? Number.POSITIVE_INFINITY : limit;
  const { status, model, provider } = filters;
  // Names that are none are for the gateway to refuse: it may know more of them.
  const query = { ...given({ status, model, provider }), limit: Math.min(PAGE, wanted) } as RequestQuery;
  let count = 0;
  for await (const request of await connect().requests.list(query)) {
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
