/** visgate status: shows a request now, at its end, or at each change. */
import type { Client, RequestStatus, WaitOptions } from "@visgate_ai/client";
import { omitUndefined, positive } from "../arguments.js";
import { EXIT, type ExitCode, UsageError } from "../errors/failure.js";
import { changeRow, statusRows, timelineRows, toApiNames } from "../screen/api-fields.js";
import { createProgress } from "../screen/progress.js";
import { tabbedLine } from "../screen/text.js";
import type { AddCommand, Session } from "../session.js";

interface Flags {
  wait?: boolean;
  watch?: boolean;
  timeline?: boolean;
  timeout?: number;
}

/** A truncated URL does not open. */
const WHOLE = { whole: true };
const MORE_HELP = `
With --wait and --watch the exit code is 1 if the request failed. Ctrl-C stops watching; the request continues.

Examples:
  visgate status 0199b2c4-6f0e-7c3a-9d1b-2a7e5f3c8b10
  visgate status $id --wait --json | jq -r .output_url
  visgate status $id --watch
  visgate status $id --timeline`;

export const addStatus: AddCommand = (program, toAction) => {
  program
    .command("status")
    .aliases(["get", "show", "request"])
    .description("show a request")
    .argument("<id>", "the request's id")
    .option("-w, --wait", "wait until it has ended")
    .option("--watch", "show each change until it has ended: in a pipe as a line, with --json as an object")
    .option("--timeline", "also show what happened to it, and when")
    .option("-t, --timeout <seconds>", "stop waiting or watching after this time, with exit code 124", positive)
    .option("-j, --json", "print it as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(toAction(showStatus));
};

async function showStatus(session: Session, id: string, flags: Flags): Promise<ExitCode> {
  if (flags.watch && flags.timeline)
    throw new UsageError("--watch and --timeline cannot be combined: use --wait --timeline.");
  const client = session.createClient();
  if (flags.watch) return exitCodeOf(await watch(session, client, id, waitOptions(flags)));
  const status = flags.wait ? await client.requests.wait(id, waitOptions(flags)) : await client.requests.get(id);
  await printStatus(session, client, status, flags.timeline === true);
  return flags.wait ? exitCodeOf(status) : EXIT.ok;
}

const exitCodeOf = ({ status }: RequestStatus): ExitCode => (status === "failed" ? EXIT.failed : EXIT.ok);

const waitOptions = ({ timeout }: Flags) =>
  omitUndefined<WaitOptions>({ timeout: timeout === undefined ? undefined : timeout * 1000 });

async function printStatus(
  session: Session,
  client: Client,
  status: RequestStatus,
  withTimeline: boolean,
): Promise<void> {
  const { out, json, quiet } = session;
  if (quiet && !json) return out.line(status.status);
  const timeline = withTimeline ? await client.requests.timeline(status.requestId) : null;
  if (json) return out.json(toApiNames(timeline === null ? status : { ...status, timeline }));
  await out.table(["FIELD", "VALUE"], statusRows(status), WHOLE);
  if (timeline === null) return;
  out.line("");
  await out.table(["AFTER", "WHAT", "DETAILS"], timelineRows(timeline), WHOLE);
}

async function watch(session: Session, client: Client, id: string, options: WaitOptions): Promise<RequestStatus> {
  const { io, out, json } = session;
  const progress = createProgress(io, { quiet: session.quiet || json || !out.isTerminal });
  const onProgress = (status: RequestStatus) => {
    if (json) out.json(toApiNames(status));
    else if (progress.isShown) progress.show(status);
    else out.line(tabbedLine(changeRow(status)));
  };
  try {
    const end = await client.requests.wait(id, { ...options, onProgress });
    progress.stop();
    if (progress.isShown) await out.table(["FIELD", "VALUE"], statusRows(end), WHOLE);
    return end;
  } finally {
    progress.stop();
  }
}
