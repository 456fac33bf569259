/** Lists the events of an organization. With ?wait=N the answer waits for the next event. */
import { eventTypes, type FeedAnswer, feedAnswer, feedQuery } from "@visgate/shared/contract";
import type { EventType } from "@visgate/shared/request";
import { answerJson } from "../http/answer.js";
import { readQuery } from "../http/query.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { type FeedQuery, readFeed } from "../use-cases/read-feed.js";

export const getFeed: Route = {
  docs: {
    operationId: "listEvents",
    summary: "Feed of events",
    description:
      "The same events as in webhooks, in one order, under consecutive numbers. Keep next_after and send it as after: " +
      "then no event is skipped and none comes twice. An after that is older than the events that are kept gets a 422, " +
      "so no event is ever left out silently.",
    tags: ["Events"],
    request: { query: feedQuery },
    responses: { 200: { description: "Events, oldest first.", content: json(feedAnswer) } },
  },
  handler: (deps) => async (c) => {
    const { organization } = c.get("apiKey");
    const { events, nextAfter, latest } = await readFeed(deps, organization, feedQueryOf(c));
    const body: FeedAnswer = { events, next_after: nextAfter, latest };
    return answerJson(c, body);
  },
};

function feedQueryOf(c: Ctx): FeedQuery {
  const { after, limit, wait, types } = readQuery(c, feedQuery);
  return {
    after: after ?? null,
    limit,
    types: types === undefined ? null : typesOf(types),
    wait: wait === undefined ? null : { timeoutMs: wait * 1000, signal: c.req.raw.signal },
  };
}

function typesOf(list: string): ReadonlySet<EventType> {
  return new Set(
    validate(
      eventTypes,
      list.split(",").map((type) => type.trim()),
      "types",
    ),
  );
}
