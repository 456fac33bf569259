/** Cancels a request: 202 when it will end soon, 409 when it had already ended. */
import { cancelAnswer } from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { json, type Route } from "../http/route.js";
import { requestParams } from "../openapi/params.js";
import { cancelRequest, moneyMessage } from "../use-cases/cancel-request.js";

export const cancelRequestRoute: Route = {
  docs: {
    operationId: "cancelRequest",
    summary: "Cancel a request",
    description: "A cancelled request fails with error_code CANCELLED, unless it completes first.",
    tags: ["Requests"],
    request: { params: requestParams },
    errors: ["REQUEST_NOT_FOUND", "ALREADY_TERMINAL"],
    responses: { 202: { description: "It is being cancelled.", content: json(cancelAnswer) } },
  },
  handler: (deps) => async (c) => {
    const id = c.req.param("id") ?? "";
    c.set("requestId", id);
    const record = await cancelRequest(deps, { organization: c.get("apiKey").organization, id });
    const body = {
      request_id: id,
      status: "cancelling",
      charge_state: record.chargeState,
      message: moneyMessage(record),
    };
    return answerJson(c, body, 202);
  },
};
