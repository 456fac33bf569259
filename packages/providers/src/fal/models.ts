/**
 * fal's models. Each entry says where its inputs and its price are from. Prices change; fal shows the current ones at
 * https://api.fal.ai/v1/models/pricing?endpoint_id={id}.
 */
import type { CatalogueEntry } from "@visgate/shared/catalogue";
import { fluxModels } from "./models/flux.js";
import { imageModels } from "./models/images.js";
import { klingModels } from "./models/kling.js";
import { newestVideoModels } from "./models/newest-video.js";
import { veoModels } from "./models/veo.js";
import { videoModels } from "./models/video.js";

export const falModels: CatalogueEntry[] = [
  ...veoModels,
  ...klingModels,
  ...videoModels,
  ...newestVideoModels,
  ...fluxModels,
  ...imageModels,
];
