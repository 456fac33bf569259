/** GET /diagnostics: what an operator should know when something is wrong. */
import { PROVIDER_NAMES } from "@visgate/providers";
import { diagnostics } from "@visgate/shared/contract";
import { answerJson } from "../http/answer.js";
import { json, type Route } from "../http/route.js";
import { readDiagnostics } from "../use-cases/read-diagnostics.js";

export const getDiagnostics: Route = {
  method: "get",
  path: "/diagnostics",
  auth: "key",
  docs: {
    summary: "Diagnostics",
    description:
      "Redis's settings and what they promise, clocks, queues and who works on them, which providers are simulated. " +
      "`visgate doctor` explains it. 503 while Redis is away.",
    tags: ["System"],
    responses: { 200: { description: "What was found.", content: json(diagnostics(PROVIDER_NAMES)) } },
  },
  handler: (deps) => async (c) => answerJson(c, await readDiagnostics(deps)),
};
