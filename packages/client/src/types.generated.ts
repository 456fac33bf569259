/**
 * Made of the API's own schemas by `npm run generate`; do not edit.
 * Times are ISO 8601 in UTC with milliseconds; costs are USD unless the name says micro (1e-6 USD).
 */

export type TimelineEntry =
  | {
      name:
        | "accepted"
        | "cached"
        | "joined"
        | "promoted"
        | "locating"
        | "rendered"
        | "cancel_requested"
        | "output_stored"
        | "completed";
      at: string;
      /**
       * Milliseconds since the request was accepted.
       */
      ms: number;
      /**
       * The process that did it.
       */
      worker: string | null;
    }
  | {
      name: "submitted";
      at: string;
      /**
       * Milliseconds since the request was accepted.
       */
      ms: number;
      /**
       * The process that did it.
       */
      worker: string | null;
      attempt: number;
      providerRequestId: string | null;
    }
  | {
      name: "submit_rejected";
      at: string;
      /**
       * Milliseconds since the request was accepted.
       */
      ms: number;
      /**
       * The process that did it.
       */
      worker: string | null;
      attempt: number;
    }
  | {
      name: "queued";
      at: string;
      /**
       * Milliseconds since the request was accepted.
       */
      ms: number;
      /**
       * The process that did it.
       */
      worker: string | null;
      queuePosition: number | null;
    }
  | {
      name: "progress";
      at: string;
      /**
       * Milliseconds since the request was accepted.
       */
      ms: number;
      /**
       * The process that did it.
       */
      worker: string | null;
      progress: number | null;
    }
  | {
      name: "copy_failed";
      at: string;
      /**
       * Milliseconds since the request was accepted.
       */
      ms: number;
      /**
       * The process that did it.
       */
      worker: string | null;
      /**
       * Why this try to copy the output failed.
       */
      error: string;
    }
  | {
      name: "failed";
      at: string;
      /**
       * Milliseconds since the request was accepted.
       */
      ms: number;
      /**
       * The process that did it.
       */
      worker: string | null;
      errorCode: string | null;
    }
  | {
      name: "webhook_attempt";
      at: string;
      /**
       * Milliseconds since the request was accepted.
       */
      ms: number;
      /**
       * The process that did it.
       */
      worker: string | null;
      deliveryId: string;
      type: "request.processing" | "request.progress" | "request.completed" | "request.failed";
      /**
       * Null: the request's own webhook_url.
       */
      endpointId: string | null;
      httpStatus: number | null;
      error: string | null;
      durationMs: number;
    };

