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
        | "completed"
        | "settled"
        | "hold_expired";
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
       * Why this attempt to copy the output failed.
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
      /**
       * The model failed unpaid, so the next one of fallback is tried.
       */
      name: "fell_back";
      at: string;
      /**
       * Milliseconds since the request was accepted.
       */
      ms: number;
      /**
       * The process that did it.
       */
      worker: string | null;
      model: string;
      provider: string;
      errorCode: string | null;
      /**
       * It had failed for others just before, so it was not tried.
       */
      skipped: boolean;
      nextModel: string;
      nextProvider: string;
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
       * Null for the request's own webhook_url.
       */
      endpointId: string | null;
      httpStatus: number | null;
      error: string | null;
      durationMs: number;
    };
export type FeedEvent =
  | {
      /**
       * Consecutive per organization, from 1.
       */
      sequence: number;
      type: "request.processing" | "request.progress" | "request.completed" | "request.failed";
      timestamp: string;
      requestId: string;
      /**
       * The request right after the event; null when the request was erased.
       */
      data: RequestStatus | null;
    }
  | {
      /**
       * Consecutive per organization, from 1.
       */
      sequence: number;
      type: "budget.threshold";
      timestamp: string;
      requestId: null;
      data: BudgetThreshold;
    }
  | {
      /**
       * Consecutive per organization, from 1.
       */
      sequence: number;
      type: "alert.opened";
      timestamp: string;
      requestId: null;
      data: Alert;
    }
  | {
      /**
       * Consecutive per organization, from 1.
       */
      sequence: number;
      type: "alert.closed";
      timestamp: string;
      requestId: null;
      data: Alert;
    };
export type WebhookEvent =
  | {
      type: "request.processing" | "request.progress" | "request.completed" | "request.failed";
      timestamp: string;
      /**
       * The sequence number of the event in GET /events, per organization.
       */
      sequence: number;
      data: RequestStatus;
    }
  | {
      type: "budget.threshold";
      timestamp: string;
      /**
       * The sequence number of the event in GET /events, per organization.
       */
      sequence: number;
      data: BudgetThreshold1;
    }
  | {
      type: "alert.opened";
      timestamp: string;
      /**
       * The sequence number of the event in GET /events, per organization.
       */
      sequence: number;
      data: Alert;
    }
  | {
      type: "alert.closed";
      timestamp: string;
      /**
       * The sequence number of the event in GET /events, per organization.
       */
      sequence: number;
      data: Alert;
    };
