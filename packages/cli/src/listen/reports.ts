/** What `webhook listen` prints: a line per attempt, for people or as JSON. */
import type { FeedEvent, VisgateError } from "@visgate_ai/client";
import { messageOf } from "../errors/message.js";
import { plain, seconds } from "../screen/text.js";
import type { Session } from "../session.js";
import { type Attempt, webhookId } from "./forward.js";

export interface Reports {
  /** `secret`: null when it is the user's own. */
  ready(what: { secret: string | null; after: number; url: string; types: readonly string[] }): void;
  /** `againInMs`: null when the receiver is done with it. */
  attempt(event: FeedEvent, result: Attempt & { againInMs: number | null }): void;
  /** There is nothing to send any more. */
  erased(event: FeedEvent): void;
  /** The gateway cannot be reached. */
  away(error: VisgateError): void;
  ended(after: number): void;
}

export function createReports(session: Session): Reports {
  return session.json ? jsonReports(session) : textReports(session);
}

function jsonReports({ out }: Session): Reports {
  return {
    ready: ({ secret, after, url, types }) => out.json({ kind: "ready", secret, after, url, types }),
    attempt: (event, { httpStatus, error, ms, againInMs }) =>
      out.json({
        ...{ kind: "attempt", ...namesOf(event), webhook_id: webhookId(event) },
        ...{ http_status: httpStatus, error, ms, again_in_ms: againInMs },
      }),
    erased: (event) => out.json({ kind: "erased", ...namesOf(event) }),
    away: ({ errorCode, message }) => out.json({ kind: "away", error: errorCode, message }),
    ended: (after) => out.json({ kind: "ended", after }),
  };
}

const namesOf = ({ sequence, type, requestId }: FeedEvent) => ({ sequence, type, request_id: requestId });

function textReports({ out, baseUrl }: Session): Reports {
  const line = (event: FeedEvent, text: string) =>
    out.line(plain(`#${event.sequence} ${event.type} ${event.requestId} → ${text}`));
  return {
    ready({ secret, after, url, types }) {
      if (secret !== null) out.line(`Signing secret: ${secret}`);
      out.line(`Forwarding ${types.join(", ")} after #${after} to ${url}`);
    },
    attempt(event, { httpStatus, error, ms, againInMs }) {
      const answer = httpStatus === null ? `no answer (${error})` : `${httpStatus}`;
      const next =
        againInMs === null ? (httpStatus === 410 ? ", not sent again" : "") : `, again in ${seconds(againInMs)}`;
      line(event, `${answer} in ${Math.round(ms)} ms${next}`);
    },
    erased: (event) => line(event, "not sent: the request was erased"),
    away: (error) => out.say(`${error.errorCode}: ${messageOf(error, baseUrl)} Trying on.`),
    ended: (after) => out.say(`Ended after #${after}. To go on from there: --after ${after}`),
  };
}
