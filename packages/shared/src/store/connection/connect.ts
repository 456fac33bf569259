/** The ways to hold a Redis connection: an API must fail fast, a worker must never give up. */
import { Redis } from "ioredis";

export type { Redis };

const CONNECT_TIMEOUT_MS = 2000;
/** A connection that leaves a command without any answer for so long is given up, and made anew. */
const SILENCE_MS = 4000;
const HEARTBEAT_MS = 3000;
const retryStrategy = (attempt: number) => Math.min(attempt * 100, 1000);

/**
 * For the API: no queueing while Redis is away, 2 s per command; an error here becomes a 503 that may be retried. A
 * silent network drop is noticed 4 s after a command.
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
 * For the one subscriber of an API process: it waits in silence, so it has no command time-out, and asks from time to
 * time whether the connection still is one. A silent network drop is noticed within 7 s.
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

/** For workers: retries for ever; a silent network drop is noticed after 15 s. */
export function connectPatient(url: string): Redis {
  return new Redis(url, {
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: 15_000,
    retryStrategy,
  });
}

/** What is sent until the turn of the event loop is over leaves in one write, as the system call is what costs. */
export function gatherWrites(redis: Redis): void {
  const stream: Redis["stream"] | undefined = redis.stream; // none before the first connection
  if (stream === undefined || stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

const AWAY =
  /Connection is closed|Stream isn't writeable|Command timed out|max retries per request|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|LOADING|OOM command|READONLY|MISCONF|has no connection|CLUSTERDOWN/i;

/** Does this error mean that Redis cannot serve now? What was under way then may or may not have been done. */
export function isRedisAway(error: unknown): boolean {
  return error instanceof Error && AWAY.test(`${error.name} ${error.message}`);
}

/** Does this error prove that the command never left this process? */
export function wasNeverSent(error: unknown): boolean {
  return error instanceof Error && /Stream isn't writeable/.test(error.message);
}

/** Resolves at the first connection, however long Redis is away. */
export function untilReady(redis: Redis): Promise<void> {
  return redis.status === "ready" ? Promise.resolve() : new Promise((resolve) => redis.once("ready", () => resolve()));
}
