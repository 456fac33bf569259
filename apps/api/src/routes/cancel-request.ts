/** Cancels a request: 202 when it will end soon, 409 when it had already ended. */
import { cancelAnswer } from "@visgate/shared/contract";
import { z } from "zod";
import { answerJson } from "../http/answer.js";
import { json, type Route } from "../http/route.js";
import { cancelRequest, moneyMessage } from "../use-cases/cancel-request.js";

export const cancelRequestRoute: Route = {
  docs: {
    summary: "Cancel a request",
    description: "A cancelled request fails with error_code CANCELLED, unless it completes first.",
    tags: ["Requests"],
    request: { params: z.object({ id: z.string() }) },
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
