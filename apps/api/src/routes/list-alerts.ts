/** What is wrong for the caller's organization, and what was. */
import { alertList } from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { json, type Route } from "../http/route.js";
import { listAlerts } from "../use-cases/list-alerts.js";

export const listAlertsRoute: Route = {
  docs: {
    operationId: "listAlerts",
    summary: "Alerts",
    description:
      "What is wrong now: many requests that fail, a request that waits for too long, a budget that is used up, a provider " +
      "that does not work. The open alerts, and those that ended in the last 24 hours, the newest first. Webhook endpoints " +
      "and the feed get alert.opened and alert.closed.",
    tags: ["Events"],
    responses: { 200: { description: "The alerts.", content: json(alertList) } },
  },
  handler: (deps) => async (c) => answerJson(c, await listAlerts(deps, c.get("apiKey").organization)),
};
