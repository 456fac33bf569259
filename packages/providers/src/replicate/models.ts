/**
 * Replicate's official models; the endpoint is owner/name. Replicate publishes prices only on model pages, so the prices
 * here are from other sources.
 */
import type { CatalogueEntry } from "@visgate/shared/catalogue";
import { imageModels } from "./models/images.js";
import { videoModels } from "./models/video.js";

export const replicateModels: CatalogueEntry[] = [...videoModels, ...imageModels];
