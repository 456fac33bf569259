/** visgate webhook listen: the gateway's events at a receiver on this machine, without a tunnel. */
import { lookup } from "node:dns/promises";
import type { AddCommand } from "../act.js";
import { commaList, wholeFrom } from "../arguments.js";
import { EXIT, type ExitCode } from "../errors/exit-codes.js";
import { createForward } from "../listen/forward.js";
import { findReceiver } from "../listen/receiver.js";
import { relay } from "../listen/relay.js";
import { createReports } from "../listen/reports.js";
import { readSecret } from "../listen/secret.js";
import type { Session } from "../session.js";

interface Flags {
  forward: string;
  events: string[];
  after?: number;
  secret?: string;
  allowRemote?: boolean;
}

const DEFAULT_EVENTS = ["request.completed", "request.failed"];
const MORE_HELP = `
Reads the gateway's feed, which has no gaps, and POSTs each event as the gateway would: the same body, signed by the
Standard Webhooks scheme, so that the receiver's own verification runs. A receiver that is down or answers anything
but 2xx gets the event again, in order; nothing is skipped, but for what it answers 410 to. Ctrl-C ends it and says
where to go on (--after).

Only this machine and private networks are forwarded to unless --allow-remote: events carry addresses of outputs
that open without a key. For a receiver elsewhere register an endpoint, which needs no listener.

Examples:
  visgate webhook listen --forward http://localhost:3000/hook
  visgate webhook listen --forward http://localhost:3000/hook --secret "$WEBHOOK_SECRET" --after 0
  visgate webhook listen --forward http://localhost:3000/hook --events request.processing,request.completed`;

export const addWebhook: AddCommand = (program, act) => {
  program
    .command("webhook")
    .description("webhooks on this machine")
    .command("listen")
    .description("forward events to a local receiver, signed, without a tunnel")
    .requiredOption("--forward <url>", "where to POST them")
    .option("--events <types>", "which, separated by commas", commaList, DEFAULT_EVENTS)
    .option(
      "--after <n>",
      "from after this number of the feed, 0 for all that is kept; new ones unless given",
      wholeFrom(0),
    )
    .option("--secret <whsec_…>", "to sign with; made up and printed unless given")
    .option("--allow-remote", "forward to any address")
    .option("--json", "one JSON object per line")
    .addHelpText("after", MORE_HELP)
    .action(act(listen));
};

async function listen(session: Session, flags: Flags): Promise<ExitCode> {
  const { io } = session;
  const secret = readSecret(flags.secret, io.randomBytes);
  const url = await findReceiver(flags.forward, { allowRemote: flags.allowRemote === true, lookup });
  const client = session.connect();
  // Asks before anything is said: a wrong key or a wrong type of event ends it here.
  const types = flags.events as Parameters<typeof relay>[0]["types"];
  const { latest } = await client.events.list({
    types,
    limit: 1,
    ...(flags.after === undefined ? {} : { after: flags.after }),
  });
  const after = flags.after ?? latest;

  const reports = createReports(session);
  reports.ready({ secret: flags.secret === undefined ? secret : null, after, url, types });
  const signal = io.catchInterrupt();
  const forward = createForward({ url, secret, fetch: io.fetch, now: io.now });
  const last = await relay({ client, types, after, forward, reports, sleep: io.sleep, signal });
  reports.ended(last);
  return EXIT.ok;
}
