/** What routes and use-cases work with. main.ts builds it once; tests build their own. */
import type { AccountResult, PricesResult, ReportVerifier } from "@visgate/providers";
import type { Catalogue } from "@visgate/shared/catalogue";
import type { FileUrls, OutputStore, OutputsHealth } from "@visgate/shared/outputs";
import type { Producer } from "@visgate/shared/queue";
import type { Logger, Secrets } from "@visgate/shared/runtime";
import type { UrlPolicy } from "@visgate/shared/runtime/net";
import type { Gate, RedisClock, RedisInspection, Store, Subscriber } from "@visgate/shared/store";
import type { Tracing } from "@visgate/shared/tracing";
import type { Clock } from "@visgate/shared/units";
import type { CacheMemory } from "./cache/find-in-cache.js";
import type { AccessLog } from "./http/access-log.js";
import type { ImageConverter } from "./images/converter.js";
import type { Metrics } from "./metrics.js";
import type { StoredKeys } from "./stored-keys.js";
import type { Withdrawals } from "./use-cases/withdraw-requests.js";

export interface ProviderSetup {
  /** The server's own key; null when the server has none. */
  apiKey: string | null;
  simulated: boolean;
}

export interface Settings {
  version: string;
  publicBase: string;
  syncWaitSeconds: number;
  urlPolicy: UrlPolicy;
  copyOutputs: boolean;
  /** How long a presigned URL of the bucket is valid at most. */
  s3UrlSeconds: number;
  /** Whether an acceptance counts only when replicas have it. */
  needsReplicas: boolean;
  /** Whether they must have it on disk. */
  needsDisks: boolean;
  /** How long equal calls return a request that ended without a settled charge. */
  unsettledSeconds: number;
  /** Whether all organizations share the result cache. */
  cacheIsShared: boolean;
  providers: ReadonlyMap<string, ProviderSetup>;
  /** The key of the admin routes; null when the server has none. */
  adminKey: string | null;
  /** How many proxies before this server tell the caller's address truly, in X-Forwarded-For. */
  trustedProxies: number;
  /** The dialects whose calls use the result cache; without it, each new call of a dialect makes a new output. */
  cachingDialects: readonly string[];
  /** Whether answers leave out what requests were made from. */
  hidePrompts: boolean;
  /** Whether this port serves the metrics too. */
  exposeMetrics: boolean;
}

export interface Deps {
  store: Store;
  producer: Producer;
  subscriber: Subscriber;
  outputs: OutputStore;
  /** Whether the output store can take files now. */
  outputsHealth: OutputsHealth;
  fileUrls: FileUrls;
  secrets: Secrets;
  catalogue: Catalogue;
  /** Redis's clock, by which everything is decided. */
  clock: Clock;
  sleep: (ms: number) => Promise<void>;
  redisClock: RedisClock;
  /** The clock of this machine, for diagnostics. */
  ownClock: Clock;
  withdrawals: Withdrawals;
  newRequestId: () => string;
  images: ImageConverter;
  log: Logger;
  accessLog: AccessLog;
  tracing: Tracing;
  /** Asks a provider about the account behind a key. */
  askAccount: (provider: string, apiKey: string) => Promise<AccountResult>;
  /** Asks a provider for its own prices. Null when it has no call for them. */
  askPrices: (provider: string, apiKey: string, endpoints: readonly string[]) => Promise<PricesResult | null>;
  /** For the providers that send a report when a job has ended. */
  reportVerifiers: ReadonlyMap<string, ReportVerifier>;
  metrics: Metrics;
  cacheMemory: CacheMemory;
  storedKeys: StoredKeys;
  settings: Settings;
  gate: Pick<Gate, "whyClosed" | "report">;
  /** False while this process cannot write the operator's key to Redis: then an unknown key is no reason for a 401. */
  areKeysRegistered: () => boolean;
  /** What Redis refuses to this process's user, as a line for operators; null when it has all the rights it needs. */
  missingRights: () => string | null;
  pingRedis: () => Promise<unknown>;
  inspectRedis: () => Promise<RedisInspection>;
  /** Aborts when the process begins to drain. Waits then end, and health says so. */
  draining: AbortSignal;
}
