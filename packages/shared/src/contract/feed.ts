/** GET /events: all that happens to an organization's requests, under consecutive numbers. */
import { z } from "zod";
import { EVENT_TYPES } from "../request/public-event.js";
import { requestStatus } from "./request.js";

export const feedQuery = z.strictObject({
  // Nothing is not 0: it would start anew in silence.
  after: z
    .preprocess((text) => (text === "" ? Number.NaN : text), z.coerce.number().int().min(0))
    .optional()
    .describe("next_after of the answer before; left out: from the oldest event that is kept."),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  wait: z.coerce.number().min(1).max(60).optional().describe("Seconds to wait for an event when there is none yet."),
  types: z
    .string()
    .optional()
    .describe(`Only these, separated by commas: ${EVENT_TYPES.join(", ")}.`),
});
export const eventTypes = z.array(z.enum(EVENT_TYPES));

export const feedEvent = z.object({
  sequence: z.int().positive().describe("Consecutive per organization, from 1."),
  type: z.enum(EVENT_TYPES),
  timestamp: z.iso.datetime({ precision: 3 }),
  request_id: z.string(),
  data: requestStatus.nullable().describe("The request right after the event; null when it was erased since."),
});
export type FeedEvent = z.infer<typeof feedEvent>;

export const feedAnswer = z.object({
  events: z.array(feedEvent),
  next_after: z.int().nonnegative().describe("The next call's after. It moves past events of other types too."),
  latest: z.int().nonnegative().describe("The newest event's sequence; 0 when there was none yet."),
});
export type FeedAnswer = z.infer<typeof feedAnswer>;
