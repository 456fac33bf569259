/** What routes and use-cases work with; built once in main.ts, by hand in tests. */
import type { AccountResult, ReportVerifier } from "@visgate/providers";
import type { Catalogue } from "@visgate/shared/catalogue";
import type { FileUrls, OutputStore } from "@visgate/shared/outputs";
import type { Producer } from "@visgate/shared/queue";
import type { Logger, Secrets } from "@visgate/shared/runtime";
import type { UrlPolicy } from "@visgate/shared/runtime/net";
import type { RedisClock, RedisInspection, Store, Subscriber } from "@visgate/shared/store";
import type { Clock } from "@visgate/shared/units";
import type { CacheMemory } from "./cache/find-in-cache.js";
import type { AccessLog } from "./http/access-log.js";
import type { Metrics } from "./metrics.js";
import type { Withdrawals } from "./use-cases/withdraw-requests.js";

export interface ProviderSetup {
  /** The server's own key; null when it has none. */
  apiKey: string | null;
  simulated: boolean;
}

export interface Settings {
  version: string;
  publicBase: string;
  syncWaitSeconds: number;
  urlPolicy: UrlPolicy;
  copyOutputs: boolean;
  /** How long equal calls return a request that ended with its charge not settled. */
  unsettledSeconds: number;
  /** Do all organizations share the result cache? */
  cacheIsShared: boolean;
  providers: ReadonlyMap<string, ProviderSetup>;
  /** Are metrics served here, beside the API? */
  exposeMetrics: boolean;
}

export interface Deps {
  store: Store;
  producer: Producer;
  subscriber: Subscriber;
  outputs: OutputStore;
  fileUrls: FileUrls;
  secrets: Secrets;
  catalogue: Catalogue;
  clock: Clock;
  redisClock: RedisClock;
  withdrawals: Withdrawals;
  newRequestId: () => string;
  log: Logger;
  accessLog: AccessLog;
  /** Asks a provider about the account behind a key. */
  askAccount: (provider: string, apiKey: string) => Promise<AccountResult>;
  /** For the providers that report when a job has ended. */
  reportVerifiers: ReadonlyMap<string, ReportVerifier>;
  metrics: Metrics;
  cacheMemory: CacheMemory;
  settings: Settings;
  /** Is Redis so full that what was accepted might not drain? */
  isUnderPressure: () => boolean;
  pingRedis: () => Promise<unknown>;
  inspectRedis: () => Promise<RedisInspection>;
  /** Aborts when the process begins to drain: waits end, submits are refused. */
  draining: AbortSignal;
}
