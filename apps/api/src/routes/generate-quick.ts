/** Generates an image from as little as a prompt. */
import { megapixels, pixelSizeOf, unitPriceMicro, variantOf } from "@visgate/shared/catalogue";
import { type QuickImageResult, quickImageBody, quickImageResult } from "@visgate/shared/contract";
import { type PixelSize, type RequestRecord, requestView } from "@visgate/shared/request";
import { microToUsd } from "@visgate/shared/units";
import type { z } from "zod";
import type { Deps } from "../deps.js";
import { json, type Route } from "../http/route.js";
import { GENERATION_ERRORS, generationHandler, generationHeaders, generationResponses, WAITING } from "./generation.js";
import { imageInput } from "./generation-input.js";

const MAX_BODY_BYTES = 64 * 1024;

export const generateQuick: Route = {
  docs: {
    operationId: "generateQuickImage",
    summary: "A quick image",
    description: WAITING,
    tags: ["Images"],
    request: {
      headers: generationHeaders,
      body: { required: true, content: json(quickImageBody, { prompt: "A red fox in fresh snow" }) },
    },
    errors: GENERATION_ERRORS,
    responses: generationResponses("The image is ready.", quickImageResult),
  },
  handler: generationHandler<z.infer<typeof quickImageBody>, null>({
    bodySchema: quickImageBody,
    maxBodyBytes: MAX_BODY_BYTES,
    readQuery: () => null,
    inputOf: imageInput,
    result: quickResultOf,
  }),
};

function quickResultOf(deps: Deps, record: RequestRecord): QuickImageResult {
  const view = requestView(record, deps.fileUrls);
  const { resolution, microPerMegapixel } = pricing(deps, record);
  return {
    id: view.id,
    image_url: view.output_url ?? "",
    images: view.output_urls,
    ...{ model: view.model, provider: view.provider, mode: view.mode },
    estimated_cost_usd: view.cost,
    cost_per_megapixel_usd: microToUsd(microPerMegapixel),
    latency_ms: view.latency_ms ?? 0,
    resolution,
    created_at: view.created_at,
  };
}

function pricing(deps: Deps, record: RequestRecord): { resolution: PixelSize; microPerMegapixel: number } {
  const { size, params, count } = record.input;
  const model = deps.catalogue.get(record.model);
  const variant = model === undefined ? undefined : variantOf(model, false);
  if (model === undefined || variant === undefined) {
    return { resolution: size ?? { width: 0, height: 0 }, microPerMegapixel: 0 };
  }
  const resolution = pixelSizeOf({ variant, size, params });
  const byMegapixel = model.price.unit === "megapixel";
  const made = record.costMicro + record.cache.avoidedCostMicro;
  const perImage = made / ((count ?? 1) * megapixels(resolution));
  return {
    resolution,
    microPerMegapixel: byMegapixel ? (unitPriceMicro(model, variant, params, size) ?? 0) : perImage,
  };
}
