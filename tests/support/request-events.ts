/** Pages of the feed that hold only events of requests. */
import { z } from "zod";
import { feedAnswer, type RequestFeedEvent, requestFeedEvent } from "../../packages/shared/src/contract/feed.js";

export const requestEventPage = feedAnswer.extend({ events: z.array(requestFeedEvent) });
export type { RequestFeedEvent };
