/**
 * Watches Redis: whether its settings keep accepted requests safe, whether it takes writes, and whether it is too full
 * to accept more. A fault stays until a later check succeeds; checks run every second and at each new connection.
 */
import type { Redis } from "ioredis";
import { clusterOf } from "./cluster.js";
import { faultOf, LOADING, NEARLY_FULL, type RedisFault, SILENT } from "./fault.js";
import { NO_REPLICAS, type Replicas } from "./replicas.js";
import { memoryShare, readVerdict, type SafetyNeeds, type SafetyVerdict } from "./safety.js";
import { watchConnection } from "./watch-connection.js";
import { checkWrites } from "./write-check.js";

const CHECK_EVERY_MS = 1000;
/** Above this share of maxmemory no request is accepted, so that accepted requests always have room to finish. */
const MAX_MEMORY_SHARE = 0.7;

export interface GateOptions {
  /** At every connection: a Redis that comes back may have other settings. */
  onVerdict?(verdict: SafetyVerdict): void;
  /** A fault was seen, perhaps again. */
  onFault?(fault: RedisFault): void;
  checkEveryMs?: number;
  /** When they are missing, the gate closes: a write would not count. */
  replicas?: Replicas;
  /** What the verdict must be about. */
  needs?: SafetyNeeds;
}

export interface Gate {
  /** Why no request can be accepted now; null: it can. */
  whyClosed(): RedisFault | null;
  /** Returns the fault of Redis that this error shows, if any. When a single server refuses a command, the gate closes. */
  report(error: unknown): RedisFault | null;
  /** Calls it when Redis takes writes: now, after each fault, and after each new connection, perhaps to another Redis. */
  onWritable(listener: () => void): void;
  /** Resolves when a check has succeeded since the last fault. */
  untilWritable(): Promise<void>;
  /** As long as Redis refuses what `run` sends: waits until it takes writes, and runs it again. */
  untilTaken<T>(run: () => Promise<T>): Promise<T>;
  close(): void;
}

/** `redis` reconnects by itself. The errors of other connections may be reported to the gate. */
export function createGate(redis: Redis, options: GateOptions = {}): Gate {
  const { onVerdict, onFault, checkEveryMs = CHECK_EVERY_MS, replicas = NO_REPLICAS, needs } = options;
  let share = 0;
  let fault: RedisFault | null = null;
  /** Counts faults and connections. A check proves nothing about what came after it began. */
  let era = 0;
  let provenEra = -1;
  let isChecking = false;
  let waiting: (() => void)[] = [];
  const listeners: (() => void)[] = [];
  const isCluster = clusterOf(redis) !== null;
  /** A part of a cluster takes no writes. */
  let isPartly = false;

  function raise(found: RedisFault): void {
    era += 1;
    fault = found;
    onFault?.(found);
  }

  function prove(): void {
    open();
    for (const listener of listeners) listener();
  }

  function open(): void {
    fault = null;
    provenEra = era;
    const resolved = waiting;
    waiting = [];
    for (const resolve of resolved) resolve();
  }

  async function check(): Promise<void> {
    if (isChecking || redis.status !== "ready") return;
    isChecking = true;
    const checkedEra = era;
    const [{ refusal, partly }] = await Promise.all([checkWrites(redis, replicas), measure()]);
    isChecking = false;
    // Silence may be this process's own, under load. Commands that get no answer fail by themselves.
    if (checkedEra !== era || refusal === SILENT) return;
    if (refusal !== null) raise(refusal);
    else if (partly !== null) {
      isPartly = true;
      if (partly !== SILENT) onFault?.(partly);
      open();
    } else if (isPartly || provenEra !== era) {
      isPartly = false;
      prove();
    }
  }

  async function measure(): Promise<void> {
    share = await memoryShare(redis).catch(() => share);
  }

  function begin(): void {
    era += 1;
    void check();
    readVerdict(redis, needs).then(
      (verdict) => onVerdict?.(verdict),
      () => {},
    );
  }

  const end = () => void era++;

  watchConnection(redis, { onReady: begin, onClose: end, onFault: raise });
  if (redis.status === "ready") begin();
  const timer = setInterval(check, checkEveryMs).unref();

  function report(error: unknown): RedisFault | null {
    const found = faultOf(error);
    // One node of a cluster says nothing about the others. The next check tells the log.
    if (isCluster) return found;
    if (found?.kind === "refuses") raise(found);
    // Only the watched connection tells whether Redis is away. Another one may know why.
    else if (found !== null && found !== SILENT) {
      era += 1;
      onFault?.(found);
    }
    return found;
  }

  function untilWritable(): Promise<void> {
    return provenEra === era ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
  }

  async function untilTaken<T>(run: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (report(error)?.kind !== "refuses") throw error;
        if (isCluster) await new Promise((resolve) => setTimeout(resolve, checkEveryMs));
        await untilWritable();
      }
    }
  }

  return {
    whyClosed() {
      if (redis.status !== "ready") return fault ?? (redis.status === "connect" ? LOADING : SILENT);
      return fault ?? (share >= MAX_MEMORY_SHARE ? NEARLY_FULL : null);
    },
    report,
    onWritable(listener) {
      listeners.push(listener);
      if (provenEra === era) listener();
    },
    untilWritable,
    untilTaken,
    close: () => clearInterval(timer),
  };
}
