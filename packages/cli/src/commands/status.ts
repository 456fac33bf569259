/** visgate status: one request, now, at its end, or all the way there. */
import type { Client, RequestStatus, WaitOptions } from "@visgate_ai/client";
import type { AddCommand } from "../act.js";
import { positive } from "../arguments.js";
import { EXIT, type ExitCode } from "../errors/exit-codes.js";
import { UsageError } from "../errors/failure.js";
import { given } from "../generate/given.js";
import { createProgress } from "../generate/progress.js";
import { changeRow, statusRows, timelineRows } from "../screen/status-rows.js";
import { tabbed } from "../screen/table.js";
import { toApi } from "../screen/wire.js";
import type { Session } from "../session.js";

interface Flags {
  wait?: boolean;
  watch?: boolean;
  timeline?: boolean;
  timeout?: number;
}

/** An address that is cut is none. */
const WHOLE = { whole: true };
const MORE_HELP = `
With --wait and --watch the exit code is 1 if the request failed. Ctrl-C ends the watching, not the request.

Examples:
  visgate status 0199b2c4-6f0e-7c3a-9d1b-2a7e5f3c8b10
  visgate status $id --wait --json | jq -r .output_url
  visgate status $id --watch
  visgate status $id --timeline`;

export const addStatus: AddCommand = (program, act) => {
  program
    .command("status")
    .description("show a request")
    .argument("<id>", "the request's id")
    .option("--wait", "wait until it has ended")
    .option("--watch", "show each change until it has ended; in a pipe one line, with --json one object each")
    .option("--timeline", "what happened to it, and when")
    .option("--timeout <seconds>", "how long to wait or watch (exit code 124)", positive)
    .option("--json", "print it as one JSON object")
    .addHelpText("after", MORE_HELP)
    .action(act(showStatus));
};

async function showStatus(session: Session, id: string, flags: Flags): Promise<ExitCode> {
  if (flags.watch && flags.timeline) throw new UsageError("--watch shows changes as they come; use --wait --timeline.");
  const client = session.connect();
  if (flags.watch) return exitCodeOf(await watch(session, client, id, waitOptions(flags)));
  const status = flags.wait ? await client.requests.wait(id, waitOptions(flags)) : await client.requests.get(id);
  await show(session, client, status, flags.timeline === true);
  return flags.wait ? exitCodeOf(status) : EXIT.ok;
}

const exitCodeOf = ({ status }: RequestStatus): ExitCode => (status === "failed" ? EXIT.failed : EXIT.ok);

const waitOptions = ({ timeout }: Flags) =>
  given<WaitOptions>({ timeout: timeout === undefined ? undefined : timeout * 1000 });

async function show(session: Session, client: Client, status: RequestStatus, withTimeline: boolean): Promise<void> {
  const { out, json, quiet } = session;
  if (quiet && !json) return out.line(status.status);
  const timeline = withTimeline ? await client.requests.timeline(status.requestId) : null;
  if (json) return out.json(toApi(timeline === null ? status : { ...status, timeline }));
  await out.table(["FIELD", "VALUE"], statusRows(status), WHOLE);
  if (timeline === null) return;
  out.line("");
  await out.table(["AFTER", "WHAT", "DETAILS"], timelineRows(timeline), WHOLE);
}

async function watch(session: Session, client: Client, id: string, options: WaitOptions): Promise<RequestStatus> {
  const { io, out, json } = session;
  const progress = createProgress(io, { quiet: session.quiet || json || !out.isTerminal });
  const onProgress = (status: RequestStatus) => {
    if (json) out.json(toApi(status));
    else if (progress.isShown) progress.show(status);
    else out.line(tabbed(changeRow(status)));
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
