/** `POST /requests/bulk`: one action on all requests that a filter matches. */
import { z } from "zod";
import { requestId } from "./formats.js";
import type { ProviderNames } from "./provider.js";
import { mediaTypeFilter, modelFilter, providerFilter, statuses, textFilters } from "./request.js";

const BULK_ACTIONS = ["cancel", "again", "delete"] as const;
export const MAX_BULK = 500;

export const bulkBody = (providers: ProviderNames) =>
  z
    .strictObject({
      action: z
        .enum(BULK_ACTIONS)
        .describe("cancel: open requests; delete, again: requests that have ended. again costs money."),
      filter: z
        .strictObject({
          status: statuses.min(1).optional().describe("Only requests with one of these statuses."),
          model: modelFilter,
          provider: providerFilter(providers),
          media_type: mediaTypeFilter,
          ...textFilters,
        })
        .refine((filter) => Object.values(filter).some((value) => value !== undefined), "must have at least one field")
        .meta({ minProperties: 1 })
        .describe("As the filters of GET /requests; a request must pass all of them."),
      dry_run: z.boolean().default(false).describe("true: only counts."),
      expected_count: z
        .int()
        .min(0)
        .optional()
        .describe(
          "How many requests you expect, as a dry run counted them. With another number nothing is done. again needs it.",
        ),
      cursor: z
        .string()
        .min(1)
        .optional()
        .describe("next_cursor of the previous call, with the same action and filter."),
    })
    .refine(({ action, dry_run, expected_count }) => action !== "again" || dry_run || expected_count !== undefined, {
      path: ["expected_count"],
      error: "is required for again, because it costs money; a dry run counts the requests",
    });
export type BulkBody = z.infer<ReturnType<typeof bulkBody>>;

export const bulkAnswer = z.object({
  action: z.enum(BULK_ACTIONS),
  dry_run: z.boolean(),
  matched: z.int().nonnegative().describe(`How many requests this call is about, at most ${MAX_BULK}.`),
  done: z.int().nonnegative().describe("For how many of them the action was done; 0 after a dry run."),
  failed: z
    .array(z.object({ request_id: requestId, error: z.string(), message: z.string() }))
    .describe("The others, each with the error that the call for this request alone would get."),
  next_cursor: z
    .string()
    .nullable()
    .describe("Null when there are no more. A call may match none and still have a next one."),
});
export type BulkAnswer = z.infer<typeof bulkAnswer>;
