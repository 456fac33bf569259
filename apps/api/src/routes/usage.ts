/** Usage and the dashboard of the caller's organization, and the export for accounting. */
import { dashboardAnswer, usageAnswer, usageLogs, usageLogsQuery, usageQuery } from "@visgate/shared/contract";
import { answer, answerJson } from "../http/answer.js";
import { readQuery } from "../http/query.js";
import { json, type Route } from "../http/route.js";
import { exportUsage, readDashboard, readUsage, readUsageLogs } from "../use-cases/read-usage.js";
import { usageCsv } from "./usage-csv.js";

const tags = ["Usage"];
const COUNTED = "A request counts on the day on which it was accepted, in the time zone of the organization.";

export const getUsage: Route = {
  docs: {
    operationId: "getUsage",
    summary: "What was used and spent in a period",
    description: COUNTED,
    tags,
    request: { query: usageQuery },
    responses: { 200: { description: "The usage.", content: json(usageAnswer) } },
  },
  handler: (deps) => async (c) => {
    const query = readQuery(c, usageQuery);
    return answerJson(c, await readUsage(deps, c.get("organization"), query));
  },
};

export const getUsageLogs: Route = {
  docs: {
    operationId: "listUsageLogs",
    summary: "Requests with what they cost",
    description: "Newest first.",
    tags,
    request: { query: usageLogsQuery },
    responses: { 200: { description: "A page of requests.", content: json(usageLogs) } },
  },
  handler: (deps) => async (c) => {
    const query = readQuery(c, usageLogsQuery);
    return answerJson(c, { logs: await readUsageLogs(deps, c.get("apiKey").organization, query) });
  },
};

export const exportUsageRoute: Route = {
  docs: {
    operationId: "exportUsage",
    summary: "Usage as CSV",
    description: `By day, model, API key and usage tag. ${COUNTED}`,
    tags,
    request: { query: usageQuery },
    responses: {
      200: {
        description: "One line per day, mode, model, API key and tag; the first line has the names of the columns.",
        content: { "text/csv": { schema: { type: "string" } } },
      },
    },
  },
  handler: (deps) => async (c) => {
    const query = readQuery(c, usageQuery);
    const { days, rows } = await exportUsage(deps, c.get("organization"), query);
    return answer(c, usageCsv(rows), 200, {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": `attachment; filename="usage-${days.first}-${days.last}.csv"`,
    });
  },
};

export const getDashboard: Route = {
  docs: {
    operationId: "getDashboard",
    summary: "Key figures of a period",
    description: COUNTED,
    tags,
    request: { query: usageQuery },
    responses: { 200: { description: "The figures.", content: json(dashboardAnswer) } },
  },
  handler: (deps) => async (c) => {
    const query = readQuery(c, usageQuery);
    return answerJson(c, await readDashboard(deps, c.get("organization"), query));
  },
};
