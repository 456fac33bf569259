/** `client.images`, and `client.generate` for one image from a prompt. */
import type { VisgateError } from "../errors.js";
import {
  type Completed,
  type GenerateOptions,
  type GenerationRequest,
  generate,
  splitOptions,
  submit,
} from "../generate.js";
import type { Http } from "../http.js";
import { imageResultOf } from "../request-outcome.js";
import type { ImageBody, ImageResult, QuickImageBody, QuickImageResult } from "../types.generated.js";
import type { OptionalFields } from "../wire-format.js";

export interface ImageOptions extends OptionalFields<Omit<ImageBody, "model" | "prompt">>, GenerateOptions {
  /** true: `steps` of the result says how long each step took; false unless given. */
  includeSteps?: boolean | undefined;
  /** true: the call returns once the request is accepted, with its id and a `wait()`; false unless given. */
  preferAsync?: boolean | undefined;
}
export interface QuickImageOptions extends OptionalFields<Omit<QuickImageBody, "prompt">>, GenerateOptions {}

export interface Images {
  /**
   * Generates images and waits for them. Fails with the same errors as `videos.generate`.
   * @param model catalogue id, as `fal-ai/flux/schnell`
   * @param prompt 1 to 10,000 characters
   */
  generate(
    model: string,
    prompt: string,
    options: ImageOptions & { preferAsync: true },
  ): Promise<GenerationRequest<ImageResult>>;
  generate(model: string, prompt: string, options?: ImageOptions & { preferAsync?: false }): Promise<ImageResult>;
  generate(
    model: string,
    prompt: string,
    options?: ImageOptions,
  ): Promise<ImageResult | GenerationRequest<ImageResult>>;
}

/** A request's status lacks sizes, storage and steps: only the answer to the call itself has them. */
const quickImage = ({ replay }: Completed) => replay<QuickImageResult>({ imageUrl: "string", images: "array" });

/** The full result; for a request too old for a replay, what its status contains. */
const imageResult = (completed: Completed) =>
  completed.replay<ImageResult>({ images: "array" }).catch((error: VisgateError) => {
    if (error.errorCode !== "RESULT_GONE") throw error;
    return imageResultOf(completed.status);
  });

export function createImages(http: Http): Images {
  function run(model: string, prompt: string, { preferAsync, includeSteps, ...options }: ImageOptions = {}) {
    const { fields, waiting } = splitOptions(options);
    const generation = {
      path: "/images/generate",
      query: { includeSteps },
      body: { model, prompt, ...fields },
      result: imageResult,
    };
    return preferAsync === true ? submit(http, generation, waiting) : generate(http, generation, waiting);
  }
  return { generate: run as Images["generate"] };
}

/** Only the prompt is required: one image of `fal-ai/flux/schnell`, unless the options say otherwise. */
export function createQuickImage(http: Http) {
  return (prompt: string, options: QuickImageOptions = {}): Promise<QuickImageResult> => {
    const { fields, waiting } = splitOptions(options);
    const generation = { path: "/generate", body: { prompt, ...fields }, result: quickImage };
    return generate(http, generation, waiting);
  };
}
