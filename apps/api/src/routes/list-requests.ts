/** Lists the organization's requests, newest first, page by page. */
import { PROVIDER_NAMES } from "@visgate/providers";
import { type ListAnswer, type ListQuery, listAnswer, listQuery, statuses } from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { readQuery } from "../http/query.js";
import { json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { linksTo } from "../openapi/links.js";
import { listRequests } from "../use-cases/list-requests.js";
import { checkTextFilter, filtersOf } from "../use-cases/request-filters.js";
import { statusView } from "../use-cases/status-view.js";

const querySchema = listQuery(PROVIDER_NAMES);

export const listRequestsRoute: Route = {
  docs: {
    operationId: "listRequests",
    summary: "List requests",
    description:
      "Newest first. Follow next_cursor, with the same filters, until it is null: no request comes twice or is left out, " +
      "also when others are created meanwhile. One call reads 500 requests at most, so with filters that match few of " +
      "them a page may hold fewer than limit, or none, and still have a next one.",
    tags: ["Requests"],
    request: { query: querySchema },
    responses: {
      200: {
        description: "A page of requests.",
        content: json(listAnswer),
        links: {
          ...linksTo(["getRequest", "listDeliveries"], { id: "$response.body#/requests/0/id" }),
          ...linksTo(["listRequests"], { cursor: "$response.body#/next_cursor" }),
        },
      },
    },
  },
  handler: (deps) => async (c) => {
    const query = readQuery(c, querySchema);
    const { limit, cursor = null, include } = query;
    const filters = filtersOf(query, statusesOf(query));
    checkTextFilter(deps, filters, "text");
    const listed = await listRequests(deps, c.get("apiKey").organization, { filters, limit, cursor });
    const { records, nextCursor } = listed;
    const body: ListAnswer = {
      requests: records.map((record) => statusView(deps, record, { withInput: include === undefined })),
      next_cursor: nextCursor,
    };
    return answerJson(c, body);
  },
};

function statusesOf({ status }: ListQuery) {
  return status === undefined ? null : validate(statuses, status.split(","), "status");
}
