import { z } from "zod";
import { requestId, waitSeconds } from "../inputs.js";
import { requestAnswer, requestOutput } from "../request-answer.js";
import { defineTool } from "../tool.js";
import { watchRequest } from "../watch.js";

export const getRequest = defineTool({
  name: "get_request",
  title: "Show a request",
  description:
    "Shows a generation: its status, its output URLs and its cost. With wait_seconds it waits for the end. Costs " +
    "nothing. A request that failed is shown with its error_code.",
  input: z.strictObject({
    request_id: requestId,
    wait_seconds: waitSeconds.default(0).describe("How many seconds to wait for the end; 0 unless given."),
  }),
  output: requestOutput,
  annotations: { readOnlyHint: true, openWorldHint: false },
  run: async (call, input) => requestAnswer(await watchRequest(call, input.request_id, input.wait_seconds)),
});
