/** GET /events: the feed of all that happens to the organization's requests; ?wait=N holds the answer for news. */
import { eventTypes, type FeedAnswer, feedAnswer, feedQuery } from "@visgate/shared/contract";
import type { EventType } from "@visgate/shared/request";
import { answerJson } from "../http/answer.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { feedView } from "../use-cases/feed-view.js";
import { type FeedQuery, readFeed } from "../use-cases/read-feed.js";

export const getFeed: Route = {
  method: "get",
  path: "/events",
  auth: "key",
  docs: {
    summary: "Feed of events",
    description:
      "The same events as webhooks tell, in one order, under consecutive numbers. Keep next_after and send it as after: " +
      "no event is skipped and none comes twice. An after that is older than what is kept is refused, so that nothing " +
      "is ever left out in silence.",
    tags: ["Events"],
    request: { query: feedQuery },
    responses: { 200: { description: "Events, oldest first.", content: json(feedAnswer) } },
  },
  handler: (deps) => async (c) => {
    const { organization } = c.get("apiKey");
    const { entries, nextAfter, latest } = await readFeed(deps, organization, feedQueryOf(c));
    const events = await feedView(deps, organization, entries);
    const body: FeedAnswer = { events, next_after: nextAfter, latest };
    return answerJson(c, body);
  },
};

function feedQueryOf(c: Ctx): FeedQuery {
  const { after, limit, wait, types } = validate(feedQuery, c.req.query());
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
