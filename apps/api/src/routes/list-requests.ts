/** Lists the organization's requests, newest first, page by page. */
import { PROVIDER_NAMES } from "@visgate/providers";
import { type ListAnswer, type ListQuery, listAnswer, listQuery } from "@visgate/shared/contract";
import { requestView } from "@visgate/shared/request";
import { answerJson } from "../http/answer.js";
import { readQuery } from "../http/query.js";
import { json, type Route } from "../http/route.js";
import { linksTo } from "../openapi/links.js";
import { listRequests, type RequestFilters } from "../use-cases/list-requests.js";

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
    const { limit, cursor = null } = query;
    const listed = await listRequests(deps, c.get("apiKey").organization, { filters: filtersOf(query), limit, cursor });
    const { records, nextCursor } = listed;
    const body: ListAnswer = {
      requests: records.map((record) => requestView(record, deps.fileUrls)),
      next_cursor: nextCursor,
    };
    return answerJson(c, body);
  },
};

function filtersOf(query: ListQuery): RequestFilters {
  return {
    status: query.status ?? null,
    model: query.model ?? null,
    provider: query.provider ?? null,
    mediaType: query.media_type ?? null,
    callbackId: query.callback_id ?? null,
    createdAfter: query.created_after === undefined ? null : Date.parse(query.created_after),
    createdBefore: query.created_before === undefined ? null : Date.parse(query.created_before),
  };
}
