import type { Quote } from "@visgate_ai/client";
import { z } from "zod";
import { omitUndefined } from "../../arguments.js";
import { DEFAULT_MODEL } from "../../providers.generated.js";
import { oneLine, usd } from "../../screen/text.js";
import { imageInputs, videoInputs } from "../inputs.js";
import { defineTool } from "../tool.js";

const ANY_PROMPT = "any";
const { width, height, num_images } = imageInputs(DEFAULT_MODEL);

const output = z.object({
  model: z.string(),
  media_type: z.string(),
  cost_usd: z.number().nullable().describe("What it costs; null when the price is not known."),
  pricing: z.string().nullable(),
  duration_seconds: z.number().nullable().describe("As it will be made and billed."),
  would_be_accepted: z.boolean().describe("Whether every budget has room for it now."),
  usual_seconds: z.number().describe("How long it usually takes."),
  budgets: z.array(
    z.object({
      budget: z.string(),
      period: z.string(),
      limit_usd: z.number(),
      left_usd: z.number(),
      has_room: z.boolean(),
    }),
  ),
});

export const quote = defineTool({
  name: "quote",
  title: "Quote a price",
  description:
    "Says what a video or image would cost, how long it takes, and whether the budgets have room for it. Spends nothing.",
  input: z.strictObject({ ...videoInputs(DEFAULT_MODEL), width, height, num_images }),
  output,
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run(
    { client },
    { model, image_url: imageUrl, duration_seconds: durationSeconds, num_images: numImages, ...further },
  ) {
    const { params_unchecked: paramsUnchecked, ...rest } = further;
    const options = omitUndefined({ imageUrl, durationSeconds, numImages, paramsUnchecked, ...rest });
    const answer = await client.quotes.create(model, ANY_PROMPT, options);
    return { text: textOf(answer), output: toOutput(answer) };
  },
});

const toOutput = (quote: Quote): z.output<typeof output> => ({
  ...{ model: quote.model, media_type: quote.mediaType, cost_usd: quote.costUsd, pricing: quote.pricing },
  ...{ duration_seconds: quote.durationSeconds, would_be_accepted: quote.wouldBeAccepted },
  usual_seconds: Math.round((quote.p50LatencyMs ?? quote.usualLatencyMs) / 1000),
  budgets: quote.budgets.map(({ budget, period, limitUsd, leftUsd, hasRoom }) => ({
    ...{ budget, period, limit_usd: limitUsd, left_usd: leftUsd, has_room: hasRoom },
  })),
});

function textOf(quote: Quote): string {
  const { costUsd, durationSeconds, model, wouldBeAccepted, budgets } = quote;
  const what = durationSeconds === null ? model : `${durationSeconds} s of ${model}`;
  const full = budgets.filter(({ hasRoom }) => !hasRoom);
  const lacking = full.map(({ budget, period, leftUsd }) => `${usd(leftUsd)} left of ${budget} (${period})`);
  return oneLine(
    [
      `${what} costs ${costUsd === null ? "an unknown amount" : usd(costUsd)}`,
      wouldBeAccepted ? "every budget has room for it" : `a budget has no room for it: ${lacking.join(", ")}`,
    ].join("; "),
  );
}
