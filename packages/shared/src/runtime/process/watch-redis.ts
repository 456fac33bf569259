/** What every process wants to know of its Redis: its time, and whether it takes writes. The log has what changes. */
import { timeReaderOf } from "../../store/connection/cluster.js";
import type { Redis } from "../../store/connection/connect.js";
import { createGate, type Gate } from "../../store/connection/gate.js";
import { createRedisClock, type RedisClock } from "../../store/connection/redis-clock.js";
import { createReplicas, type Replicas } from "../../store/connection/replicas.js";
import type { SafetyVerdict } from "../../store/connection/safety.js";
import type { Logger } from "../log.js";
import { createClockReport } from "./own-clock.js";
import { createRedisLog } from "./redis-log.js";

export interface RedisWatch {
  replicas: Replicas;
  clock: RedisClock;
  gate: Gate;
  close(): void;
}

export interface WatchRedisOptions {
  log: Logger;
  monotonicNow: () => number;
  /** The clock of this machine, if the log is to say when it is off. */
  ownNow?: () => number;
  /** Called with what the settings of Redis mean, at every connection. */
  onVerdict?(verdict: SafetyVerdict): void;
  /** ACCEPT_REPLICAS: how many replicas must have a write before it counts. */
  acceptReplicas: number;
  /** ACCEPT_REPLICAS_ON_DISK: whether the primary and these replicas must have it on disk. */
  acceptOnDisk: boolean;
}

export function watchRedis(redis: Redis, options: WatchRedisOptions): RedisWatch {
  const { log, monotonicNow, ownNow, onVerdict, acceptReplicas, acceptOnDisk: onDisk } = options;
  // Created before everything else that listens to the connection: a new Redis is asked for its time first.
  const onMeasured = ownNow === undefined ? {} : { onMeasured: createClockReport(log, ownNow) };
  const clock = createRedisClock({ redis, readTime: timeReaderOf(redis), monotonicNow, ...onMeasured });
  const redisLog = createRedisLog(log);
  const replicas = createReplicas(redis, acceptReplicas, { onDisk });
  const gate = createGate(redis, {
    ...{ ...redisLog, replicas, needs: { onDisk } },
    ...(onVerdict === undefined ? {} : { onVerdict }),
  });
  gate.onWritable(redisLog.onWritable);
  return {
    replicas,
    clock,
    gate,
    close() {
      gate.close();
      replicas.close();
      clock.close();
    },
  };
}
