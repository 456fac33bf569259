/** Shows an operator what may be wrong. */
import { answerJson } from "../http/answer.js";
import { json, type Route } from "../http/route.js";
import { diagnosticsReport } from "../openapi/schemas.js";
import { readDiagnostics } from "../use-cases/read-diagnostics.js";

export const getDiagnostics: Route = {
  docs: {
    operationId: "getDiagnostics",
    summary: "Diagnostics",
    description:
      "Redis's settings and what they guarantee, clocks, queues, worker processes with what they run now, and which " +
      "providers are simulated. " +
      "`visgate doctor` explains it. 503 while Redis is unavailable.",
    tags: ["System"],
    responses: { 200: { description: "What was found.", content: json(diagnosticsReport) } },
  },
  handler: (deps) => async (c) => answerJson(c, await readDiagnostics(deps)),
};
