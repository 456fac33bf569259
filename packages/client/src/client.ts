/** The client: every resource of the gateway over one HTTP core. */
import { createHttp } from "./http.js";
import { type ClientOptions, resolveOptions } from "./options.js";
import { createEvents, type Events } from "./resources/events.js";
import { createImages, createQuickImage, type Images, type QuickImageOptions } from "./resources/images.js";
import { createModels, type Models } from "./resources/models.js";
import { createProviders, type Providers } from "./resources/providers.js";
import { createRequests, type Requests } from "./resources/requests.js";
import { createVideos, type Videos } from "./resources/videos.js";
import { createWebhookEndpoints, createWebhooks, type WebhookEndpoints, type Webhooks } from "./resources/webhooks.js";
import { systemRuntime } from "./runtime.js";
import type { Diagnostics, Health, Identity, QuickImageResult } from "./types.generated.js";

/**
 * @example
 * const client = new Client(); // VISGATE_API_KEY, VISGATE_BASE_URL
 * const result = await client.videos.generate("fal-ai/veo3", "a sunset");
 * console.log(result.videoUrl, result.cost);
 */
export class Client {
  /** Where calls go, without a slash at the end. */
  readonly baseUrl: string;
  readonly videos: Videos;
  readonly images: Images;
  readonly requests: Requests;
  readonly events: Events;
  readonly models: Models;
  readonly providers: Providers;
  readonly webhookEndpoints: WebhookEndpoints;
  readonly webhooks: Webhooks;
  /** One image from as little as a prompt. */
  readonly generate: (prompt: string, options?: QuickImageOptions) => Promise<QuickImageResult>;
  /** Whether the gateway can take requests; needs no key. A degraded one is an answer, not an error. */
  readonly health: () => Promise<Health>;
  /** How the gateway is set up and whether its parts are well: what `visgate doctor` looks at. */
  readonly diagnostics: () => Promise<Diagnostics>;
  /** The organization that the key belongs to. */
  readonly me: () => Promise<Identity>;
  /** Ends what is under way here with an `AbortError`; requests that were accepted go on at the gateway. */
  readonly close: () => void;

  /** @throws ValidationError an option is not what it takes */
  constructor(options: ClientOptions = {}) {
    const end = new AbortController();
    const settings = resolveOptions(options);
    const http = createHttp({ settings, runtime: systemRuntime, closed: end.signal });
    this.baseUrl = settings.base;
    this.videos = createVideos(http);
    this.images = createImages(http);
    this.requests = createRequests(http);
    this.events = createEvents(http);
    this.models = createModels(http);
    this.providers = createProviders(http);
    this.webhookEndpoints = createWebhookEndpoints(http);
    this.webhooks = createWebhooks(http);
    this.generate = createQuickImage(http);
    this.health = () => http.json({ path: "/health", acceptStatus: 503, shape: { status: "string" } });
    this.diagnostics = () => http.json({ path: "/diagnostics", shape: { version: "string" } });
    this.me = () => http.json({ path: "/auth/me", shape: { organization: "object" } });
    this.close = () => end.abort(new Error("the client was closed"));
  }
}
