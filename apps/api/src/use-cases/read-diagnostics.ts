/** Reads what an operator needs to find a fault: Redis, queues, workers and providers. */

import { PROVIDER_NAMES } from "@visgate/providers";
import type { Diagnostics } from "@visgate/shared/contract";
import { MAINTENANCE_QUEUE, WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import { judge, type KnownWorker, type RedisInspection } from "@visgate/shared/store";
import { isoTime } from "@visgate/shared/units";
import type { Deps, Settings } from "../deps.js";
import { queueCounts } from "./queue-counts.js";
import { type ReadinessDeps, whyNotReady } from "./why-refused.js";

type DiagnosticsDeps = Pick<Deps, "inspectRedis" | "producer" | "store" | "settings" | "ownClock"> & ReadinessDeps;

/** Asks everything at once, so that a Redis that hangs costs one time limit only. Throws while Redis is unavailable. */
export async function readDiagnostics(deps: DiagnosticsDeps): Promise<Diagnostics> {
  const [redis, queues, workers] = await Promise.all([
    deps.inspectRedis(),
    readQueues(deps),
    deps.store.workers.list(),
  ]);
  return {
    version: deps.settings.version,
    time: isoTime(deps.ownClock.now()),
    accepting: whyNotReady(deps) === null,
    redis: redisView(redis, deps.settings),
    queues,
    workers: workers.map(workerView),
    providers: PROVIDER_NAMES.map((provider) => {
      const setup = deps.settings.providers.get(provider);
      return { provider, configured: (setup?.apiKey ?? null) !== null, simulated: setup?.simulated ?? false };
    }),
  };
}

function workerView({ startedAt, inFlight, ...worker }: KnownWorker): Diagnostics["workers"][number] {
  return { ...worker, started_at: isoTime(startedAt), in_flight: inFlight };
}

function redisView(
  { version, settings, clockAheadMs }: RedisInspection,
  { needsDisks: onDisk }: Settings,
): Diagnostics["redis"] {
  const { safe, message } = judge(settings, { onDisk });
  return {
    version,
    settings: settings && {
      append_only: settings.appendOnly,
      append_fsync: settings.appendFsync,
      eviction_policy: settings.evictionPolicy,
    },
    ...{ safe, message },
    clock_ahead_ms: clockAheadMs,
  };
}

async function readQueues(deps: DiagnosticsDeps): Promise<Diagnostics["queues"]> {
  const { producer, settings } = deps;
  const read = async (name: string) => {
    const [counts, workers, lateMs] = await Promise.all([
      queueCounts(deps, name),
      producer.workers(name),
      producer.lateMs(name),
    ]);
    const { waiting = 0, active = 0, delayed = 0 } = counts;
    return [name, { waiting, active, delayed, workers, oldest_due_age_ms: lateMs }] as const;
  };
  const names = [...settings.providers.keys(), WEBHOOKS_QUEUE, MAINTENANCE_QUEUE];
  return Object.fromEntries(await Promise.all(names.map(read)));
}
