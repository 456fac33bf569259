/** Redis connections: the API's fails fast, a worker's never gives up. */
import { Redis } from "ioredis";

export type { Redis };

const CONNECT_TIMEOUT_MS = 2000;
/** A connection on which a command gets no answer for this long is replaced. */
const SILENCE_MS = 4000;
const HEARTBEAT_MS = 3000;
const retryStrategy = (attempt: number) => Math.min(attempt * 100, 1000);

/**
 * For the API: no queueing while Redis is away, and 2 s per command. An error becomes a 503 that may be retried. A
 * connection that breaks silently is detected 4 s after a command.
 */
export function connectFailFast(url: string): Redis {
  return new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 2000,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    retryStrategy,
  });
}

/**
 * For the subscriber of an API process. It sends no commands of its own, so it pings Redis regularly instead of having
 * a command timeout. A connection that breaks silently is detected within 7 s.
 */
export function connectSubscriber(url: string): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    retryStrategy,
  });
  const heartbeat = setInterval(() => redis.status === "ready" && void redis.ping().catch(() => {}), HEARTBEAT_MS);
  heartbeat.unref();
  redis.once("end", () => clearInterval(heartbeat));
  return redis;
}

/** For workers: retries without end. A connection that breaks silently is detected after 15 s. */
export function connectPatient(url: string): Redis {
  return new Redis(url, {
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: 15_000,
    retryStrategy,
  });
}

/** Sends the commands of this turn of the event loop in one write, because the system call is the expensive part. */
export function gatherWrites(redis: Redis): void {
  const stream: Redis["stream"] | undefined = redis.stream; // undefined before the first connection
  if (stream === undefined || stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

const AWAY = new RegExp(
  [
    ...["Connection is closed", "Stream isn't writeable", "Command timed out", "max retries per request"],
    ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"],
    ...["LOADING", "OOM command", "READONLY", "MISCONF", "has no connection", "CLUSTERDOWN"],
  ].join("|"),
  "i",
);

/** Does this error mean that Redis cannot serve now? Commands under way may or may not have been executed. */
export function isRedisAway(error: unknown): boolean {
  return error instanceof Error && AWAY.test(`${error.name} ${error.message}`);
}

/** Does this error prove that the command never left this process? */
export function wasNeverSent(error: unknown): boolean {
  return error instanceof Error && /Stream isn't writeable/.test(error.message);
}

/** Resolves when the connection is ready, however long Redis is away. */
export function untilReady(redis: Redis): Promise<void> {
  return redis.status === "ready" ? Promise.resolve() : new Promise((resolve) => redis.once("ready", () => resolve()));
}
