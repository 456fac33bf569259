/** `client.videos`: a video from a prompt, or from a prompt and an image. */
import {
  type Completed,
  type GenerateOptions,
  type GenerationRequest,
  generate,
  splitOptions,
  submit,
} from "../generate.js";
import type { Http } from "../http.js";
import { type VideoResult, videoResultOf } from "../request-outcome.js";
import type { VideoBody } from "../types.generated.js";
import type { OptionalFields } from "../wire-format.js";

export interface VideoOptions extends OptionalFields<Omit<VideoBody, "model" | "prompt">>, GenerateOptions {
  /** true: the call returns once the request is accepted, with its id and a `wait()`; false unless given. */
  preferAsync?: boolean | undefined;
}

export interface Videos {
  /**
   * Generates a video and waits for it; `timeout`, `signal` and `onProgress` control the wait. All tries share one
   * idempotency key, so lost answers, restarts and retries never make a second video.
   * @param model catalogue id, as `fal-ai/veo3.1/fast`; `VIDEO_MODEL_PRESETS` has one per provider
   * @param prompt 1 to 10,000 characters; "" for the few models that take none
   * @throws ValidationError a field is not valid (`field`, `allowed`); nothing was spent
   * @throws ProviderError the provider failed; `details.charge_state` says what is known about the charge
   * @throws TimeoutError the time limit was reached; the request continues at the gateway
   */
  generate(
    model: string,
    prompt: string,
    options: VideoOptions & { preferAsync: true },
  ): Promise<GenerationRequest<VideoResult>>;
  generate(model: string, prompt: string, options?: VideoOptions & { preferAsync?: false }): Promise<VideoResult>;
  generate(
    model: string,
    prompt: string,
    options?: VideoOptions,
  ): Promise<VideoResult | GenerationRequest<VideoResult>>;
}

export function createVideos(http: Http): Videos {
  function run(model: string, prompt: string, { preferAsync, ...options }: VideoOptions = {}) {
    const { fields, waiting } = splitOptions(options);
    const generation = {
      path: "/videos/generate",
      // Some models take no prompt.
      body: { model, ...(prompt === "" ? {} : { prompt }), ...fields },
      result: ({ status }: Completed) => videoResultOf(status),
    };
    return preferAsync === true ? submit(http, generation, waiting) : generate(http, generation, waiting);
  }
  return { generate: run as Videos["generate"] };
}
