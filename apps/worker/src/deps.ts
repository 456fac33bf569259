/** What the steps work with. open-deps.ts builds it once per process. */
import type { PollLoad, ProviderAdapter } from "@visgate/providers";
import type { Catalogue } from "@visgate/shared/catalogue";
import type { FileUrls, OutputStore, OutputsHealth } from "@visgate/shared/outputs";
import type { Producer } from "@visgate/shared/queue";
import type { Logger, ReportUrls, Secrets } from "@visgate/shared/runtime";
import type { GuardedFetch } from "@visgate/shared/runtime/net";
import type { PoolLimits, Share, Store } from "@visgate/shared/store";
import type { Tracing } from "@visgate/shared/tracing";
import type { Clock } from "@visgate/shared/units";
import type { Isolation } from "./isolation/isolation.js";
import type { Metrics } from "./metrics.js";
import type { Slots } from "./pacing/slots.js";
import type { Posters } from "./posters/posters.js";
import type { HealthReport } from "./provider/health.js";
import type { ReceiverSlots } from "./webhooks/slots.js";

export interface ProviderSetup {
  adapter: ProviderAdapter;
  /** The server's own key; null when the server has none. */
  apiKey: string | null;
  /** The URLs for this provider's reports; null when it sends none or cannot reach this server. */
  reportUrls: ReportUrls | null;
  /** What the account of the server's key allows. */
  limits: PoolLimits;
}

/** When an organization gets an alert. */
export interface AlertSettings {
  /** The share of failed requests, 0 to 1. 0: never. */
  errorRate: number;
  /** How long its oldest pending request has waited. 0: never. */
  queueAgeMs: number;
  /** How long a condition has to be away before its alert is closed. */
  clearMs: number;
}

export interface Settings {
  /** How time lines name this process. */
  actor: string;
  /** The URL of the API, for webhooks in the words of other APIs, which have URLs of calls. */
  publicBase: string;
  submitTimeoutMs: number;
  /** How long the worker searches for the job of a lost submit, at least. */
  locateMs: number;
  maxOutputBytes: number;
  retentionDays: number;
  /** How long the cache keeps results; 0 means for ever. */
  cacheTtlSeconds: number;
  /** Whether all organizations share the cache. */
  cacheIsShared: boolean;
  webhookRetrySeconds: readonly number[];
  alerts: AlertSettings;
  /** A webhook endpoint is disabled when all its attempts have failed for this long. */
  disableAfterMs: number;
}

export interface Deps {
  store: Store;
  producer: Producer;
  outputs: OutputStore;
  /** Whether the output store can take files now. */
  outputsHealth: OutputsHealth;
  fileUrls: FileUrls;
  secrets: Secrets;
  catalogue: Catalogue;
  providers: ReadonlyMap<string, ProviderSetup>;
  /** How many jobs of the provider are polled. About a second old. */
  pollLoad: (provider: string) => PollLoad;
  /** The slots of provider accounts. */
  slots: Slots;
  /** The organization's part of the slots. */
  shareOf: (organization: string) => Promise<Share>;
  /** For URLs that callers and providers choose: webhook receivers and outputs. */
  guardedFetch: GuardedFetch;
  /** For requests that may kill the worker process; null inside an isolated process. */
  isolation: Isolation | null;
  /** Null when POSTERS is off. */
  posters: Posters | null;
  receiverSlots: ReceiverSlots;
  /** How submits and renders end. */
  health: HealthReport;
  clock: Clock;
  /** The lease of this process. Other processes see by it whether this one is alive. */
  leaseId: string;
  /** Whether the process with this lease has ended or was declared dead. */
  isGone: (leaseId: string) => Promise<boolean>;
  /** Returns a new unique token on each call. */
  newToken: () => string;
  /** In [0, 1), for jitter. */
  random: () => number;
  log: Logger;
  tracing: Tracing;
  metrics: Metrics;
  settings: Settings;
}
