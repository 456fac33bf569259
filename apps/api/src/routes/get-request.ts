/** Reads a request: now, or with ?wait=N (or Prefer: wait=N) when it has ended. */
import { statusAnswer, statusQuery } from "@visgate/shared/contract";
import { answerJson, answerJsonText } from "../http/answer.js";
import { parsePrefer } from "../http/prefer.js";
import { readQuery } from "../http/query.js";
import { type Ctx, json, type Route } from "../http/route.js";
import { requestParams } from "../openapi/params.js";
import { noteKnown } from "../use-cases/note-known.js";
import { createStatusReader, readWhenEnded, readWithTimeline } from "../use-cases/read-request.js";
import { statusView } from "../use-cases/status-view.js";

const MAX_WAIT_SECONDS = 60;

export const getRequest: Route = {
  docs: {
    operationId: "getRequest",
    summary: "Status of a request",
    description: "The header Prefer: wait=N does the same as ?wait=N. With both, ?wait is used.",
    tags: ["Requests"],
    request: { params: requestParams, query: statusQuery },
    errors: ["REQUEST_NOT_FOUND"],
    responses: { 200: { description: "The request.", content: json(statusAnswer) } },
  },
  handler: (deps) => {
    const readStatus = createStatusReader(deps, { withInput: true });
    const readWithoutInput = createStatusReader(deps, { withInput: false });
    return async (c) => {
      const id = c.req.param("id") ?? "";
      c.set("requestId", id);
      const ref = { organization: c.get("apiKey").organization, id };
      const { waitSeconds, withTimeline, withInput } = readAsked(c);
      if (waitSeconds === 0 && !withTimeline)
        return answerJsonText(c, await (withInput ? readStatus : readWithoutInput)(ref));
      const wait = { timeoutMs: waitSeconds * 1000, signal: c.req.raw.signal };
      const found = waitSeconds === 0 ? null : await readWhenEnded(deps, ref, wait);
      if (found !== null) noteKnown(deps, found);
      if (found !== null && !withTimeline) return answerJson(c, statusView(deps, found, { withInput }));
      const { record, timeline } = await readWithTimeline(deps, ref);
      return answerJson(c, { ...statusView(deps, record, { withInput }), timeline });
    };
  },
};

interface Asked {
  waitSeconds: number;
  withTimeline: boolean;
  withInput: boolean;
}

function readAsked(c: Ctx): Asked {
  const query = c.req.url.includes("?") ? readQuery(c, statusQuery) : {};
  const preferred = query.wait === undefined ? parsePrefer(c.req.header("prefer"), MAX_WAIT_SECONDS).waitSeconds : null;
  const includes = query.include?.split(",") ?? [];
  return {
    waitSeconds: query.wait ?? preferred ?? 0,
    withTimeline: includes.includes("timeline"),
    withInput: !includes.includes("-input"),
  };
}
