/**
 * Runway's models; the endpoint is the task that is started. Runway reports the real charge of each task. Left out:
 * formats other than MP4. `addedAt` of other makers' models: the release
 * of the SDK that has them first, as far as its changelog says it.
 */
import type { CatalogueEntry } from "@visgate/shared/catalogue";
import { fromVideoModels } from "./models/from-video.js";
import { imageModels } from "./models/images.js";
import { ownModels } from "./models/own.js";
import { videoModels } from "./models/video.js";

export const runwayModels: CatalogueEntry[] = [...ownModels, ...videoModels, ...fromVideoModels, ...imageModels];