export type Settlement =
  | {
      /**
       * The provider billed the request.
       */
      outcome: "charged";
      /**
       * What it billed. Default: the estimate.
       */
      costUsd?: number;
    }
  | {
      /**
       * The provider did not bill it.
       */
      outcome: "released";
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
  /**
   * A JPEG of at most 640 pixels a side: the first frame of the video, or the image. Null before the request is completed, or when it has no poster.
   */
  posterUrl: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  retryable: boolean | null;
  progress: number | null;
  /**
   * How many come before it. While the request is pending: how many of your requests for this model wait for a slot at the provider. Later: how many jobs in the provider's own queue, if the provider says so.
   */
  queuePosition: number | null;
  /**
   * USD
   */
  cost: number;
  /**
   * The output was made by another request, and costs nothing here.
   */
  cacheHit: boolean;
  /**
   * exact: from the cache; joined: from an equal request in flight; refreshed, off: as asked; miss: made; unsettled: an equal, earlier request, since its submit or its charge is not settled yet.
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
/**
 * Absent with include=-input, and on a server that hides prompts (HIDE_PROMPTS).
 */
export interface RequestInput {
  prompt: string;
  imageUrl: string | null;
  /**
   * The other images: last frames and references.
   */
  imageUrls: {
    /**
     * The caller's own URL, or a signed URL of this server for a file that it keeps.
     */
    url: string;
    role: "first" | "last" | "reference";
  }[];
  videoUrl: string | null;
  audioUrl: string | null;
  durationSeconds: number | null;
  width: number | null;
  height: number | null;
  numImages: number | null;
  /**
   * The further inputs of the model.
   */
  params: {
    [k: string]: unknown;
  };
}
export interface RequestWithInput {
  requestId: string;
  id: string;
  status: "pending" | "processing" | "completed" | "failed";
  mediaType: "video" | "image";
  model: string;
  provider: string;
  mode: "managed" | "byok";
  outputUrl: string | null;
  outputUrls: string[];
  /**
   * A JPEG of at most 640 pixels a side: the first frame of the video, or the image. Null before the request is completed, or when it has no poster.
   */
  posterUrl: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  retryable: boolean | null;
  progress: number | null;
  /**
   * How many come before it. While the request is pending: how many of your requests for this model wait for a slot at the provider. Later: how many jobs in the provider's own queue, if the provider says so.
   */
  queuePosition: number | null;
  /**
   * USD
   */
  cost: number;
  /**
   * The output was made by another request, and costs nothing here.
   */
  cacheHit: boolean;
  /**
   * exact: from the cache; joined: from an equal request in flight; refreshed, off: as asked; miss: made; unsettled: an equal, earlier request, since its submit or its charge is not settled yet.
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
  input?: RequestInput;
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
   * The call returned an equal, earlier request, since its submit or its charge is not settled yet.
   */
  cacheReason?: "unsettled";
  /**
   * The future output_url, without the extension of an image. It answers 202 until the output is ready, and the error if the request fails. Null when the output is not copied.
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
   * Only for a cache hit: what the output cost when it was made.
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
   * Only for a cache hit: what the output cost when it was made.
   */
  providerCostAvoidedMicro?: number;
  latencyMs: number;
  createdAt: string;
  /**
   * One URL per image.
   */
  images: string[];
  /**
   * The host that serves the images.
   */
  outputStorage: string | null;
  /**
   * The size of the first image in bytes. Null when the image was not copied to the output store.
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
   * The requested size in pixels.
   */
  resolution: {
    width: number;
    height: number;
  };
  createdAt: string;
}
export interface UploadedFile {
  /**
   * The id of the file.
   */
  id: string;
  /**
   * Names the file as image_url, image_urls, video_url or audio_url, and downloads it.
   */
  url: string;
  /**
   * By the bytes; of an image that was converted, the new type.
   */
  contentType: string;
  bytes: number;
  createdAt: string;
  /**
   * From then on the file is not kept. A request that used it has a copy of its own.
   */
  expiresAt: string;
}
export interface RequestPageAnswer {
  requests: RequestWithInput[];
  /**
   * Null on the last page. A page may have fewer requests than limit, even none, and not be the last.
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
export interface BulkResult {
  action: "cancel" | "again" | "delete";
  dryRun: boolean;
  /**
   * How many requests this call is about, at most 500.
   */
  matched: number;
  /**
   * For how many of them the action was done; 0 after a dry run.
   */
  done: number;
  /**
   * The others, each with the error that the call for this request alone would get.
   */
  failed: {
    requestId: string;
    error: string;
    message: string;
  }[];
  /**
   * Null when there are no more. A call may match none and still have a next one.
   */
  nextCursor: string | null;
}
/**
 * The budget right after the event.
 */
export interface BudgetThreshold {
  /**
   * operator: set by the operator of the server.
   */
  subject: string;
  period: "day" | "month";
  limitUsd: number;
  spentUsd: number;
  leftUsd: number;
  /**
   * The day on which the next period begins.
   */
  renewsOn: string;
  /**
   * 80, or 100 when the budget has been used up or had no room for a request.
   */
  thresholdPercent: number;
}
export interface Alert {
  id: string;
  /**
   * error_rate: many of the requests that ended in the last 10 minutes failed by a provider's fault. queue_age: a request has been pending for too long. budget: a budget is used up, or had no room for a call. provider_down: a model fails every time, or a provider key is refused.
   */
  kind: "error_rate" | "queue_age" | "budget" | "provider_down";
  /**
   * organization, a budget as subject|period, or a provider.
   */
  subject: string;
  /**
   * What is wrong, for people.
   */
  message: string;
  /**
   * error_rate: the share of failed requests, 0 to 1. queue_age: seconds. budget: USD held and spent. Else null.
   */
  value: number | null;
  /**
   * From which value on there is an alert.
   */
  threshold: number | null;
  since: string;
  /**
   * Null while the alert is open.
   */
  endedAt: string | null;
}
export interface BudgetThreshold1 {
  /**
   * operator: set by the operator of the server.
   */
  subject: string;
  period: "day" | "month";
  limitUsd: number;
  spentUsd: number;
  leftUsd: number;
  /**
   * The day on which the next period begins.
   */
  renewsOn: string;
  /**
   * 80, or 100 when the budget has been used up or had no room for a request.
   */
  thresholdPercent: number;
}
export interface FeedPage {
  events: FeedEvent[];
  /**
   * The value of after for the next call. It also passes events of other types.
   */
  nextAfter: number;
  /**
   * The sequence of the newest event; 0 before the first.
   */
  latest: number;
}
export interface Delivery {
  id: string;
  /**
   * The webhook-id that receivers get.
   */
  eventId: string;
  type:
    | "request.processing"
    | "request.progress"
    | "request.completed"
    | "request.failed"
    | "budget.threshold"
    | "alert.opened"
    | "alert.closed";
  sequence: number;
  /**
   * Null for the request's own webhook_url.
   */
  endpointId: string | null;
  /**
   * The URL of the receiver; null when its endpoint was removed.
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
   * Null when there is no further attempt, or when one is being made now.
   */
  nextAttemptAt: string | null;
}
export interface DeliveryList {
  deliveries: Delivery[];
}
export interface ListedDelivery {
  id: string;
  /**
   * The webhook-id that receivers get.
   */
  eventId: string;
  type:
    | "request.processing"
    | "request.progress"
    | "request.completed"
    | "request.failed"
    | "budget.threshold"
    | "alert.opened"
    | "alert.closed";
  sequence: number;
  /**
   * Null for the request's own webhook_url.
   */
  endpointId: string | null;
  /**
   * The URL of the receiver; null when its endpoint was removed.
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
   * Null when there is no further attempt, or when one is being made now.
   */
  nextAttemptAt: string | null;
  /**
   * Null for an alert, which is about no request.
   */
  requestId: string | null;
}
export interface DeliveryPageAnswer {
  deliveries: ListedDelivery[];
  /**
   * Null on the last page. A page may have fewer deliveries than limit, even none, and not be the last.
   */
  nextCursor: string | null;
}
export interface Redelivering {
  redelivering: number;
}
export interface WebhookEndpoint {
  id: string;
  url: string;
  events: (
    | "request.processing"
    | "request.progress"
    | "request.completed"
    | "request.failed"
    | "budget.threshold"
    | "alert.opened"
    | "alert.closed"
  )[];
  description: string | null;
  enabled: boolean;
  /**
   * gone: it answered 410; failing: every attempt has failed for days; by_caller: a caller disabled it.
   */
  disabledReason: ("by_caller" | "gone" | "failing") | null;
  createdAt: string;
  failingSince: string | null;
  /**
   * Until then webhooks have a second signature, with the old secret.
   */
  secretRotatesUntil: string | null;
}
export interface WebhookEndpointWithSecret {
  id: string;
  url: string;
  events: (
    | "request.processing"
    | "request.progress"
    | "request.completed"
    | "request.failed"
    | "budget.threshold"
    | "alert.opened"
    | "alert.closed"
  )[];
  description: string | null;
  enabled: boolean;
  /**
   * gone: it answered 410; failing: every attempt has failed for days; by_caller: a caller disabled it.
   */
  disabledReason: ("by_caller" | "gone" | "failing") | null;
  createdAt: string;
  failingSince: string | null;
  /**
   * Until then webhooks have a second signature, with the old secret.
   */
  secretRotatesUntil: string | null;
  /**
   * whsec_…; it is only shown in this answer.
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
  /**
   * What the dialect of the query calls it. Only with ?dialect=.
   */
  dialectName?: string;
  provider: string;
  mediaType: "video" | "image";
  description: string;
  category: string;
  tags: string[];
  capabilities: string[];
  inputTypes: string[];
  outputType: string;
  /**
   * Micro-USD for one generation with all defaults: a video of 5 s (or the next longer duration), or one 1024x1024 image.
   */
  baseCostMicro: number;
  /**
   * Micro-USD per unit with all defaults.
   */
  normalizedCostMicro: number;
  /**
   * The price as a short text. Null when it is not known.
   */
  pricing: string | null;
  /**
   * The price for programs.
   */
  price: {
    unit: "second" | "megapixel" | "image" | "video" | "thousand_tokens";
    /**
     * Micro-USD per unit. Null when the price is not known.
     */
    micro: number | null;
    /**
     * The first of these whose params all match the call replaces micro. A list matches by any of its values.
     */
    when: {
      params: {
        [k: string]: unknown;
      };
      micro: number;
    }[];
    /**
     * Only with the unit thousand_tokens. The tokens of a video are width x height x frames_per_second x seconds / 1024.
     */
    tokens?: {
      framesPerSecond: number;
      /**
       * The first of these whose params all match the call is the size of the video, in pixels.
       */
      sizes: {
        params: {
          [k: string]: unknown;
        };
        width: number;
        height: number;
      }[];
    };
  };
  pricingUnit: string;
  /**
   * How many seconds a generation usually takes.
   */
  usualRenderSeconds: number;
  runCount: number;
  firstSeenAt: string;
  lastSyncedAt: string;
  limits: {
    /**
     * The possible durations of a video, in seconds; empty for images.
     */
    durationsSeconds: number[];
    /**
     * As "16:9"; empty when the model takes any ratio, or that of the image.
     */
    aspectRatios: string[];
    /**
     * As "1080p", or as "1024x1024" for a model that makes only these sizes.
     */
    resolutions: string[];
    /**
     * Whether it takes a first image (image_url).
     */
    imageInput: "none" | "optional" | "required";
    /**
     * The images, videos and sounds that it takes, by role. first, last and reference are roles of image_urls. A model may take only some of them together; the 422 then says which.
     */
    inputs: {
      role: "first" | "last" | "reference" | "video" | "audio";
      required: boolean;
      max: number;
    }[];
    /**
     * Whether the model takes a negative_prompt. Others answer it with a 422.
     */
    negativePrompt: boolean;
  };
  /**
   * The model params with their values and defaults: for calls without an image (text), with a first one (image), with a first and a last one, with references, and with a video.
   */
  params: {
    text?: {
      [k: string]: unknown;
    };
    image?: {
      [k: string]: unknown;
    };
    firstLast?: {
      [k: string]: unknown;
    };
    reference?: {
      [k: string]: unknown;
    };
    video?: {
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
  /**
   * Names that the operator has given to several models. A call can name one as its model.
   */
  routes?: {
    id: string;
    mediaType: "video" | "image";
    models: string[];
    prefer: "price" | "speed" | "order";
  }[];
}
export interface Balances {
  balances: {
    provider: "fal" | "openai-videos" | "replicate" | "runway";
    /**
     * There is a key: one in the call, the organization's stored one, or the server's.
     */
    configured: boolean;
    /**
     * The provider accepts the key.
     */
    available: boolean;
    limit: number | null;
    remaining: number | null;
    /**
     * USD, or the credits of the provider.
     */
    currency: string | null;
    message: string | null;
    /**
     * The provider is the simulator of this server, so this is not about a real account.
     */
    simulated: boolean;
  }[];
}
export interface Providers {
  providers: {
    provider: "fal" | "openai-videos" | "replicate" | "runway";
    /**
     * Whose key your requests use: the server's or your organization's. Null: there is none.
     */
    account: ("server" | "organization") | null;
    /**
     * Of this account, by all who use it.
     */
    health: {
      /**
       * Submits and renders that ended in the last 10 minutes.
       */
      requests: number;
      /**
       * Those that ended by the provider's fault: not the content policy, wrong inputs or cancels.
       */
      errors: number;
      /**
       * Null without requests.
       */
      errorRate: number | null;
      /**
       * How long renders took, in usual times: 1 is as usual, 2 twice as long. Null without any.
       */
      lateness: number | null;
      /**
       * Half of the renders that ended in the last 10 minutes took at most this long; to about 3 %. Null without any.
       */
      p50LatencyMs: number | null;
      /**
       * The same for 95 % of them.
       */
      p95LatencyMs: number | null;
    };
    models: {
      model: string;
      /**
       * Submits and renders that ended in the last 10 minutes.
       */
      requests: number;
      /**
       * Those that ended by the provider's fault: not the content policy, wrong inputs or cancels.
       */
      errors: number;
      /**
       * Null without requests.
       */
      errorRate: number | null;
      /**
       * How long renders took, in usual times: 1 is as usual, 2 twice as long. Null without any.
       */
      lateness: number | null;
      /**
       * Half of the renders that ended in the last 10 minutes took at most this long; to about 3 %. Null without any.
       */
      p50LatencyMs: number | null;
      /**
       * The same for 95 % of them.
       */
      p95LatencyMs: number | null;
      /**
       * It failed several times in a row: until then, requests with a fallback skip it.
       */
      coolingUntil: string | null;
    }[];
    /**
     * The provider is the simulator of this server, so this is not about a real account.
     */
    simulated: boolean;
  }[];
}
export interface KeyValidation {
  valid: boolean;
  message: string;
  /**
   * The provider is the simulator of this server, so this is not about a real account.
   */
  simulated: boolean;
}
export interface ProviderKeyList {
  keys: {
    provider: "fal" | "replicate" | "runway";
    /**
     * The provider accepted the key. False: it could not be asked.
     */
    validated: boolean;
    validatedAt: string | null;
    /**
     * **** and the end of the key: up to four characters, at most a quarter of it.
     */
    maskedKey: string;
    /**
     * The provider is the simulator of this server, so this is not about a real account.
     */
    simulated: boolean;
  }[];
}
export interface UsageSummary {
  period: "day" | "week" | "month" | "year";
  periodStart: string;
  /**
   * The end of the period, which may be in the future.
   */
  periodEnd: string;
  totalRequests: number;
  /**
   * Cached ones too.
   */
  successfulRequests: number;
  /**
   * Cancelled ones too.
   */
  failedRequests: number;
  cachedRequests: number;
  /**
   * USD that providers billed, to any key.
   */
  totalProviderCost: number;
  /**
   * USD that providers billed to the server's own keys.
   */
  totalBilledCost: number;
  /**
   * USD that cached outputs cost when they were made.
   */
  totalSavings: number;
  /**
   * Requests by provider.
   */
  byProvider: {
    [k: string]: number;
  };
  /**
   * Requests by model.
   */
  byModel: {
    [k: string]: number;
  };
}
export interface UsageLogs {
  logs: {
    model: string;
    provider: string;
    mediaType: "video" | "image";
    mode: "managed" | "byok";
    status: "pending" | "processing" | "completed" | "failed";
    /**
     * USD
     */
    cost: number;
    /**
     * The output was made by another request, and costs nothing here.
     */
    cacheHit: boolean;
    id: string;
    latencyMs: number | null;
    createdAt: string;
    apiKeyId: string;
  }[];
}
export interface Dashboard {
  period: "day" | "week" | "month" | "year";
  totalGenerations: number;
  totalCostUsd: number;
  /**
   * Of those that have ended. Null when none has.
   */
  successRate: number | null;
  cacheHitRate: number | null;
  /**
   * Of those that completed with an output of their own; to about 3 %.
   */
  p50LatencyMs: number | null;
  byDay: {
    date: string;
    generations: number;
    failed: number;
    cached: number;
    costUsd: number;
  }[];
}
export interface Budget {
  /**
   * operator: set by the operator of the server.
   */
  subject: string;
  period: "day" | "month";
  limitUsd: number;
  spentUsd: number;
  leftUsd: number;
  /**
   * The day on which the next period begins.
   */
  renewsOn: string;
}
export interface BudgetDeleted {
  subject: string;
  period: "day" | "month";
  deleted: true;
}
export interface BillingInfo {
  organization: {
    id: string;
    name: string;
  };
  plan: "self-hosted";
  currency: "USD";
  periodStart: string;
  periodEnd: string;
  /**
   * The smaller one of the operator's and the organization's own; null: none.
   */
  monthlyBudgetUsd: number | null;
  /**
   * Settled in this month.
   */
  monthlySpendUsd: number;
  /**
   * Set aside for requests that are not settled.
   */
  heldUsd: number;
  remainingUsd: number | null;
}
export interface Quote {
  model: string;
  provider: string;
  mediaType: "video" | "image";
  /**
   * As it will be made and billed.
   */
  durationSeconds: number | null;
  /**
   * What the call will hold; null when the price is not known.
   */
  costUsd: number | null;
  costSource: "catalogue";
  pricing: string | null;
  mode: "managed" | "byok";
  /**
   * From the organization's own requests of this and the last month.
   */
  p50LatencyMs: number | null;
  p90LatencyMs: number | null;
  /**
   * How many requests these times are from.
   */
  samples: number;
  /**
   * From the catalogue.
   */
  usualLatencyMs: number;
  /**
   * The budgets that apply to the call.
   */
  budgets: {
    /**
     * operator, organization, key:<id> or provider:<name>.
     */
    budget: string;
    period: "day" | "month";
    limitUsd: number;
    /**
     * Held and settled in the current period.
     */
    spentUsd: number;
    leftUsd: number;
    hasRoom: boolean;
  }[];
  /**
   * Whether all budgets have room for it now.
   */
  wouldBeAccepted: boolean;
  /**
   * The models of fallback, in the order in which they are tried.
   */
  fallback?: {
    model: string;
    provider: string;
    durationSeconds: number | null;
    /**
     * What the call will hold if it goes on with this model.
     */
    costUsd: number | null;
    mode: "managed" | "byok";
  }[];
}
export interface Receipt {
  requestId: string;
  model: string;
  provider: string;
  mode: "managed" | "byok";
  simulated: boolean;
  status: "pending" | "processing" | "completed" | "failed";
  chargeState: "none" | "held" | "charged" | "released" | "unknown";
  apiKeyId: string | null;
  /**
   * The day on which the request counts, in the time zone of the organization.
   */
  day: string;
  quote: {
    costUsd: number | null;
    costSource: "catalogue";
  };
  /**
   * What is still set aside.
   */
  heldUsd: number;
  attempts: {
    attempt: number;
    at: string;
    outcome: "accepted" | "rejected" | "unknown";
    providerRequestId: string | null;
    /**
     * Only with fallback: the model of this submit.
     */
    model?: string;
    provider?: string;
  }[];
  /**
   * Only with fallback: the models before the one above, in the order in which they were tried.
   */
  tried?: {
    model: string;
    provider: string;
    mode: "managed" | "byok";
    /**
     * Its submits, by their numbers in attempts.
     */
    attempts: number[];
    errorCode: string;
    errorMessage: string;
    chargeState: "none" | "held" | "charged" | "released" | "unknown";
    providerRequestId: string | null;
    /**
     * Always 0: a model that was or may be billed is the last one.
     */
    costUsd: number;
    /**
     * It had failed for others just before, so it was not tried.
     */
    skipped: boolean;
    at: string;
  }[];
  /**
   * Null while nothing is settled.
   */
  settlement: {
    costUsd: number;
    costSource: ("provider" | "catalogue" | "caller") | null;
    /**
     * The units that the provider billed, when it says so.
     */
    units: number | null;
  } | null;
  /**
   * What the cached output cost when it was made.
   */
  savedUsd: number;
}
export interface ApiKey {
  id: string;
  name: string;
  /**
   * The beginning of the key.
   */
  keyPrefix: string;
  createdAt: string;
  /**
   * Exact to about a minute.
   */
  lastUsedAt: string | null;
  scopes: ("generate" | "read" | "manage")[];
  models: string[] | null;
  requestsPerMinute: number | null;
  expiresAt: string | null;
}
export interface ApiKeyWithSecret {
  id: string;
  name: string;
  /**
   * The beginning of the key.
   */
  keyPrefix: string;
  createdAt: string;
  /**
   * Exact to about a minute.
   */
  lastUsedAt: string | null;
  scopes: ("generate" | "read" | "manage")[];
  models: string[] | null;
  requestsPerMinute: number | null;
  expiresAt: string | null;
  /**
   * The API key, vg-…; it is only shown in this answer.
   */
  key: string;
}
export interface ApiKeyDeleted {
  id: string;
  deleted: true;
}
export interface Health {
  status: "ok" | "degraded";
  /**
   * Why this server accepts no generations now. Absent when it is ok.
   */
  reason?: string;
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
   * The clock of this server at its answer.
   */
  time: string;
  /**
   * False while generations are answered 503; GET /health says why.
   */
  accepting: boolean;
  redis: {
    /**
     * Null when Redis does not show it.
     */
    version: string | null;
    /**
     * Null when Redis does not show it.
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
     * Redis's clock minus the server's clock. Null when Redis does not show it.
     */
    clockAheadMs: number | null;
  };
  queues: {
    [k: string]: {
      waiting: number;
      active: number;
      /**
       * Sleeping until their next poll or attempt.
       */
      delayed: number;
      /**
       * Worker processes that take jobs of this queue. Null when Redis does not show it.
       */
      workers: number | null;
      /**
       * How long ago the oldest overdue job became due; 0 when none is overdue.
       */
      oldest_due_age_ms: number;
    };
  };
  /**
   * The worker processes that are alive, the oldest first, with figures of the last seconds.
   */
  workers: {
    /**
     * The id of its lease.
     */
    id: string;
    host: string;
    version: string;
    startedAt: string;
    /**
     * Those that it takes jobs from.
     */
    queues: string[];
    /**
     * Steps and deliveries that it runs now. A request that renders is not counted: its job sleeps.
     */
    inFlight: number;
    /**
     * The shards of its queues; only when a queue has several.
     */
    shards?: string[];
  }[];
  providers: {
    provider: "fal" | "openai-videos" | "replicate" | "runway";
    /**
     * The server has its own key for the provider.
     */
    configured: boolean;
    /**
     * The simulator takes the place of the provider: nothing is paid, and no output is real.
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
  key: {
    id: string;
    name: string;
    scopes: ("generate" | "read" | "manage")[];
  };
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
    | "FORBIDDEN"
    | "REQUEST_NOT_FOUND"
    | "MODEL_NOT_FOUND"
    | "NOT_FOUND"
    | "METHOD_NOT_ALLOWED"
    | "IDEMPOTENCY_CONFLICT"
    | "ALREADY_TERMINAL"
    | "NOT_TERMINAL"
    | "COUNT_CHANGED"
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
   * The id of a model, as fal-ai/veo3.1/fast.
   */
  model: string;
  /**
   * 1 to 10,000 characters. Only few models need none.
   */
  prompt?: string | null;
  /**
   * Further inputs of this model; GET /models lists them.
   */
  params?: {
    [k: string]: unknown;
  } | null;
  /**
   * true: params that this gateway does not know are sent to the provider as they are; known ones are still checked. The price is that of the catalogue; the receipt says what the provider billed. Default: false, an unknown param is a 422.
   */
  paramsUnchecked?: boolean | null;
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
   * The request fails after this time; default 1800 for videos, 600 for images.
   */
  deadlineSeconds?: number | null;
  /**
   * use (default): take the output of an equal request from the cache, or wait for an equal request in flight, at no cost; refresh: make a new output and replace the cached one; off: do not use the cache.
   */
  cache?: ("use" | "refresh" | "off") | null;
  /**
   * low: when the provider's limits make requests wait, this one waits until your normal ones have been sent. Default: normal.
   */
  priority?: ("normal" | "low") | null;
  /**
   * Models to try in this order when the one before has failed and provably costs nothing; never after a submit whose outcome is unknown. They get the same prompt, image, duration, size, count and params.
   */
  fallback?:
    | (
        | string
        | {
            model: string;
            /**
             * Inputs of this model. Default: those of the call.
             */
            params?: {
              [k: string]: unknown;
            } | null;
          }
      )[]
    | null;
  /**
   * true: return the provider's own URL, and do not copy the output.
   */
  skipGcsUpload?: boolean | null;
  /**
   * The first image: an https URL, a data: URI (at most 5 MB), or the URL of a file or an output of this server. A video starts from it.
   */
  imageUrl?: string | null;
  /**
   * Several images, each a URL, or {url, role}. A URL without a role is a reference. image_url is the same as one image with the role first. GET /models says which roles a model takes; others are a 422.
   */
  imageUrls?:
    | (
        | string
        | {
            url: string;
            /**
             * Default: reference.
             */
            role?: ("first" | "last" | "reference") | null;
          }
      )[]
    | null;
  /**
   * A video to edit, extend or follow: an https URL, a data: URI (at most 5 MB), or the URL of a file or an output of this server.
   */
  videoUrl?: string | null;
  /**
   * true: an image in a data: URI that no provider takes as it is (HEIC, AVIF, GIF, TIFF, CMYK, turned by its camera) is converted to JPEG or PNG. Not for https URLs, which the provider fetches: upload such a file by POST /files.
   */
  convert?: boolean | null;
  /**
   * A sound: an https URL, a data: URI (at most 5 MB), or the URL of a file or an output of this server.
   */
  audioUrl?: string | null;
  /**
   * In seconds. The default is 5. Rounded up to a duration that the model supports.
   */
  durationSeconds?: number | null;
}
export interface ImageBody {
  /**
   * The id of a model, as fal-ai/veo3.1/fast.
   */
  model: string;
  /**
   * 1 to 10,000 characters.
   */
  prompt: string;
  /**
   * Further inputs of this model; GET /models lists them.
   */
  params?: {
    [k: string]: unknown;
  } | null;
  /**
   * true: params that this gateway does not know are sent to the provider as they are; known ones are still checked. The price is that of the catalogue; the receipt says what the provider billed. Default: false, an unknown param is a 422.
   */
  paramsUnchecked?: boolean | null;
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
   * The request fails after this time; default 1800 for videos, 600 for images.
   */
  deadlineSeconds?: number | null;
  /**
   * use (default): take the output of an equal request from the cache, or wait for an equal request in flight, at no cost; refresh: make a new output and replace the cached one; off: do not use the cache.
   */
  cache?: ("use" | "refresh" | "off") | null;
  /**
   * low: when the provider's limits make requests wait, this one waits until your normal ones have been sent. Default: normal.
   */
  priority?: ("normal" | "low") | null;
  /**
   * Models to try in this order when the one before has failed and provably costs nothing; never after a submit whose outcome is unknown. They get the same prompt, image, duration, size, count and params.
   */
  fallback?:
    | (
        | string
        | {
            model: string;
            /**
             * Inputs of this model. Default: those of the call.
             */
            params?: {
              [k: string]: unknown;
            } | null;
          }
      )[]
    | null;
  /**
   * true: return the provider's own URL, and do not copy the output.
   */
  skipGcsUpload?: boolean | null;
  /**
   * Pixels; default 1024. Mapped to a size of the model, if it has a list of sizes.
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
   * The first image: an https URL, a data: URI (at most 5 MB), or the URL of a file or an output of this server. A video starts from it.
   */
  imageUrl?: string | null;
  /**
   * Several images, each a URL, or {url, role}. A URL without a role is a reference. image_url is the same as one image with the role first. GET /models says which roles a model takes; others are a 422.
   */
  imageUrls?:
    | (
        | string
        | {
            url: string;
            /**
             * Default: reference.
             */
            role?: ("first" | "last" | "reference") | null;
          }
      )[]
    | null;
  /**
   * A video to edit, extend or follow: an https URL, a data: URI (at most 5 MB), or the URL of a file or an output of this server.
   */
  videoUrl?: string | null;
  /**
   * true: an image in a data: URI that no provider takes as it is (HEIC, AVIF, GIF, TIFF, CMYK, turned by its camera) is converted to JPEG or PNG. Not for https URLs, which the provider fetches: upload such a file by POST /files.
   */
  convert?: boolean | null;
  /**
   * A sound: an https URL, a data: URI (at most 5 MB), or the URL of a file or an output of this server.
   */
  audioUrl?: string | null;
  /**
   * What to avoid. GET /models says which models take it; others answer it with a 422.
   */
  negativePrompt?: string | null;
  seed?: number | null;
}
export interface QuickImageBody {
  /**
   * The id of a model, as fal-ai/veo3.1/fast.
   */
  model?: string;
  /**
   * 1 to 10,000 characters.
   */
  prompt: string;
  /**
   * Further inputs of this model; GET /models lists them.
   */
  params?: {
    [k: string]: unknown;
  } | null;
  /**
   * true: params that this gateway does not know are sent to the provider as they are; known ones are still checked. The price is that of the catalogue; the receipt says what the provider billed. Default: false, an unknown param is a 422.
   */
  paramsUnchecked?: boolean | null;
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
   * The request fails after this time; default 1800 for videos, 600 for images.
   */
  deadlineSeconds?: number | null;
  /**
   * use (default): take the output of an equal request from the cache, or wait for an equal request in flight, at no cost; refresh: make a new output and replace the cached one; off: do not use the cache.
   */
  cache?: ("use" | "refresh" | "off") | null;
  /**
   * low: when the provider's limits make requests wait, this one waits until your normal ones have been sent. Default: normal.
   */
  priority?: ("normal" | "low") | null;
  /**
   * Models to try in this order when the one before has failed and provably costs nothing; never after a submit whose outcome is unknown. They get the same prompt, image, duration, size, count and params.
   */
  fallback?:
    | (
        | string
        | {
            model: string;
            /**
             * Inputs of this model. Default: those of the call.
             */
            params?: {
              [k: string]: unknown;
            } | null;
          }
      )[]
    | null;
  /**
   * true: return the provider's own URL, and do not copy the output.
   */
  skipGcsUpload?: boolean | null;
  /**
   * Pixels; default 1024. Mapped to a size of the model, if it has a list of sizes.
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
   * The first image: an https URL, a data: URI (at most 5 MB), or the URL of a file or an output of this server. A video starts from it.
   */
  imageUrl?: string | null;
  /**
   * Several images, each a URL, or {url, role}. A URL without a role is a reference. image_url is the same as one image with the role first. GET /models says which roles a model takes; others are a 422.
   */
  imageUrls?:
    | (
        | string
        | {
            url: string;
            /**
             * Default: reference.
             */
            role?: ("first" | "last" | "reference") | null;
          }
      )[]
    | null;
  /**
   * A video to edit, extend or follow: an https URL, a data: URI (at most 5 MB), or the URL of a file or an output of this server.
   */
  videoUrl?: string | null;
  /**
   * true: an image in a data: URI that no provider takes as it is (HEIC, AVIF, GIF, TIFF, CMYK, turned by its camera) is converted to JPEG or PNG. Not for https URLs, which the provider fetches: upload such a file by POST /files.
   */
  convert?: boolean | null;
  /**
   * A sound: an https URL, a data: URI (at most 5 MB), or the URL of a file or an output of this server.
   */
  audioUrl?: string | null;
  /**
   * What to avoid. GET /models says which models take it; others answer it with a 422.
   */
  negativePrompt?: string | null;
  seed?: number | null;
}
export interface RequestQuery {
  /**
   * Only requests with one of these statuses, separated by commas: pending, processing, completed, failed.
   */
  status?: string;
  /**
   * Only requests of this model.
   */
  model?: string;
  /**
   * Only requests of this provider.
   */
  provider?: "fal" | "openai-videos" | "replicate" | "runway";
  /**
   * Only videos, or only images.
   */
  mediaType?: "video" | "image";
  /**
   * Only requests with this callback_id.
   */
  callbackId?: string;
  /**
   * Only requests that this API key submitted.
   */
  apiKeyId?: string;
  /**
   * Only requests with this value of your usage tag.
   */
  tag?: string;
  /**
   * Only requests with this text in their prompt, in upper or lower case.
   */
  text?: string;
  /**
   * Only requests created later than this (ISO 8601).
   */
  createdAfter?: string;
  /**
   * Only requests created earlier than this (ISO 8601).
   */
  createdBefore?: string;
  /**
   * -input: leaves out the input of each request.
   */
  include?: "-input";
  /**
   * The maximum number of requests on a page.
   */
  limit?: number;
  /**
   * next_cursor of the previous page, with the same filters.
   */
  cursor?: string;
}
export interface BulkBody {
  /**
   * cancel: open requests; delete, again: requests that have ended. again costs money.
   */
  action: "cancel" | "again" | "delete";
  /**
   * As the filters of GET /requests; a request must pass all of them.
   */
  filter: {
    /**
     * Only requests with one of these statuses.
     *
     * @minItems 1
     */
    status?: ("pending" | "processing" | "completed" | "failed")[];
    /**
     * Only requests of this model.
     */
    model?: string;
    /**
     * Only requests of this provider.
     */
    provider?: "fal" | "openai-videos" | "replicate" | "runway";
    /**
     * Only videos, or only images.
     */
    mediaType?: "video" | "image";
    /**
     * Only requests with this callback_id.
     */
    callbackId?: string;
    /**
     * Only requests that this API key submitted.
     */
    apiKeyId?: string;
    /**
     * Only requests with this value of your usage tag.
     */
    tag?: string;
    /**
     * Only requests with this text in their prompt, in upper or lower case.
     */
    text?: string;
    /**
     * Only requests created later than this (ISO 8601).
     */
    createdAfter?: string;
    /**
     * Only requests created earlier than this (ISO 8601).
     */
    createdBefore?: string;
  };
  /**
   * true: only counts.
   */
  dryRun?: boolean;
  /**
   * How many requests you expect, as a dry run counted them. With another number nothing is done. again needs it.
   */
  expectedCount?: number;
  /**
   * next_cursor of the previous call, with the same action and filter.
   */
  cursor?: string;
}
export interface DeliveryQuery {
  /**
   * Only deliveries in one of these states, separated by commas: pending, delivered, abandoned.
   */
  state?: string;
  /**
   * Only deliveries to this endpoint.
   */
  endpointId?: string;
  /**
   * Only deliveries of this type of event.
   */
  type?:
    | "request.processing"
    | "request.progress"
    | "request.completed"
    | "request.failed"
    | "budget.threshold"
    | "alert.opened"
    | "alert.closed";
  /**
   * Only deliveries of events later than this (ISO 8601).
   */
  createdAfter?: string;
  /**
   * Only deliveries of events earlier than this (ISO 8601).
   */
  createdBefore?: string;
  /**
   * The maximum number of deliveries on a page.
   */
  limit?: number;
  /**
   * next_cursor of the previous page, with the same filters.
   */
  cursor?: string;
}
export interface FeedQuery {
  /**
   * next_after of the previous answer. Default: from the oldest kept event.
   */
  after?: number;
  /**
   * The maximum number of events.
   */
  limit?: number;
  /**
   * Seconds to wait for an event when there is none yet.
   */
  wait?: number;
  /**
   * Only these types, separated by commas: request.processing, request.progress, request.completed, request.failed, budget.threshold, alert.opened, alert.closed.
   */
  types?: string;
}
export interface ModelQuery {
  /**
   * Only models of this provider.
   */
  provider?: string;
  /**
   * Only models that make videos, or images.
   */
  mediaType?: "video" | "image";
  /**
   * text-to-video, image-to-video or text-to-image.
   */
  capability?: string;
  /**
   * Words that must all occur in id, name, description or tags.
   */
  search?: string;
  /**
   * The order of the models.
   */
  sort?: "name" | "cost" | "newest" | "popular";
  /**
   * The maximum number of models. total_count counts all of them.
   */
  limit?: number;
  /**
   * The featured models come in groups beside the list, which stays whole.
   */
  featured?: "true" | "false";
}
export interface WebhookEndpointInput {
  /**
   * https URL.
   */
  url: string;
  /**
   * The events that it gets; default request.completed and request.failed.
   *
   * @minItems 1
   */
  events?: (
    | "request.processing"
    | "request.progress"
    | "request.completed"
    | "request.failed"
    | "budget.threshold"
    | "alert.opened"
    | "alert.closed"
  )[];
  description?: string | null;
  enabled?: boolean;
}
export interface WebhookEndpointChange {
  /**
   * https URL.
   */
  url?: string;
  /**
   * The events that it gets; default request.completed and request.failed.
   *
   * @minItems 1
   */
  events?: (
    | "request.processing"
    | "request.progress"
    | "request.completed"
    | "request.failed"
    | "budget.threshold"
    | "alert.opened"
    | "alert.closed"
  )[];
  description?: string | null;
  enabled?: boolean;
}
export interface UsageQuery {
  /**
   * The day, week (from Monday), month or year that contains date.
   */
  period?: "day" | "week" | "month" | "year";
  /**
   * A day in the period; default today, in the time zone of the organization.
   */
  date?: string;
}
export interface UsageLogQuery {
  /**
   * The maximum number of entries.
   */
  limit?: number;
  /**
   * How many of the newest to leave out.
   */
  offset?: number;
}
export interface BudgetLimit {
  /**
   * What it limits: organization, key:<id of an API key> or provider:<name>.
   */
  subject: string;
  /**
   * In the time zone of the organization.
   */
  period: "day" | "month";
  /**
   * How much may be held and settled in the period.
   */
  limitUsd: number;
}
export interface BudgetKey {
  /**
   * What it limits: organization, key:<id of an API key> or provider:<name>.
   */
  subject: string;
  /**
   * In the time zone of the organization.
   */
  period: "day" | "month";
}
export interface ApiKeyInput {
  /**
   * For people; up to 100 characters.
   */
  name: string;
  /**
   * generate: submit and cancel; read: requests, events, usage; manage: keys, provider keys, budgets, endpoints. Default: the scopes of the calling key. A key gives only what it has itself.
   *
   * @minItems 1
   */
  scopes?: ("generate" | "read" | "manage")[];
  /**
   * The only models that it may generate with; default: those of the calling key.
   */
  models?: string[] | null;
  /**
   * Generations that it may submit in a minute; more are answered 429. Default: that of the calling key.
   */
  requestsPerMinute?: number | null;
  /**
   * When it stops working (ISO 8601); default: with the calling key.
   */
  expiresAt?: string | null;
}
export interface ProviderKey {
  provider: "fal" | "openai-videos" | "replicate" | "runway";
  apiKey: string;
}
export interface NewProviderKey {
  provider: "fal" | "replicate" | "runway";
  apiKey: string;
}

/** Properties that are maps: their keys are data, not names. @internal */
export const MAPS: readonly string[] = ["by_model", "by_provider", "details", "first_last", "image", "metadata", "params", "queues", "reference", "text", "video"];
