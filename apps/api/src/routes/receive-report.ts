/** Receives a provider's report that a job has ended. Each request has its own URL for it. */
import { z } from "zod";
import { answerJson } from "../http/answer.js";
import { readText } from "../http/body.js";
import { json, type Route } from "../http/route.js";
import { findVerifier, receiveReport } from "../use-cases/receive-report.js";

/** The body is a prediction with its inputs, or a result. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

const received = z.object({ received: z.literal(true) });

export const receiveReportRoute: Route = {
  docs: {
    operationId: "receiveProviderReport",
    summary: "A provider reports that a job has ended",
    description: "For providers only. The signatures of the URL and of the message are checked.",
    tags: ["Providers"],
    request: {
      params: z.object({
        provider: z.string().describe("The provider."),
        organization: z.string().describe("The organization of the request."),
        id: z.string().describe("The id of the request."),
      }),
      query: z.object({ signature: z.string().describe("Made by this server.") }),
    },
    errors: ["NOT_FOUND", "PAYLOAD_TOO_LARGE"],
    responses: { 200: { description: "Received.", content: json(received) } },
  },
  handler: (deps) => async (c) => {
    const param = (name: string) => c.req.param(name) ?? "";
    const ref = { organization: param("organization"), id: param("id") };
    const verifier = findVerifier(deps, {
      provider: param("provider"),
      ref,
      signature: c.req.query("signature") ?? "",
    });
    const report = { headers: c.req.raw.headers, body: await readText(c, MAX_BODY_BYTES) };
    await receiveReport(deps, { provider: param("provider"), ref, verifier, report });
    c.set("requestId", ref.id);
    return answerJson(c, { received: true });
  },
};
