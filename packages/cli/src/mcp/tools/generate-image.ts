import { z } from "zod";
import { omitUndefined } from "../../arguments.js";
import { DEFAULT_IMAGE_MODEL } from "../../providers.generated.js";
import { runGeneration } from "../generation.js";
import { generationInputs, imageInputs, prompt } from "../inputs.js";
import { requestOutput } from "../request-answer.js";
import { defineTool } from "../tool.js";

/** `price`: a sentence; "" when it is not known. */
export const generateImage = (price: string) =>
  defineTool({
    name: "generate_image",
    title: "Generate images",
    description:
      `Makes one or more images from a prompt and returns their URLs. This spends money.${price} quote says what other ` +
      "settings cost. It takes seconds. If the call ends early, the request continues: get_request waits for it, and " +
      "an equal call returns the same images at no cost.",
    input: z.strictObject({ prompt, ...imageInputs(DEFAULT_IMAGE_MODEL), ...generationInputs }),
    output: requestOutput,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    run: (call, input) =>
      runGeneration(call, input, (options) => {
        const { width, height, num_images: numImages, negative_prompt: negativePrompt, seed, params } = input;
        const { params_unchecked: paramsUnchecked, fallback } = input;
        const fields = omitUndefined({
          width,
          height,
          numImages,
          negativePrompt,
          seed,
          params,
          paramsUnchecked,
          fallback,
        });
        return call.client.images.generate(input.model, input.prompt, { ...fields, ...options });
      }),
  });
