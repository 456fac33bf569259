/** Erases a request that has ended, with its files. */
import { deleteAnswer } from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { json, type Route } from "../http/route.js";
import { requestParams } from "../openapi/params.js";
import { deleteRequest } from "../use-cases/delete-request.js";

export const deleteRequestRoute: Route = {
  docs: {
    operationId: "deleteRequest",
    summary: "Delete a request",
    description:
      "Erases the request, its inputs, its time line and its deliveries, and its output unless another request shows " +
      "the same one. A request that has not ended gets a 409: cancel it first. In GET /events its events stay, " +
      "without data.",
    tags: ["Requests"],
    request: { params: requestParams },
    errors: ["REQUEST_NOT_FOUND", "NOT_TERMINAL"],
    responses: { 200: { description: "It is erased.", content: json(deleteAnswer) } },
  },
  handler: (deps) => async (c) => {
    const id = c.req.param("id") ?? "";
    c.set("requestId", id);
    await deleteRequest(deps, { organization: c.get("apiKey").organization, id });
    return answerJson(c, { request_id: id, deleted: true });
  },
};
