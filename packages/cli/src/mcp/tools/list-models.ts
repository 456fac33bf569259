import type { Client, Model } from "@visgate_ai/client";
import { z } from "zod";
import { omitUndefined } from "../../arguments.js";
import { KEY_VARIABLES } from "../../providers.generated.js";
import { oneLine, usd } from "../../screen/text.js";
import { defineTool } from "../tool.js";

const input = z.strictObject({
  id: z.string().optional().describe("Only this model, with its params, aspect ratios and resolutions."),
  media_type: z.enum(["video", "image"]).optional().describe("Only models that make videos, or images."),
  image_input: z.boolean().optional().describe("true: only models that can start from an image (image_url)."),
  provider: z
    .string()
    .optional()
    .describe(`Only of this provider: ${Object.keys(KEY_VARIABLES).join(", ")}.`),
  search: z.string().max(200).optional().describe('Words that must all occur in the model, for example "veo fast".'),
  sort: z.enum(["name", "cost"]).default("cost").describe("cost, which is the default: the cheapest first."),
  limit: z.int().min(1).max(100).default(20).describe("How many; 20 unless given. total_count counts all."),
});

const modelOutput = z.object({
  id: z.string(),
  media_type: z.string(),
  pricing: z.string().nullable().describe("The price as a text; null when it is not known."),
  default_cost_usd: z.number().describe("USD for one generation with default settings: 5 s, or one 1024x1024 image."),
  durations_seconds: z.array(z.number()).describe("The durations that it makes; empty for images."),
  image_input: z.string().describe("Whether it takes image_url: none, optional or required."),
  usual_seconds: z.number().describe("How long a generation usually takes."),
});

const output = z.object({
  models: z.array(
    modelOutput.extend({
      aspect_ratios: z.array(z.string()).optional().describe("Empty when it takes any, or that of the image."),
      resolutions: z.array(z.string()).optional(),
      params: z.unknown().optional().describe("Params with their values: without an image (text), with one (image)."),
    }),
  ),
  total_count: z.number(),
});

export const listModels = defineTool({
  name: "list_models",
  title: "List models",
  description:
    "Lists the models with their prices, durations and inputs. With id it shows one model with all its params. Costs " +
    "nothing and needs no API key.",
  input,
  output,
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run({ client }, given) {
    if (given.id !== undefined) return answerOne(await client.models.get(given.id));
    const all = await findModels(client, given);
    const models = all.slice(0, given.limit).map(toOutput);
    const rest = all.length > models.length ? [`${models.length} of ${all.length} models; set limit or a filter.`] : [];
    return {
      text: [...models.map(lineOf), ...rest].join("\n") || "No models found.",
      output: { models, total_count: all.length },
    };
  },
});

async function findModels(client: Client, given: z.output<typeof input>): Promise<Model[]> {
  const { provider, search, media_type: mediaType, sort, image_input } = given;
  const { models } = await client.models.list({ sort, ...omitUndefined({ provider, search, mediaType }) });
  return models.filter(({ limits }) => image_input !== true || limits.imageInput !== "none");
}

const toOutput = ({ id, mediaType, pricing, baseCostMicro, limits, usualRenderSeconds }: Model) => ({
  ...{ id, media_type: mediaType, pricing, default_cost_usd: baseCostMicro / 1e6 },
  ...{ durations_seconds: limits.durationsSeconds, image_input: limits.imageInput, usual_seconds: usualRenderSeconds },
});

function answerOne(model: Model) {
  const { limits, params } = model;
  const shown = { aspect_ratios: limits.aspectRatios, resolutions: limits.resolutions, params };
  const details = Object.entries(shown).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const one = toOutput(model);
  return { text: [lineOf(one), ...details].join("\n"), output: { models: [{ ...one, ...shown }], total_count: 1 } };
}

/** For example `MODEL: video of 4, 6 or 8 s, $0.40 per second, default $2.40, image optional, about 60 s`. */
function lineOf(model: z.output<typeof modelOutput>): string {
  const { id, media_type, durations_seconds, pricing, default_cost_usd, image_input, usual_seconds } = model;
  const durations = durations_seconds.length === 0 ? "" : ` of ${durations_seconds.join("/")} s`;
  const price = pricing === null ? "price not known" : `${pricing}, default ${usd(default_cost_usd)}`;
  return oneLine(`${id}: ${media_type}${durations}, ${price}, image ${image_input}, about ${usual_seconds} s`);
}
