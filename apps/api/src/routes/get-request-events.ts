/** Follows a request as server-sent events. A caller can resume where it left off. */
import { statusEvent } from "@visgate/shared/contract";
import { z } from "zod";
import { answer } from "../http/answer.js";
import type { Ctx, Route } from "../http/route.js";
import { requestParams } from "../openapi/params.js";
import { requestNotFound } from "../use-cases/read-request.js";
import { type Follower, followRequest, type StatusUpdate } from "../waiting/follow.js";
import { createEventStreams, EVENT_STREAM_HEADERS, type EventSource } from "./event-stream.js";

export const getRequestEvents: Route = {
  docs: {
    operationId: "streamRequestEvents",
    summary: "Follow a request",
    description:
      "Server-sent events: one status event at once, then one per change. Each shows the request right after the change " +
      "and has the number of the change as its id. The stream ends after the last change. A reconnect with " +
      "Last-Event-ID gets the changes since then, each once and in order, or 204 when there are no more. A number that " +
      "the request does not have starts again with the present status.",
    tags: ["Requests"],
    request: {
      params: requestParams,
      headers: z.object({
        "last-event-id": z.string().optional().describe("The id of the last event that was received."),
      }),
      query: z.object({ last_event_id: z.string().optional().describe("For clients that cannot send the header.") }),
    },
    errors: ["REQUEST_NOT_FOUND"],
    responses: {
      200: { description: "status events.", content: { "text/event-stream": { schema: statusEvent } } },
      204: { description: "The request has ended, and Last-Event-ID is its last change." },
    },
  },
  handler: (deps) => {
    const openStream = createEventStreams(deps);
    return async (c) => {
      const id = c.req.param("id") ?? "";
      c.set("requestId", id);
      const ref = { organization: c.get("apiKey").organization, id };
      const follower = await followRequest(deps, ref, lastEventId(c));
      if (follower === null) throw requestNotFound(id);
      if (follower === "ended") return answer(c, null, 204, {});
      return answer(c, openStream(sourceOf(follower)), 200, EVENT_STREAM_HEADERS);
    };
  },
};

/** Null when it is missing or not a number. */
function lastEventId(c: Ctx): number | null {
  const given = c.req.header("last-event-id") ?? c.req.query("last_event_id") ?? "";
  return /^\d{1,9}$/.test(given) ? Number(given) : null;
}

function sourceOf({ next, stop }: Follower): EventSource {
  return {
    next: () =>
      next().then(
        (updates) => updates?.map(eventText).join("") ?? null,
        () => null,
      ),
    stop,
  };
}

function eventText({ number, status }: StatusUpdate): string {
  return `id: ${number}\nevent: status\ndata: ${JSON.stringify(status)}\n\n`;
}
