/** What a webhook receiver gets. */
import { z } from "zod";
import { requestStatus } from "./request.js";

export const webhookEvent = z.object({
  type: z.enum(["request.completed", "request.failed"]),
  timestamp: z.iso.datetime({ precision: 3 }),
  data: requestStatus,
});
export type WebhookEvent = z.infer<typeof webhookEvent>;
