/** Cancels, deletes or makes again all requests that a filter matches. */
import { type BulkAnswer, bulkAnswer } from "@visgate/shared/contract";
import { invalid } from "@visgate/shared/errors";
import { z } from "zod";
import { answerJson } from "../http/answer.js";
import { requireScope } from "../http/auth.js";
import { readJson } from "../http/body.js";
import { callerKeyHeaders, readCallerKeys } from "../http/caller-keys.js";
import { idempotencyKey, readIdempotencyKey } from "../http/idempotency-key.js";
import { json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { linksTo } from "../openapi/links.js";
import { bulkRequest } from "../openapi/schemas.js";
import { runBulk } from "../use-cases/bulk.js";
import { checkTextFilter, filtersOf } from "../use-cases/request-filters.js";

const EXAMPLE = { action: "delete", filter: { status: ["failed"] }, dry_run: true };

const bulkHeaders = z.object({
  "idempotency-key": idempotencyKey
    .optional()
    .describe("again needs it: a repeat of this call with the same key makes no request twice. Kept 24 hours."),
  ...callerKeyHeaders.shape,
});

const keyRequired = () =>
  invalid(
    "Idempotency-Key",
    "Idempotency-Key is required for again: without it a repeat of this call would be paid twice. Send a new UUID.",
  );

export const bulkRequestsRoute: Route = {
  docs: {
    operationId: "bulkRequests",
    summary: "Act on many requests",
    description:
      "Cancels, deletes or makes again the requests that the filter matches, newest first, at most 500 per call; follow " +
      "next_cursor for more. First send it with dry_run, which counts them, then with this number as expected_count. The " +
      "key needs the scope read too. An answer of 200 lists what failed: each request is treated as by its own call.",
    tags: ["Requests"],
    request: { headers: bulkHeaders, body: { required: true, content: json(bulkRequest, EXAMPLE) } },
    errors: ["COUNT_CHANGED"],
    responses: {
      200: {
        description: "What was done.",
        content: json(bulkAnswer),
        links: linksTo(["getRequest"], { id: "$response.body#/failed/0/request_id" }),
      },
    },
  },
  handler: (deps) => async (c) => {
    const body = validate(bulkRequest, await readJson(c));
    requireScope(c.get("apiKey"), ["read"]);
    const { action, filter, dry_run: dryRun, expected_count: expectedCount = null, cursor = null } = body;
    const key = readIdempotencyKey(c.req.header("idempotency-key"));
    if (action === "again" && !dryRun && key === null) throw keyRequired();
    const filters = filtersOf(filter, filter.status ?? null);
    checkTextFilter(deps, filters, "filter.text");
    const { matched, done, failed, nextCursor } = await runBulk(deps, {
      ...{ action, filters, dryRun, expectedCount, cursor },
      apiKey: c.get("apiKey"),
      organization: c.get("organization"),
      callerKeys: readCallerKeys(c),
      idempotencyKey: key,
      onRates: (rates) => c.set("rates", rates),
    });
    const answer: BulkAnswer = {
      ...{ action, dry_run: dryRun, matched, done },
      failed: failed.map(({ id, error: { code, message } }) => ({ request_id: id, error: code, message })),
      next_cursor: nextCursor,
    };
    return answerJson(c, answer);
  },
};
