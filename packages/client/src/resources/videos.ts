/** `client.videos`: from a prompt, or from an image, to a video. */
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
import { type VideoResult, videoResultOf } from "../status.js";
import type { VideoBody } from "../types.generated.js";

export interface VideoOptions extends Loose<Omit<VideoBody, "model" | "prompt">>, GenerateOptions {
  /** true: comes back as soon as the request is accepted, with its id and a `wait()`. */
  preferAsync?: boolean | undefined;
}

export interface Videos {
  /**
   * Generates a video and waits for it, however long that takes (`timeout`, `signal` and `onProgress` see to the wait).
   * Lost answers, restarts and retries never make a second one: all tries share one idempotency key.
   * @param model catalogue id, as `fal-ai/veo3`; `VIDEO_MODEL_PRESETS` has one per provider
   * @param prompt 1 to 10,000 characters
   * @throws ValidationError what a field takes; nothing was spent
   * @throws ProviderError the provider failed; `requestId` has the whole story
   * @throws TimeoutError the time was over; the request goes on
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
      body: { model, prompt, ...fields },
      result: ({ status }: Completed) => videoResultOf(status),
    };
    return preferAsync === true ? submit(http, generation, waiting) : generate(http, generation, waiting);
  }
  return { generate: run as Videos["generate"] };
}
