/** The client: all resources of the gateway over one HTTP core. */
import { type ClientOptions, resolveOptions } from "./client-options.js";
import { createHttp } from "./http.js";
import { type ApiKeys, createApiKeys } from "./resources/api-keys.js";
import { createDeliveries, type Deliveries } from "./resources/deliveries.js";
import { createEvents, type Events } from "./resources/events.js";
import { createFiles, type Files } from "./resources/files.js";
import { createImages, createQuickImage, type Images, type QuickImageOptions } from "./resources/images.js";
import { createModels, type Models } from "./resources/models.js";
import { createProviders, type Providers } from "./resources/providers.js";
import { createQuotes, type Quotes } from "./resources/quotes.js";
import { createRequests, type Requests } from "./resources/requests.js";
import { createUsage, type UsageResource } from "./resources/usage.js";
import { createVideos, type Videos } from "./resources/videos.js";
import { createWebhookEndpoints, createWebhooks, type WebhookEndpoints, type Webhooks } from "./resources/webhooks.js";
import { systemRuntime } from "./runtime.js";
import type { Alert, Diagnostics, Health, Identity, QuickImageResult } from "./types.generated.js";

/**
 * A client of a Visgate gateway.
 * @example
 * const client = new Client(); // VISGATE_API_KEY, VISGATE_BASE_URL
 * const result = await client.videos.generate("fal-ai/veo3.1/fast", "a sunset");
 * console.log(result.videoUrl, result.cost);
 */
export class Client {
  /** The URL that calls go to, without a slash at the end. */
  readonly baseUrl: string;
  readonly videos: Videos;
  readonly images: Images;
  readonly requests: Requests;
  readonly deliveries: Deliveries;
  readonly events: Events;
  readonly files: Files;
  readonly models: Models;
  readonly providers: Providers;
  readonly quotes: Quotes;
  readonly usage: UsageResource;
  readonly apiKeys: ApiKeys;
  readonly webhookEndpoints: WebhookEndpoints;
  readonly webhooks: Webhooks;
  /** Generates one image; only the prompt is required. Fails with the same errors as `videos.generate`. */
  readonly generate: (prompt: string, options?: QuickImageOptions) => Promise<QuickImageResult>;
  /** Whether the gateway can accept requests; needs no key. A degraded gateway is an answer here, not an error. */
  readonly health: () => Promise<Health>;
  /** The configuration of the gateway and the health of its parts, which `visgate doctor` checks. */
  readonly diagnostics: () => Promise<Diagnostics>;
  /** What is wrong for the organization now, and what was in the last 24 hours; the newest first. */
  readonly alerts: () => Promise<Alert[]>;
  /** The organization that the key belongs to. */
  readonly me: () => Promise<Identity>;
  /** Ends all calls of this client with an `AbortError`. Accepted requests continue at the gateway. */
  readonly close: () => void;

  /** @throws ValidationError an option is not valid; `field` names it */
  constructor(options: ClientOptions = {}) {
    const closing = new AbortController();
    const settings = resolveOptions(options);
    const http = createHttp({ settings, runtime: systemRuntime, closed: closing.signal });
    this.baseUrl = settings.base;
    this.videos = createVideos(http);
    this.images = createImages(http);
    this.requests = createRequests(http);
    this.deliveries = createDeliveries(http);
    this.events = createEvents(http);
    this.files = createFiles(http);
    this.models = createModels(http);
    this.providers = createProviders(http);
    this.quotes = createQuotes(http);
    this.usage = createUsage(http);
    this.apiKeys = createApiKeys(http);
    this.webhookEndpoints = createWebhookEndpoints(http);
    this.webhooks = createWebhooks(http);
    this.generate = createQuickImage(http);
    this.health = () => http.json({ path: "/health", acceptStatus: 503, expected: { status: "string" } });
    this.diagnostics = () => http.json({ path: "/diagnostics", expected: { version: "string" } });
    this.alerts = () => http.field({ path: "/alerts", field: "alerts" });
    this.me = () => http.json({ path: "/auth/me", expected: { organization: "object" } });
    this.close = () => closing.abort(new Error("The client was closed."));
  }
}
