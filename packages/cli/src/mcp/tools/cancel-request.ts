import { z } from "zod";
import { oneLine } from "../../screen/text.js";
import { requestId } from "../inputs.js";
import { defineTool } from "../tool.js";

export const cancelRequest = defineTool({
  name: "cancel_request",
  title: "Cancel a request",
  description:
    "Cancels a generation that has not ended, at the gateway and at its provider. It cannot be undone. The provider may " +
    "charge for what it has started; get_request shows the final charge_state.",
  input: z.strictObject({ request_id: requestId }),
  output: z.object({
    request_id: z.string(),
    status: z.string().describe("cancelling."),
    charge_state: z.string().describe("What is known now: none, held, charged, released or unknown."),
    message: z.string(),
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  async run({ client }, { request_id }) {
    const { status, chargeState, message } = await client.requests.cancel(request_id);
    return {
      text: oneLine(`${status}: ${message}`),
      output: { request_id, status, charge_state: chargeState, message: oneLine(message) },
    };
  },
});
