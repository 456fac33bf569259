/** What steps work with; built once in main.ts. */
import type { ProviderAdapter } from "@visgate/providers";
import type { Catalogue } from "@visgate/shared/catalogue";
import type { FileUrls, OutputStore } from "@visgate/shared/outputs";
import type { Producer } from "@visgate/shared/queue";
import type { Logger, ReportUrls, Secrets } from "@visgate/shared/runtime";
import type { GuardedFetch } from "@visgate/shared/runtime/net";
import type { Store } from "@visgate/shared/store";
import type { Clock } from "@visgate/shared/units";
import type { Isolation } from "./isolation/isolation.js";
import type { Metrics } from "./metrics.js";
import type { ReceiverSlots } from "./webhooks/slots.js";

export interface ProviderSetup {
  adapter: ProviderAdapter;
  /** The server's own key; null when it has none. */
  apiKey: string | null;
  /** Where this provider reports that a job has ended; null when it does not, or cannot reach us. */
  reportUrls: ReportUrls | null;
}

export interface Settings {
  /** The name of this process in time lines. */
  actor: string;
  submitTimeoutMs: number;
  /** How long the worker searches for the job of a lost submit; longer when a report may still arrive. */
  locateMs: number;
  maxOutputBytes: number;
  retentionDays: number;
  /** How long results are kept in the cache; 0 for ever. */
  cacheTtlSeconds: number;
  /** Do all organizations share the cache? */
  cacheIsShared: boolean;
  webhookRetrySeconds: readonly number[];
  /** An endpoint whose every attempt has failed for so long is disabled. */
  disableAfterMs: number;
}

export interface Deps {
  store: Store;
  producer: Producer;
  outputs: OutputStore;
  fileUrls: FileUrls;
  secrets: Secrets;
  catalogue: Catalogue;
  providers: ReadonlyMap<string, ProviderSetup>;
  /** Jobs that sleep between two looks at a provider, as known lately. */
  inFlight: (provider: string) => number;
  /** For addresses that others name: webhook receivers, outputs. */
  guardedFetch: GuardedFetch;
  /** For requests that may be what kills this process; null in a process that is made for one. */
  isolation: Isolation | null;
  receiverSlots: ReceiverSlots;
  clock: Clock;
  /** The lease of this process, by which others see whether it is alive. */
  leaseId: string;
  /** Did the process that holds this lease end, or was it declared dead? */
  isGone: (leaseId: string) => Promise<boolean>;
  /** A new one each time, never used elsewhere. */
  newToken: () => string;
  /** In [0, 1), for jitter. */
  random: () => number;
  log: Logger;
  metrics: Metrics;
  settings: Settings;
}
