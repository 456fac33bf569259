/** What a webhook receiver gets. */
import { z } from "zod";
import { EVENT_TYPES } from "../domain/event.js";
import { requestStatus } from "./request.js";

export const webhookEvent = z.object({
  type: z.enum(EVENT_TYPES),
  timestamp: z.iso.datetime({ precision: 3 }),
  sequence: z.int().positive().describe("The event's place in GET /events, counted per organization."),
  data: requestStatus,
});
export type WebhookEvent = z.infer<typeof webhookEvent>;
