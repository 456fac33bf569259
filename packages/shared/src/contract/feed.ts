/** GET /events: the events of an organization, under consecutive numbers. */
import { z } from "zod";
import type { AlertEventType } from "../alert/alert.js";
import { BUDGET_EVENT_TYPE, EVENT_TYPES, REQUEST_EVENT_TYPES } from "../request/public-event.js";
import { alertView } from "./alert.js";
import { numberAsked, requestId, time } from "./formats.js";
import { budgetThreshold } from "./money.js";
import { requestStatus } from "./request.js";

const ANY_TYPE = ` *(${EVENT_TYPES.join("|").replaceAll(".", "\\.")}) *`;

export const feedQuery = z.strictObject({
  after: numberAsked(z.coerce.number().int().min(0))
    .optional()
    .describe("next_after of the previous answer. Default: from the oldest kept event."),
  limit: z.coerce.number().int().min(1).max(500).default(100).describe("The maximum number of events."),
  wait: z.coerce.number().min(1).max(60).optional().describe("Seconds to wait for an event when there is none yet."),
  types: z
    .string()
    .meta({ pattern: `^${ANY_TYPE}(,${ANY_TYPE})*$`, example: "request.completed,request.failed" })
    .optional()
    .describe(`Only these types, separated by commas: ${EVENT_TYPES.join(", ")}.`),
});
export const eventTypes = z.array(z.enum(EVENT_TYPES));

const sequence = z.int().positive().describe("Consecutive per organization, from 1.");

export const requestFeedEvent = z.object({
  sequence,
  type: z.enum(REQUEST_EVENT_TYPES),
  timestamp: time,
  request_id: requestId,
  data: requestStatus.nullable().describe("The request right after the event; null when the request was erased."),
});
export type RequestFeedEvent = z.infer<typeof requestFeedEvent>;
export const budgetFeedEvent = z.object({
  sequence,
  type: z.literal(BUDGET_EVENT_TYPE),
  timestamp: time,
  request_id: z.null(),
  data: budgetThreshold.describe("The budget right after the event."),
});
/** One schema for each type, so that TypeScript tells the data by the type. */
export const alertFeedEvent = <T extends AlertEventType>(type: T) =>
  z.object({ sequence, type: z.literal(type), timestamp: time, request_id: z.null(), data: alertView });
export const feedEvent = z.discriminatedUnion("type", [
  requestFeedEvent,
  budgetFeedEvent,
  alertFeedEvent("alert.opened"),
  alertFeedEvent("alert.closed"),
]);
export type FeedEvent = z.infer<typeof feedEvent>;

export const feedAnswer = z.object({
  events: z.array(feedEvent),
  next_after: z
    .int()
    .nonnegative()
    .describe("The value of after for the next call. It also passes events of other types."),
  latest: z.int().nonnegative().describe("The sequence of the newest event; 0 before the first."),
});
export type FeedAnswer = z.infer<typeof feedAnswer>;
