/** What `webhook listen` prints: a line per attempt, for people or as JSON. */
import type { FeedEvent, VisgateError } from "@visgate_ai/client";
import { messageOf } from "../errors/message.js";
import { oneLine, seconds } from "../screen/text.js";
import type { Session } from "../session.js";
import { type Attempt, webhookId } from "./forward.js";

export interface ListenLog {
  /** `secret`: null when the user gave it, so that it is not printed. */
  ready(start: { secret: string | null; after: number; url: string; types: readonly string[] }): void;
  /** `nextInMs`: null when the event is not sent again. */
  attempt(event: FeedEvent, result: Attempt & { nextInMs: number | null }): void;
  /** The request was erased, so there is nothing to send. */
  erased(event: FeedEvent): void;
  gatewayAway(error: VisgateError): void;
  ended(after: number): void;
}

export function createListenLog(session: Session): ListenLog {
  return session.json ? jsonLog(session) : textLog(session);
}

function jsonLog({ out }: Session): ListenLog {
  return {
    ready: ({ secret, after, url, types }) => out.json({ kind: "ready", secret, after, url, types }),
    attempt: (event, { httpStatus, error, ms, nextInMs }) =>
      out.json({
        ...{ kind: "attempt", ...idsOf(event), webhook_id: webhookId(event) },
        ...{ http_status: httpStatus, error, ms, again_in_ms: nextInMs },
      }),
    erased: (event) => out.json({ kind: "erased", ...idsOf(event) }),
    gatewayAway: ({ errorCode, message }) => out.json({ kind: "away", error: errorCode, message }),
    ended: (after) => out.json({ kind: "ended", after }),
  };
}

const idsOf = ({ sequence, type, requestId }: FeedEvent) => ({ sequence, type, request_id: requestId });

/** The subject of the event: a request, a budget, or the subject of an alert. */
const subjectOf = (event: FeedEvent): string => event.requestId ?? event.data.subject;

function textLog({ out, baseUrl }: Session): ListenLog {
  const line = (event: FeedEvent, text: string) =>
    out.line(oneLine(`#${event.sequence} ${event.type} ${subjectOf(event)} → ${text}`));
  return {
    ready({ secret, after, url, types }) {
      if (secret !== null) out.line(`Signing secret: ${secret}`);
      out.line(`Forwarding ${types.join(", ")} after #${after} to ${url}`);
    },
    attempt(event, { httpStatus, error, ms, nextInMs }) {
      const answer = httpStatus === null ? `no answer (${error})` : `${httpStatus}`;
      line(event, `${answer} in ${Math.round(ms)} ms${nextText(httpStatus, nextInMs)}`);
    },
    erased: (event) => line(event, "not sent: the request was erased"),
    gatewayAway: (error) => out.say(`${error.errorCode}: ${messageOf(error, baseUrl)} Trying again.`),
    ended: (after) => out.say(`Ended after #${after}. To continue from there: --after ${after}`),
  };
}

function nextText(httpStatus: number | null, nextInMs: number | null): string {
  if (nextInMs !== null) return `, again in ${seconds(nextInMs)}`;
  return httpStatus === 410 ? ", not sent again" : "";
}
