import { type CatalogueEntry, flag, oneOf, type Params, seed, type VariantEntry } from "@visgate/shared/catalogue";
import { FLUX_SIZES } from "../../model-sizes.js";
import { IMAGE, imageText, LITELLM, llms, SDK, source, steps } from "./shared.js";

const jpegOrPng = { output_format: oneOf(["jpeg", "png"], "jpeg") };
const tolerance = (max: number) => ({
  safety_tolerance: oneOf(
    Array.from({ length: max }, (_, index) => String(index + 1)),
    "2",
  ),
});
const flux1 = (endpoint: string, params: Params): VariantEntry =>
  imageText(endpoint, { seed, ...jpegOrPng, ...params });

/** FLUX.2 costs more per megapixel up to the first one. Larger images have no price that can be written down here. */
const ONE_MEGAPIXEL = 1024 ** 2;
const flux2Pro = (endpoint: string): VariantEntry =>
  imageText(endpoint, { seed, ...jpegOrPng, ...tolerance(5) }, { maxImages: null, maxPixels: ONE_MEGAPIXEL });

const shapes = ["21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21"];
const kontext = (endpoint: string): VariantEntry => ({
  endpoint,
  size: { as: "listed", field: "aspect_ratio", sizes: FLUX_SIZES.filter(({ value }) => shapes.includes(value)) },
  params: {
    aspect_ratio: oneOf(shapes, "1:1"),
    seed,
    ...jpegOrPng,
    ...tolerance(6),
    guidance_scale: { type: "number", default: 3.5 },
    enhance_prompt: { type: "boolean" },
  },
});
/** A relay's copy of fal's prices, of 2025-10-11. */
const RELAY = "https://oauth.openai-hk.com/docs/en/lab/fal-ai.html";

