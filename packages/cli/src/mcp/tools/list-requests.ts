import { z } from "zod";
import { omitUndefined } from "../../arguments.js";
import { oneLine, usd } from "../../screen/text.js";
import { progressText, requestOutput, toRequestOutput } from "../request-answer.js";
import { defineTool } from "../tool.js";

const row = requestOutput
  .pick({ request_id: true, status: true, model: true, output_urls: true, error_code: true })
  .extend(requestOutput.pick({ cost: true, created_at: true }).shape);

export const listRequests = defineTool({
  name: "list_requests",
  title: "List the latest requests",
  description:
    "Lists the latest generations, newest first: for example to find a request whose call ended before its answer.",
  input: z.strictObject({
    status: z
      .enum(["pending", "processing", "completed", "failed"])
      .optional()
      .describe("Only requests with this status."),
    limit: z.int().min(1).max(50).default(10).describe("How many; 10 unless given, at most 50."),
  }),
  output: z.object({ requests: z.array(row) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run({ client }, { status, limit }) {
    const { requests } = await client.requests.list({ limit, ...omitUndefined({ status }) });
    const lines = requests.map((request) => {
      const end = request.outputUrls[0] ?? request.errorCode ?? "";
      return oneLine([request.requestId, progressText(request), request.model, usd(request.cost), end].join(" "));
    });
    return {
      text: lines.join("\n") || "There are no requests.",
      output: { requests: requests.map((request) => row.parse(toRequestOutput(request))) },
    };
  },
});
