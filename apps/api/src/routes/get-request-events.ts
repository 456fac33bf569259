/** GET /requests/{id}/events: the status as server-sent events, to be resumed where the caller left off. */
import { requestStatus } from "@visgate/shared/contract";
import { z } from "zod";
import { answer } from "../http/answer.js";
import { createEventStreams, EVENT_STREAM_HEADERS, type EventSource } from "../http/event-stream.js";
import type { Ctx, Route } from "../http/route.js";
import { type Follower, followRequest, type StatusUpdate } from "../waiting/follow-request.js";

export const getRequestEvents: Route = {
  method: "get",
  path: "/requests/{id}/events",
  auth: "key",
  docs: {
    summary: "Follow a request",
    description:
      "Server-sent events: a status event at once, then one per change, each with the request as it was right after it " +
      "and the number of the change as id. The stream ends after the last one. A reconnect with Last-Event-ID gets what " +
      "came since, each change once and in order; 204 when there is no more. A number that the request does not have " +
      "starts afresh.",
    tags: ["Requests"],
    request: {
      params: z.object({ id: z.string() }),
      headers: z.object({ "last-event-id": z.string().optional() }),
      query: z.object({ last_event_id: z.string().optional().describe("For clients that cannot send the header.") }),
    },
    responses: {
      200: { description: "status events.", content: { "text/event-stream": { schema: requestStatus } } },
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
      if (follower === null) return answer(c, null, 204, {});
      return answer(c, openStream(sourceOf(follower)), 200, EVENT_STREAM_HEADERS);
    };
  },
};

/** Null when there is none, or it is no number. */
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
