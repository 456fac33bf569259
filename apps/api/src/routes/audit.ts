/** The audit log of the caller's organization. */
import { auditPage, auditQuery } from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { readQuery } from "../http/query.js";
import { json, type Route } from "../http/route.js";
import { readAudit } from "../use-cases/read-audit.js";

export const getAudit: Route = {
  docs: {
    operationId: "listAuditEntries",
    summary: "Who changed keys, budgets, endpoints and settings, or settled a request",
    description: "Newest first. The log keeps the last 100,000 changes, about.",
    tags: ["Organization"],
    request: { query: auditQuery },
    responses: { 200: { description: "A page of changes.", content: json(auditPage) } },
  },
  handler: (deps) => async (c) => {
    const query = readQuery(c, auditQuery);
    return answerJson(c, await readAudit(deps, c.get("apiKey").organization, query));
  },
};
