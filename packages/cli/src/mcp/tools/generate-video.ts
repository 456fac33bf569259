import { z } from "zod";
import { omitUndefined } from "../../arguments.js";
import { DEFAULT_MODEL } from "../../providers.generated.js";
import { runGeneration } from "../generation.js";
import { generationInputs, prompt, videoInputs } from "../inputs.js";
import { requestOutput } from "../request-answer.js";
import { defineTool } from "../tool.js";

/** `price`: a sentence; "" when it is not known. */
export const generateVideo = (price: string) =>
  defineTool({
    name: "generate_video",
    title: "Generate a video",
    description:
      `Makes a video from a prompt, or from a prompt and an image, and returns its URL. This spends money.${price} ` +
      "quote says what other settings cost. It usually takes 1 to 3 minutes. If the call ends early, the request " +
      "continues: get_request waits for it, and an equal call returns the same video at no cost.",
    input: z.strictObject({ prompt, ...videoInputs(DEFAULT_MODEL), ...generationInputs }),
    output: requestOutput,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    run: (call, input) =>
      runGeneration(call, input, (options) => {
        const { image_url: imageUrl, duration_seconds: durationSeconds, params } = input;
        const { params_unchecked: paramsUnchecked, fallback } = input;
        const fields = omitUndefined({ imageUrl, durationSeconds, params, paramsUnchecked, fallback });
        return call.client.videos.generate(input.model, input.prompt, { ...fields, ...options });
      }),
  });
