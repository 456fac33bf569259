/** What routes and use-cases work with; built once in main.ts, by hand in tests. */
import type { AccountResult } from "@visgate/providers";
import type { ReportVerifier } from "@visgate/providers/webhooks";
import type { Catalogue } from "@visgate/shared/catalogue/catalogue";
import type { Clock } from "@visgate/shared/domain/clock";
import type { Logger } from "@visgate/shared/log";
import type { UrlPolicy } from "@visgate/shared/net/urls";
import type { FileUrls } from "@visgate/shared/outputs/file-urls";
import type { OutputStore } from "@visgate/shared/outputs/store";
import type { Producer } from "@visgate/shared/queue/producer";
import type { Secrets } from "@visgate/shared/secrets";
import type { RedisInspection } from "@visgate/shared/store/inspect";
import type { RedisClock } from "@visgate/shared/store/redis-clock";
import type { Store } from "@visgate/shared/store/store";
import type { Subscriber } from "@visgate/shared/store/subscriber";
import type { AccessLog } from "./http/access-log.js";
import type { Metrics } from "./metrics.js";
import type { CacheMemory } from "./use-cases/find-in-cache.js";
import type { Withdrawals } from "./use-cases/withdrawals.js";

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
