/** Health, identity and the webhook secret. */
import { z } from "zod";
import { ERROR_STATUS, type ErrorCode } from "../errors.js";

export const health = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  database: z.enum(["ok", "unavailable"]),
  cache: z.enum(["ok", "unavailable"]),
  queues: z.record(z.string(), z.record(z.string(), z.int())),
});

export const identity = z.object({
  organization: z.object({ id: z.string(), name: z.string() }),
  role: z.literal("api-key"),
});

export const webhookSecret = z.object({ key: z.string().describe("whsec_…") });

/** The body of every error. */

const codes = Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]];

export const errorBody = z.object({
  error: z.enum(codes),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
});
