/** GET /requests: an organization's requests, newest first. */
import { z } from "zod";
import { STATUSES } from "../request/state.js";
import type { ProviderNames } from "./provider.js";
import { requestStatus } from "./request.js";

const time = () => z.iso.datetime({ offset: true, error: "must be an ISO 8601 time, as 2026-01-31T12:00:00Z" });

export const listQuery = (providers: ProviderNames) =>
  z.strictObject({
    status: z.enum(STATUSES).optional(),
    model: z.string().min(1).max(200).optional(),
    provider: z.enum(providers).optional(),
    media_type: z.enum(["video", "image"]).optional(),
    callback_id: z.string().min(1).max(255).optional(),
    created_after: time().optional().describe("Only those created later than this (ISO 8601)."),
    created_before: time().optional().describe("Only those created earlier than this (ISO 8601)."),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    cursor: z.string().min(1).optional().describe("next_cursor of the page before, with the same filters."),
  });
export type ListQuery = z.infer<ReturnType<typeof listQuery>>;

export const listAnswer = z.object({
  requests: z.array(requestStatus),
  next_cursor: z
    .string()
    .nullable()
    .describe("Null at the end. A page may hold fewer than limit, or none, and still have a next one."),
});
export type ListAnswer = z.infer<typeof listAnswer>;
