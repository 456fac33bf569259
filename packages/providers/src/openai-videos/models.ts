/**
 * No model is built in, because the operator's servers decide which models exist. A model in CATALOGUE_FILE has the
 * fields that the operator writes. Any other `openai-videos/<model>` has the fields that such servers have in common:
 * the VideoCreateParams of openai 6.49.0, and fields like seed as vLLM and LiteLLM accept them. Its price is not known.
 */
import { type CatalogueEntry, freeText, type Params, seed } from "@visgate/shared/catalogue";

const MAX_SECONDS = 60;

/** Size and seconds are always sent, because a lost submit is found by comparing them with the list of videos. */
const params: Params = {
  size: { type: "string", maxLength: 20, default: "1280x720", alwaysSent: true },
  negative_prompt: freeText,
  seed,
  fps: { type: "integer", min: 1, max: 240 },
  num_frames: { type: "integer", min: 1, max: 10_000 },
  num_inference_steps: { type: "integer", min: 1, max: 1000 },
  guidance_scale: { type: "number", min: 0, max: 100 },
};

/** `name`: the model's name at its server, with `@server` unless it is the server of OPENAI_VIDEOS_BASE_URL. */
export function openModel(name: string): CatalogueEntry {
  const variant = { endpoint: name, duration: { field: "seconds", as: "string" }, params } as const;
  return {
    ...{ id: `openai-videos/${name}`, provider: "openai-videos", mediaType: "video", name },
    description: "A model of a server that speaks the OpenAI videos API.",
    category: "video generation",
    addedAt: "2026-11-29",
    durationsSeconds: Array.from({ length: MAX_SECONDS }, (_, index) => index + 1),
    variants: { text: variant, image: { ...variant, imageField: "input_reference" } },
    usualSeconds: 120,
  };
}
