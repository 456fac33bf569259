/** `client.images`, and `client.generate` for a quick one. */
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
import type { Loose } from "../loose.js";
import { imageResultOf } from "../status.js";
import type { ImageBody, ImageResult, QuickImageBody, QuickImageResult } from "../types.generated.js";

export interface ImageOptions extends Loose<Omit<ImageBody, "model" | "prompt">>, GenerateOptions {
  /** true: the result tells in `steps` what took how long. */
  includeSteps?: boolean | undefined;
  /** true: comes back as soon as the request is accepted, with its id and a `wait()`. */
  preferAsync?: boolean | undefined;
}
export interface QuickImageOptions extends Loose<Omit<QuickImageBody, "prompt">>, GenerateOptions {}

export interface Images {
  /**
   * Generates images and waits for them. Fails as `videos.generate` does.
   * @param model catalogue id, as `fal-ai/flux/schnell`
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

/** Storage, sizes and steps are not in the status of a request: the gateway tells them to the call itself. */
const quickImage = ({ replay }: Completed) => replay<QuickImageResult>({ imageUrl: "string", images: "array" });

/** In full; of a request that is too old for that, what its status tells. */
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

/** As little as a prompt: one image of `fal-ai/flux/schnell`, unless the options say otherwise. */
export function createQuickImage(http: Http) {
  return (prompt: string, options: QuickImageOptions = {}): Promise<QuickImageResult> => {
    const { fields, waiting } = splitOptions(options);
    const generation = { path: "/generate", body: { prompt, ...fields }, result: quickImage };
    return generate(http, generation, waiting);
  };
}
