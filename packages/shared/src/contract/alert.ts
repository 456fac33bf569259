/** GET /alerts, and the data of the events `alert.opened` and `alert.closed`. */
import { z } from "zod";
import { ALERT_KINDS } from "../alert/alert.js";
import { time } from "./formats.js";

export const alertView = z.object({
  id: z.string(),
  kind: z
    .enum(ALERT_KINDS)
    .describe(
      "error_rate: many of the requests that ended in the last 10 minutes failed by a provider's fault. queue_age: a " +
        "request has been pending for too long. budget: a budget is used up, or had no room for a call. provider_down: a model fails every time, or " +
        "a provider key is refused.",
    ),
  subject: z.string().describe("organization, a budget as subject|period, or a provider."),
  message: z.string().describe("What is wrong, for people."),
  value: z
    .number()
    .nullable()
    .describe(
      "error_rate: the share of failed requests, 0 to 1. queue_age: seconds. budget: USD held and spent. Else null.",
    ),
  threshold: z.number().nullable().describe("From which value on there is an alert."),
  since: time,
  ended_at: time.nullable().describe("Null while the alert is open."),
});
export type AlertView = z.infer<typeof alertView>;

export const alertList = z.object({ alerts: z.array(alertView) });
export type AlertList = z.infer<typeof alertList>;