export const fluxModels: CatalogueEntry[] = [
  {
    ...IMAGE,
    id: "fal-ai/flux/schnell",
    name: "FLUX.1 schnell",
    description: "Black Forest Labs' fast text-to-image model.",
    tags: ["fast"],
    featured: true,
    addedAt: "2024-08-01",
    variants: { text: flux1("fal-ai/flux/schnell", { num_inference_steps: steps(12, 4) }) },
    price: { unit: "megapixel", micro: 3000 },
    usualSeconds: 2,
    source: source(SDK, LITELLM),
  },
  {
    ...IMAGE,
    id: "fal-ai/flux/dev",
    name: "FLUX.1 dev",
    description: "Black Forest Labs' 12-billion-parameter text-to-image model.",
    addedAt: "2024-08-01",
    variants: {
      text: flux1("fal-ai/flux/dev", {
        num_inference_steps: steps(50, 28),
        guidance_scale: { type: "number", min: 1, max: 20, default: 3.5 },
        acceleration: oneOf(["none", "regular", "high"], "none"),
      }),
    },
    price: { unit: "megapixel", micro: 25_000 },
    usualSeconds: 5,
    source: source(SDK, LITELLM),
  },
  {
    ...IMAGE,
    id: "fal-ai/flux-pro/v1.1",
    name: "FLUX1.1 pro",
    description: "Black Forest Labs' professional text-to-image model.",
    tags: ["flagship"],
    addedAt: "2024-10-02",
    variants: { text: flux1("fal-ai/flux-pro/v1.1", { ...tolerance(6), enhance_prompt: flag(false) }) },
    price: { unit: "megapixel", micro: 40_000 },
    usualSeconds: 6,
    source: source(SDK, `${LITELLM}, and most other lists of 2026; one says $0.055`),
  },
  {
    ...IMAGE,
    id: "fal-ai/flux-pro/kontext/text-to-image",
    name: "FLUX.1 Kontext pro",
    description: "Black Forest Labs' FLUX.1 Kontext pro from a prompt.",
    addedAt: "2026-11-30",
    variants: { text: kontext("fal-ai/flux-pro/kontext/text-to-image") },
    price: { unit: "image", micro: 40_000 },
    usualSeconds: 8,
    source: source(SDK, `github.com/caredai/cared, packages/providers/src/provider-info/fal.ts, and ${RELAY}`),
  },
  {
    ...IMAGE,
    id: "fal-ai/flux-pro/kontext/max/text-to-image",
    name: "FLUX.1 Kontext max",
    description: "Black Forest Labs' FLUX.1 Kontext max from a prompt: better typography and prompt adherence.",
    addedAt: "2026-11-30",
    variants: { text: kontext("fal-ai/flux-pro/kontext/max/text-to-image") },
    price: { unit: "image", micro: 80_000 },
    usualSeconds: 10,
    source: source(SDK, RELAY),
  },
  {
    ...IMAGE,
    id: "fal-ai/flux-2-pro",
    name: "FLUX.2 pro",
    description: "Black Forest Labs' professional FLUX.2, up to one megapixel.",
    tags: ["flagship"],
    featured: true,
    addedAt: "2026-11-30",
    variants: { text: flux2Pro("fal-ai/flux-2-pro") },
    price: { unit: "megapixel", micro: 30_000 },
    usualSeconds: 10,
    source: source(
      "https://fal.ai/docs/model-api-reference/image-generation-api/flux-2-pro",
      "https://skillspool.org/zh/skills/joernstoehler-dnd-claude-code-claude-skills-fal-flux-prompting-skill-md",
    ),
  },
  {
    ...IMAGE,
    id: "fal-ai/flux-2-max",
    name: "FLUX.2 max",
    description: "Black Forest Labs' best FLUX.2, up to one megapixel.",
    tags: ["flagship"],
    addedAt: "2026-11-30",
    variants: { text: flux2Pro("fal-ai/flux-2-max") },
    price: { unit: "megapixel", micro: 70_000 },
    usualSeconds: 15,
    source: source(SDK, `${llms("fal-ai/flux-2-max/edit")}, where the first megapixel costs that`),
  },
  {
    ...IMAGE,
    id: "fal-ai/flux-2-flex",
    name: "FLUX.2 flex",
    description: "Black Forest Labs' FLUX.2 with adjustable steps and guidance; strong at typography.",
    addedAt: "2026-11-30",
    variants: {
      text: imageText(
        "fal-ai/flux-2-flex",
        {
          seed,
          ...jpegOrPng,
          ...tolerance(5),
          num_inference_steps: { type: "integer", default: 28 },
          guidance_scale: { type: "number", default: 3.5 },
        },
        { maxImages: null },
      ),
    },
    price: { unit: "megapixel", micro: 50_000 },
    usualSeconds: 15,
    source: source(`${llms("fal-ai/flux-2-flex")}, ${SDK}`, llms("fal-ai/flux-2-flex")),
  },
  {
    ...IMAGE,
    id: "fal-ai/flux-2/turbo",
    name: "FLUX.2 turbo",
    description: "FLUX.2 in eight steps: fast and cheap.",
    tags: ["fast"],
    addedAt: "2026-11-30",
    variants: {
      text: imageText(
        "fal-ai/flux-2/turbo",
        {
          seed,
          output_format: oneOf(["jpeg", "png", "webp"], "png"),
          guidance_scale: { type: "number", default: 2.5 },
          enable_prompt_expansion: { type: "boolean" },
        },
        { maxImages: null },
      ),
    },
    price: { unit: "megapixel", micro: 8000 },
    usualSeconds: 6,
    source: source(SDK, "https://fal.ai/learn/devs/flux-2-turbo-developer-guide"),
  },
  {
    ...IMAGE,
    id: "fal-ai/flux-2/klein/9b",
    name: "FLUX.2 klein 9B",
    description: "Black Forest Labs' small FLUX.2: four to eight steps.",
    tags: ["fast"],
    addedAt: "2026-11-30",
    variants: {
      text: imageText("fal-ai/flux-2/klein/9b", {
        seed,
        num_inference_steps: { type: "integer", min: 4, max: 8, default: 4 },
      }),
    },
    price: { unit: "megapixel", micro: 6000 },
    usualSeconds: 3,
    source: source(llms("fal-ai/flux-2/klein/9b"), llms("fal-ai/flux-2/klein/9b")),
  },
];
