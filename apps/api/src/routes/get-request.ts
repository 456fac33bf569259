/** GET /requests/{id}: the status now, or with ?wait=N (or Prefer: wait=N) when the request is terminal. */
import { statusAnswer, statusQuery } from "@visgate/shared/contract";
import { requestView } from "@visgate/shared/request";
import { z } from "zod";
import { answerJson, answerJsonText } from "../http/answer.js";
import { parsePrefer } from "../http/prefer.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { validate } from "../http/validate.js";
import { findRequest } from "../use-cases/find-request.js";
import { createStatusReader } from "../use-cases/read-status.js";
import { readTimeline } from "../use-cases/read-timeline.js";

const MAX_WAIT_SECONDS = 60;

export const getRequest: Route = {
  method: "get",
  path: "/requests/{id}",
  auth: "key",
  docs: {
    summary: "Status of a request",
    description: "Prefer: wait=N holds the answer as wait=N does; the query wins.",
    tags: ["Requests"],
    request: { params: z.object({ id: z.string() }), query: statusQuery },
    responses: { 200: { description: "The request.", content: json(statusAnswer) } },
  },
  handler: (deps) => {
    const readStatus = createStatusReader(deps);
    return async (c) => {
      const id = c.req.param("id") ?? "";
      c.set("requestId", id);
      const ref = { organization: c.get("apiKey").organization, id };
      const { seconds, withTimeline } = wishOf(c);
      if (seconds === 0 && !withTimeline) return answerJsonText(c, await readStatus(ref));
      const wait = { timeoutMs: seconds * 1000, signal: c.req.raw.signal };
      const found = seconds === 0 ? null : await findRequest(deps, ref, wait);
      if (found !== null && !withTimeline) return answerJson(c, requestView(found, deps.fileUrls));
      const { record, timeline } = await readTimeline(deps, ref);
      return answerJson(c, { ...requestView(record, deps.fileUrls), timeline });
    };
  },
};

function wishOf(c: Ctx): { seconds: number; withTimeline: boolean } {
  const wait = c.req.query("wait");
  const include = c.req.query("include");
  const query = wait === undefined && include === undefined ? {} : validate(statusQuery, { wait, include });
  const preferred = wait === undefined ? parsePrefer(c.req.header("prefer"), MAX_WAIT_SECONDS).waitSeconds : null;
  return { seconds: query.wait ?? preferred ?? 0, withTimeline: query.include !== undefined };
}