export interface RequestStatus {
  requestId: string;
  id: string;
  status: "pending" | "processing" | "completed" | "failed";
  mediaType: "video" | "image";
  model: string;
  provider: string;
  mode: "managed" | "byok";
  outputUrl: string | null;
  outputUrls: string[];
  errorCode: string | null;
  errorMessage: string | null;
  retryable: boolean | null;
  progress: number | null;
  queuePosition: number | null;
  /**
   * USD
   */
  cost: number;
  /**
   * The output was made for another request; it costs nothing here.
   */
  cacheHit: boolean;
  /**
   * exact: from the cache; joined: with an equal request in flight; refreshed, off: as asked; miss: made; unsettled: this call is an equal, earlier request whose submit or money is not settled yet.
   */
  cacheReason: "exact" | "joined" | "refreshed" | "off" | "miss" | "unsettled";
  providerCostAvoidedMicro: number;
  chargeState: "none" | "held" | "charged" | "released" | "unknown";
  latencyMs: number | null;
  durationSeconds: number | null;
  callbackId: string | null;
  metadata: {
    [k: string]: string;
  };
  providerRequestId: string | null;
  simulated: boolean;
  createdAt: string;
  startedAt: string | null;
  completedAt: string | null;
}
export interface Acknowledgement {
  id: string;
  requestId: string;
  status: "pending";
  model: string;
  provider: string;
  createdAt: string;
  statusUrl: string;
  /**
   * This call is an equal, earlier request whose submit or money is not settled yet.
   */
  cacheReason?: "unsettled";
  /**
   * The output_url to be: 202 until the output is there, the failure if it fails. Null when not copied.
   */
  outputUrlWhenReady: string | null;
}
export interface VideoAnswer {
  id: string;
  model: string;
  provider: string;
  mode: "managed" | "byok";
  /**
   * USD
   */
  cost: number;
  cacheHit: boolean;
  cacheReason: "exact" | "joined" | "refreshed" | "off" | "miss" | "unsettled";
  /**
   * Only on a hit: what the output cost when it was made.
   */
  providerCostAvoidedMicro?: number;
  latencyMs: number;
  createdAt: string;
  videoUrl: string;
  durationSeconds: number | null;
}
export interface ImageResult {
  id: string;
  model: string;
  provider: string;
  mode: "managed" | "byok";
  /**
   * USD
   */
  cost: number;
  cacheHit: boolean;
  cacheReason: "exact" | "joined" | "refreshed" | "off" | "miss" | "unsettled";
  /**
   * Only on a hit: what the output cost when it was made.
   */
  providerCostAvoidedMicro?: number;
  latencyMs: number;
  createdAt: string;
  /**
   * One URL per image.
   */
  images: string[];
  /**
   * Host that serves the images.
   */
  outputStorage: string | null;
  /**
   * Of the first image; null when it was not copied.
   */
  outputSizeBytes: number | null;
  steps?: {
    name: "cache" | "provider" | "storage";
    ms: number;
  }[];
}
export interface QuickImageResult {
  id: string;
  imageUrl: string;
  images: string[];
  model: string;
  provider: string;
  mode: "managed" | "byok";
  estimatedCostUsd: number;
  costPerMegapixelUsd: number;
  latencyMs: number;
  /**
   * Pixels, as asked for.
   */
  resolution: {
    width: number;
    height: number;
  };
  createdAt: string;
}
export interface RequestPageAnswer {
  requests: RequestStatus[];
  /**
   * Null at the end. A page may hold fewer than limit, or none, and still have a next one.
   */
  nextCursor: string | null;
}
export interface CancelAnswer {
  requestId: string;
  status: "cancelling";
  chargeState: "none" | "held" | "charged" | "released" | "unknown";
  message: string;
}
export interface DeleteAnswer {
  requestId: string;
  deleted: true;
}
export interface FeedEvent {
  /**
   * Consecutive per organization, from 1.
   */
  sequence: number;
  type: "request.processing" | "request.progress" | "request.completed" | "request.failed";
  timestamp: string;
  requestId: string;
  /**
   * The request right after the event; null when it was erased since.
   */
  data: RequestStatus | null;
}
export interface FeedPage {
  events: FeedEvent[];
  /**
   * The next call's after. It moves past events of other types too.
   */
  nextAfter: number;
  /**
   * The newest event's sequence; 0 when there was none yet.
   */
  latest: number;
}
export interface Delivery {
  id: string;
  /**
   * The webhook-id that receivers see.
   */
  eventId: string;
  type: "request.processing" | "request.progress" | "request.completed" | "request.failed";
  sequence: number;
  /**
   * Null for the request's own webhook_url.
   */
  endpointId: string | null;
  /**
   * Where it goes; null when its endpoint was removed.
   */
  url: string | null;
  state: "pending" | "delivered" | "abandoned";
  createdAt: string;
  attempts: {
    at: string;
    httpStatus: number | null;
    ms: number;
    error: string | null;
    worker: string;
  }[];
  /**
   * Null when there is none, or when it is being sent now.
   */
  nextAttemptAt: string | null;
}
export interface DeliveryList {
  deliveries: Delivery[];
}
export interface Redelivering {
  redelivering: number;
}
export interface WebhookEvent {
  type: "request.processing" | "request.progress" | "request.completed" | "request.failed";
  timestamp: string;
  /**
   * The event's place in GET /events, counted per organization.
   */
  sequence: number;
  data: RequestStatus;
}
export interface WebhookEndpoint {
  id: string;
  url: string;
  events: ("request.processing" | "request.progress" | "request.completed" | "request.failed")[];
  description: string | null;
  enabled: boolean;
  /**
   * gone: it answered 410; failing: every attempt has failed for days.
   */
  disabledReason: ("by_caller" | "gone" | "failing") | null;
  createdAt: string;
  failingSince: string | null;
  /**
   * Until then webhooks carry a second signature, by the old secret.
   */
  secretRotatesUntil: string | null;
}
export interface WebhookEndpointWithSecret {
  id: string;
  url: string;
  events: ("request.processing" | "request.progress" | "request.completed" | "request.failed")[];
  description: string | null;
  enabled: boolean;
  /**
   * gone: it answered 410; failing: every attempt has failed for days.
   */
  disabledReason: ("by_caller" | "gone" | "failing") | null;
  createdAt: string;
  failingSince: string | null;
  /**
   * Until then webhooks carry a second signature, by the old secret.
   */
  secretRotatesUntil: string | null;
  /**
   * whsec_…; it is shown here and never again.
   */
  secret: string;
}
export interface WebhookEndpointList {
  endpoints: WebhookEndpoint[];
}
export interface WebhookEndpointDeleted {
  id: string;
  deleted: true;
}
export interface Model {
  id: string;
  name: string;
  provider: string;
  mediaType: "video" | "image";
  description: string;
  category: string;
  tags: string[];
  capabilities: string[];
  inputTypes: string[];
  outputType: string;
  /**
   * Micro-USD of one generation with all defaults: 5 s mapped, or one 1024x1024 image.
   */
  baseCostMicro: number;
  /**
   * Micro-USD per unit with all defaults.
   */
  normalizedCostMicro: number;
  pricing: {
    [k: string]: unknown;
  };
  pricingUnit: string;
  /**
   * Seconds a generation usually takes.
   */
  usualRenderSeconds: number;
  runCount: number;
  firstSeenAt: string;
  lastSyncedAt: string;
  limits: {
    /**
     * Seconds a video can have; empty for images.
     */
    durationsSeconds: number[];
    /**
     * As "16:9"; empty when the model takes any, or follows the image.
     */
    aspectRatios: string[];
    /**
     * As "1080p", or "1024x1024" of a model that makes these sizes alone.
     */
    resolutions: string[];
    imageInput: "none" | "optional" | "required";
  };
  /**
   * Model params, what they take and their defaults: of a call without an image, and with one.
   */
  params: {
    text?: {
      [k: string]: unknown;
    };
    image?: {
      [k: string]: unknown;
    };
  };
}
export interface ModelList {
  models: Model[];
  totalCount: number;
  lastUpdated: string;
  featured: {
    title: string;
    key: string;
    models: Model[];
  }[];
}
export interface Balances {
  balances: {
    provider: "fal" | "openai-videos" | "replicate" | "runway";
    /**
     * There is a key, the server's or the one sent along.
     */
    configured: boolean;
    /**
     * The provider accepts it.
     */
    available: boolean;
    limit: number | null;
    remaining: number | null;
    /**
     * USD, or the provider's credits.
     */
    currency: string | null;
    message: string | null;
  }[];
}
export interface KeyValidation {
  valid: boolean;
  message: string;
}
export interface Health {
  status: "ok" | "degraded";
  version: string;
  database: "ok" | "unavailable";
  cache: "ok" | "unavailable";
  queues: {
    [k: string]: {
      [k: string]: number;
    };
  };
}
export interface Diagnostics {
  version: string;
  /**
   * This server's clock when it answered.
   */
  time: string;
  /**
   * False while it drains, or Redis is so full that generations are answered 503.
   */
  accepting: boolean;
  redis: {
    /**
     * Null when Redis does not tell.
     */
    version: string | null;
    /**
     * Null when Redis does not tell.
     */
    settings: {
      appendOnly: string;
      appendFsync: string;
      evictionPolicy: string;
    } | null;
    /**
     * False when these settings can lose accepted requests.
     */
    safe: boolean;
    /**
     * What a 202 means with these settings, or what to change.
     */
    message: string;
    /**
     * Redis's clock minus this server's. Null when Redis does not tell.
     */
    clockAheadMs: number | null;
  };
  queues: {
    [k: string]: {
      waiting: number;
      active: number;
      /**
       * Asleep until their next look or attempt.
       */
      delayed: number;
      /**
       * Worker processes that take jobs of this queue. Null when Redis does not tell.
       */
      workers: number | null;
    };
  };
  providers: {
    provider: "fal" | "openai-videos" | "replicate" | "runway";
    /**
     * This server has a key of its own for it.
     */
    configured: boolean;
    /**
     * The simulator stands in for it: nothing is paid, nothing is real.
     */
    simulated: boolean;
  }[];
}
export interface Identity {
  organization: {
    id: string;
    name: string;
  };
  role: "api-key";
}
export interface WebhookSecret {
  /**
   * whsec_…
   */
  key: string;
}
export interface ErrorBody {
  error:
    | "BAD_REQUEST"
    | "PROVIDER_NOT_CONFIGURED"
    | "AUTHENTICATION_ERROR"
    | "BUDGET_EXCEEDED"
    | "REQUEST_NOT_FOUND"
    | "MODEL_NOT_FOUND"
    | "NOT_FOUND"
    | "IDEMPOTENCY_CONFLICT"
    | "ALREADY_TERMINAL"
    | "NOT_TERMINAL"
    | "PAYLOAD_TOO_LARGE"
    | "UNSUPPORTED_MEDIA_TYPE"
    | "VALIDATION_ERROR"
    | "CONTENT_POLICY_VIOLATION"
    | "RATE_LIMIT_ERROR"
    | "INTERNAL_ERROR"
    | "PROVIDER_ERROR"
    | "SUBMIT_UNKNOWN"
    | "OUTPUT_UNAVAILABLE"
    | "UNAVAILABLE"
    | "PROVIDER_TIMEOUT"
    | "CANCELLED";
  message: string;
  details: {
    [k: string]: unknown;
  };
}
export interface VideoBody {
  /**
   * Catalogue id, e.g. fal-ai/veo3.
   */
  model: string;
  /**
   * 1 to 10,000 characters.
   */
  prompt: string;
  /**
   * Inputs particular to the model; see its catalogue entry.
   */
  params?: {
    [k: string]: unknown;
  } | null;
  /**
   * https URL that gets one signed event when the request ends.
   */
  webhookUrl?: string | null;
  callbackId?: string | null;
  /**
   * Flat map of strings, at most 4 KB.
   */
  metadata?: {
    [k: string]: string;
  } | null;
  /**
   * Given up on after this long; default 1800 for videos, 600 for images.
   */
  deadlineSeconds?: number | null;
  /**
   * use (default): show the output of an equal request, or join one in flight, at no cost; refresh: make it anew and replace what is kept; off: neither.
   */
  cache?: ("use" | "refresh" | "off") | null;
  /**
   * true: hand out the provider's own URL, do not copy the output.
   */
  skipGcsUpload?: boolean | null;
  /**
   * https URL or data: URI (at most 5 MB); makes it image to video.
   */
  imageUrl?: string | null;
  /**
   * Default 5; mapped up to the next one the model allows.
   */
  durationSeconds?: number | null;
}
export interface ImageBody {
  /**
   * Catalogue id, e.g. fal-ai/veo3.
   */
  model: string;
  /**
   * 1 to 10,000 characters.
   */
  prompt: string;
  /**
   * Inputs particular to the model; see its catalogue entry.
   */
  params?: {
    [k: string]: unknown;
  } | null;
  /**
   * https URL that gets one signed event when the request ends.
   */
  webhookUrl?: string | null;
  callbackId?: string | null;
  /**
   * Flat map of strings, at most 4 KB.
   */
  metadata?: {
    [k: string]: string;
  } | null;
  /**
   * Given up on after this long; default 1800 for videos, 600 for images.
   */
  deadlineSeconds?: number | null;
  /**
   * use (default): show the output of an equal request, or join one in flight, at no cost; refresh: make it anew and replace what is kept; off: neither.
   */
  cache?: ("use" | "refresh" | "off") | null;
  /**
   * true: hand out the provider's own URL, do not copy the output.
   */
  skipGcsUpload?: boolean | null;
  /**
   * Pixels; default 1024. Mapped to the model's own sizes where it has a list.
   */
  width?: number | null;
  /**
   * Pixels; default 1024.
   */
  height?: number | null;
  /**
   * Default 1.
   */
  numImages?: number | null;
  /**
   * What to avoid, where the model takes it.
   */
  negativePrompt?: string | null;
  seed?: number | null;
}
export interface QuickImageBody {
  /**
   * Catalogue id, e.g. fal-ai/veo3.
   */
  model?: string;
  /**
   * 1 to 10,000 characters.
   */
  prompt: string;
  /**
   * Inputs particular to the model; see its catalogue entry.
   */
  params?: {
    [k: string]: unknown;
  } | null;
  /**
   * https URL that gets one signed event when the request ends.
   */
  webhookUrl?: string | null;
  callbackId?: string | null;
  /**
   * Flat map of strings, at most 4 KB.
   */
  metadata?: {
    [k: string]: string;
  } | null;
  /**
   * Given up on after this long; default 1800 for videos, 600 for images.
   */
  deadlineSeconds?: number | null;
  /**
   * use (default): show the output of an equal request, or join one in flight, at no cost; refresh: make it anew and replace what is kept; off: neither.
   */
  cache?: ("use" | "refresh" | "off") | null;
  /**
   * true: hand out the provider's own URL, do not copy the output.
   */
  skipGcsUpload?: boolean | null;
  /**
   * Pixels; default 1024. Mapped to the model's own sizes where it has a list.
   */
  width?: number | null;
  /**
   * Pixels; default 1024.
   */
  height?: number | null;
  /**
   * Default 1.
   */
  numImages?: number | null;
  /**
   * What to avoid, where the model takes it.
   */
  negativePrompt?: string | null;
  seed?: number | null;
}
export interface RequestQuery {
  status?: "pending" | "processing" | "completed" | "failed";
  model?: string;
  provider?: "fal" | "openai-videos" | "replicate" | "runway";
  mediaType?: "video" | "image";
  callbackId?: string;
  /**
   * Only those created later than this (ISO 8601).
   */
  createdAfter?: string;
  /**
   * Only those created earlier than this (ISO 8601).
   */
  createdBefore?: string;
  limit?: number;
  /**
   * next_cursor of the page before, with the same filters.
   */
  cursor?: string;
}
export interface FeedQuery {
  /**
   * next_after of the answer before; left out: from the oldest event that is kept.
   */
  after?: number;
  limit?: number;
  /**
   * Seconds to wait for an event when there is none yet.
   */
  wait?: number;
  /**
   * Only these, separated by commas: request.processing, request.progress, request.completed, request.failed.
   */
  types?: string;
}
export interface ModelQuery {
  provider?: string;
  mediaType?: "video" | "image";
  /**
   * As text-to-video, image-to-video or text-to-image.
   */
  capability?: string;
  /**
   * Words that must all be in id, name, description or tags.
   */
  search?: string;
  sort?: "name" | "cost" | "newest" | "popular";
  /**
   * total_count counts the rest too.
   */
  limit?: number;
  featured?: "true" | "false";
}
export interface WebhookEndpointInput {
  /**
   * https URL.
   */
  url: string;
  /**
   * What it is told of; request.completed and request.failed unless given.
   *
   * @minItems 1
   */
  events?: ("request.processing" | "request.progress" | "request.completed" | "request.failed")[];
  description?: string | null;
  enabled?: boolean;
}
export interface WebhookEndpointChange {
  /**
   * https URL.
   */
  url?: string;
  /**
   * What it is told of; request.completed and request.failed unless given.
   *
   * @minItems 1
   */
  events?: ("request.processing" | "request.progress" | "request.completed" | "request.failed")[];
  description?: string | null;
  enabled?: boolean;
}
export interface ProviderKey {
  provider: "fal" | "openai-videos" | "replicate" | "runway";
  apiKey: string;
}

/** Properties that are maps: their keys are data, not names. @internal */
export const MAPS: readonly string[] = ["details", "image", "metadata", "params", "pricing", "queues", "text"];
