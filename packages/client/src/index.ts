/** The public exports of `@visgate_ai/client`. */
export { Client } from "./client.js";
export type { ClientOptions } from "./client-options.js";
export {
  AbortError,
  AuthenticationError,
  type ClientErrorCode,
  ConnectionError,
  type ErrorCode,
  ProviderError,
  RateLimitError,
  TimeoutError,
  ValidationError,
  VisgateError,
  WebhookVerificationError,
} from "./errors.js";
export type { GenerateOptions, GenerationRequest } from "./generate.js";
export { VIDEO_MODEL_PRESETS } from "./providers.generated.js";
export type { EventsOptions } from "./request-events.js";
export type { VideoResult } from "./request-outcome.js";
export type { ApiKeys } from "./resources/api-keys.js";
export type { Deliveries, DeliveryListQuery, DeliveryPage } from "./resources/deliveries.js";
export type { EventQuery, Events, EventType, FollowOptions } from "./resources/events.js";
export type { Files } from "./resources/files.js";
export type { ImageOptions, Images, QuickImageOptions } from "./resources/images.js";
export type { Models } from "./resources/models.js";
export type { ProviderKeys, StoredProviderKey } from "./resources/provider-keys.js";
export type { Balance, Providers } from "./resources/providers.js";
export type { QuoteOptions, Quotes } from "./resources/quotes.js";
export type { Bulk, BulkFilter, BulkOptions, ListQuery, RequestPage, Requests } from "./resources/requests.js";
export type { Budgets, UsageLog, UsageResource } from "./resources/usage.js";
export type { VideoOptions, Videos } from "./resources/videos.js";
export type { WebhookEndpoints, Webhooks } from "./resources/webhooks.js";
export type {
  Alert,
  ApiKey,
  ApiKeyDeleted,
  ApiKeyInput,
  ApiKeyWithSecret,
  BillingInfo,
  Budget,
  BudgetDeleted,
  BudgetKey,
  BudgetLimit,
  BulkResult,
  CancelAnswer,
  Dashboard,
  DeleteAnswer,
  Delivery,
  Diagnostics,
  FeedEvent,
  FeedPage,
  Health,
  Identity,
  ImageResult,
  KeyValidation,
  ListedDelivery,
  Model,
  ModelList,
  NewProviderKey,
  ProviderKey,
  QuickImageResult,
  Quote,
  Receipt,
  Redelivering,
  RequestInput,
  RequestQuery,
  RequestStatus,
  RequestWithInput,
  Settlement,
  TimelineEntry,
  UploadedFile,
  UsageLogQuery,
  UsageQuery,
  UsageSummary,
  WebhookEndpoint,
  WebhookEndpointChange,
  WebhookEndpointInput,
  WebhookEndpointWithSecret,
  WebhookEvent,
} from "./types.generated.js";
export { type VerifyOptions, verifyWebhook, type WebhookHeaders } from "./verify-webhook.js";
export type { WaitOptions } from "./wait-options.js";
