/** GET /requests/{id}: the status now, or with ?wait=N (or Prefer: wait=N) when the request is terminal. */
import { requestStatus, waitQuery } from "@visgate/shared/contract/request";
import { requestView } from "@visgate/shared/view";
import { z } from "zod";
import { answerJson, answerJsonText } from "../http/answer.js";
import { parsePrefer } from "../http/prefer.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { findRequest } from "../use-cases/find-request.js";
import { createStatusReader } from "../use-cases/read-status.js";

const MAX_WAIT_SECONDS = 60;

export const getRequest: Route = {
  method: "get",
  path: "/requests/{id}",
  auth: "key",
  docs: {
    summary: "Status of a request",
    tags: ["Requests"],
    request: { params: z.object({ id: z.string() }), query: waitQuery },
    responses: { 200: { description: "The request.", content: json(requestStatus) } },
  },
  handler: (deps) => {
    const readStatus = createStatusReader(deps);
    return async (c) => {
      const id = c.req.param("id") ?? "";
      c.set("requestId", id);
      const ref = { organization: c.get("apiKey").organization, id };
      const seconds = waitSeconds(c);
      if (seconds === 0) return answerJsonText(c, await readStatus(ref));
      const record = await findRequest(deps, ref, { timeoutMs: seconds * 1000, signal: c.req.raw.signal });
      return answerJson(c, requestView(record, deps.fileUrls));
    };
  },
};

function waitSeconds(c: Ctx): number {
  const wait = c.req.query("wait");
  if (wait !== undefined) return validate(waitQuery, { wait }).wait ?? 0;
  return parsePrefer(c.req.header("prefer"), MAX_WAIT_SECONDS).waitSeconds ?? 0;
}
