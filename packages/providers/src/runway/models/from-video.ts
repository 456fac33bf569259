/** Models that start from a video. What they make is as long as that video. */
import { type CatalogueEntry, type Params, seed } from "@visgate/shared/catalogue";
import { NO_PRICE, PRICES, source, typed, VIDEO } from "./shared.js";

const FROM_VIDEO = { ...VIDEO, category: "video to video" } as const;
const sdk = (file: string) => `@runwayml/sdk 4.20.1, src/resources/${file}.ts`;
const percent = { type: "integer", min: 0, max: 100 } as const;
const ratio = (values: string[], field: string): Params => ({ aspect_ratio: { type: "string", values, field } });

const ACT_TWO_SHAPES = {
  ...{ "16:9": "1280:720", "9:16": "720:1280", "1:1": "960:960" },
  ...{ "4:3": "1104:832", "3:4": "832:1104", "21:9": "1584:672" },
};

export const fromVideoModels: CatalogueEntry[] = [
  {
    ...FROM_VIDEO,
    id: "runway/aleph2",
    name: "Aleph 2",
    description: "Runway's Aleph 2, which edits a given video by a prompt.",
    tags: ["flagship"],
    addedAt: "2026-11-30",
    variants: {
      video: {
        endpoint: "video_to_video",
        fixed: { model: "aleph2" },
        promptField: "promptText",
        promptOptional: true,
        inputs: { video: { field: "videoUri" } },
        params: { ...ratio(["16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "21:9"], "targetAspectRatio"), seed },
      },
    },
    // Runway bills at least two seconds, which we do not count.
    price: { unit: "second", micro: 280_000 },
    usualSeconds: 120,
    source: source(sdk("video-to-video"), PRICES),
  },
  {
    ...FROM_VIDEO,
    id: "runway/act_two",
    name: "Act-Two",
    description:
      "Runway's Act-Two, which moves the face and the body of an image's character as a person in a video does.",
    addedAt: "2026-11-30",
    variants: {
      video: {
        endpoint: "character_performance",
        fixed: { model: "act_two" },
        promptField: null,
        inputs: { first: { ...typed("character", "image"), required: true }, video: typed("reference", "video") },
        params: {
          aspect_ratio: {
            type: "string",
            values: Object.keys(ACT_TWO_SHAPES),
            map: ACT_TWO_SHAPES,
            field: "ratio",
          },
          ratio: { type: "string", values: Object.values(ACT_TWO_SHAPES) },
          body_control: { type: "boolean", field: "bodyControl" },
          expression_intensity: { type: "integer", min: 1, max: 5, field: "expressionIntensity" },
          seed,
        },
      },
    },
    price: { unit: "second", micro: null },
    usualSeconds: 90,
    source: source(sdk("character-performance"), NO_PRICE),
  },
  {
    ...FROM_VIDEO,
    id: "runway/magnific_video_upscaler_creative",
    name: "Magnific Video Upscaler (Runway)",
    description: "Magnific's upscaler on Runway: the given video in up to 4K, with added detail.",
    addedAt: "2026-11-30",
    variants: {
      video: {
        endpoint: "video_upscale",
        fixed: { model: "magnific_video_upscaler_creative" },
        promptField: null,
        inputs: { video: { field: "videoUri" } },
        params: {
          resolution: { type: "string", values: ["720p", "1k", "2k", "4k"], default: "2k" },
          flavor: { type: "string", values: ["vivid", "natural"] },
          creativity: percent,
          sharpen: percent,
          smart_grain: { ...percent, field: "smartGrain" },
          fps_boost: { type: "boolean", field: "fpsBoost" },
        },
      },
    },
    price: { unit: "second", micro: null },
    usualSeconds: 180,
    source: source(sdk("video-upscale"), NO_PRICE),
  },
];
