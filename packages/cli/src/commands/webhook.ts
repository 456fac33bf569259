/** visgate webhook listen: forwards the gateway's events to a receiver on this machine, without a tunnel. */
import { lookup } from "node:dns/promises";
import { commaList, integerFrom, omitUndefined } from "../arguments.js";
import { EXIT, type ExitCode } from "../errors/failure.js";
import { createForward, readSecret } from "../listen/forward.js";
import { createListenLog } from "../listen/log.js";
import { checkReceiver } from "../listen/receiver.js";
import { relay } from "../listen/relay.js";
import type { AddCommand, Session } from "../session.js";

interface Flags {
  forward: string;
  events: string[];
  after?: number;
  secret?: string;
  allowRemote?: boolean;
}

const DEFAULT_EVENTS = ["request.completed", "request.failed"];
const MORE_HELP = `
Reads the gateway's event feed, which has no gaps, and POSTs each event as the gateway would: with the same body and a
Standard Webhooks signature, so the receiver's own verification runs. If the receiver is down or does not answer 2xx,
the event is sent again until it does, and later events wait. An answer of 410 drops the event. Ctrl-C ends the command
and prints the number to continue from (--after).

Without --allow-remote, the receiver must be on this machine or in a private network: events contain output URLs that
open without a key. For a receiver elsewhere, register a webhook endpoint at the gateway instead.

Examples:
  visgate webhook listen --forward http://localhost:3000/hook
  visgate webhook listen --forward http://localhost:3000/hook --secret "$WEBHOOK_SECRET" --after 0
  visgate webhook listen --forward http://localhost:3000/hook --events request.processing,request.completed`;

export const addWebhook: AddCommand = (program, toAction) => {
  program
    .command("webhook")
    .alias("webhooks")
    .description("receive webhooks on this machine")
    .command("listen")
    .description("forward signed events to a receiver on this machine, without a tunnel")
    .requiredOption("-f, --forward <url>", "where to POST events")
    .option("-e, --events <types>", "event types, separated by commas", commaList, DEFAULT_EVENTS)
    .option(
      "--after <n>",
      "start after event number n of the feed, 0 for all that are kept; only new events unless given",
      integerFrom(0),
    )
    .option("--secret <whsec_…>", "the signing secret; created and printed unless given")
    .option("--allow-remote", "forward to any address")
    .option("-j, --json", "print one JSON object per line")
    .addHelpText("after", MORE_HELP)
    .action(toAction(listen));
};

async function listen(session: Session, flags: Flags): Promise<ExitCode> {
  const { io } = session;
  const secret = readSecret(flags.secret, io.randomBytes);
  const url = await checkReceiver(flags.forward, { allowRemote: flags.allowRemote === true, lookup });
  const client = session.createClient();
  // Before anything is printed, so that a wrong API key or event type ends the command here.
  const types = flags.events as Parameters<typeof relay>[0]["types"];
  const { latest } = await client.events.list({ types, limit: 1, ...omitUndefined({ after: flags.after }) });
  const after = flags.after ?? latest;

  const log = createListenLog(session);
  log.ready({ secret: flags.secret === undefined ? secret : null, after, url, types });
  const signal = io.catchInterrupt();
  const forward = createForward({ url, secret, now: io.now });
  const last = await relay({ client, types, after, forward, log, sleep: io.sleep, signal });
  log.ended(last);
  return EXIT.ok;
}
