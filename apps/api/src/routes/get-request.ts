/** Reads a request: now, or with ?wait=N (or Prefer: wait=N) when it has ended. */
import { statusAnswer, statusQuery } from "@visgate/shared/contract";
import type { ApiKey } from "@visgate/shared/organization";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";
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
      const apiKey = c.get("apiKey");
      const ref = { organization: apiKey.organization, id };
      const { waitSeconds, withTimeline, withInput } = readAsked(c);
      if (waitSeconds === 0 && !withTimeline) {
        const full = withInput ? await readStatus(ref) : null;
        const shown = full !== null && maySeeInput(apiKey, full) ? full : await readWithoutInput(ref);
        if (shown.unseen !== null && shown.apiKeyId === apiKey.id) {
          noteKnown(deps, shown.unseen);
          if (isTerminal(shown.unseen.status)) shown.unseen = null;
        }
        return answerJsonText(c, shown.text);
      }
      const wait = { timeoutMs: waitSeconds * 1000, signal: c.req.raw.signal };
      const found = waitSeconds === 0 ? null : await readWhenEnded(deps, ref, wait);
      if (found?.call.isAgain === true && found.apiKeyId === apiKey.id) noteKnown(deps, found);
      const viewOf = (record: RequestRecord) =>
        statusView(deps, record, { withInput: withInput && maySeeInput(apiKey, record) });
      if (found !== null && !withTimeline) return answerJson(c, viewOf(found));
      const { record, timeline } = await readWithTimeline(deps, ref);
      return answerJson(c, { ...viewOf(record), timeline });
    };
  },
};

/** A key that may only generate sees the prompts of its own requests, and not those of other keys. */
const maySeeInput = ({ id, scopes }: ApiKey, { apiKeyId }: Pick<RequestRecord, "apiKeyId">): boolean =>
  scopes.includes("read") || id === apiKeyId;

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
