/** Takes jobs from all shards of this process's queues, also from those that come into use while it runs. */
import { baseOf, MAINTENANCE_QUEUE, type WatchedShards, WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import { queueGroups, type Redis } from "@visgate/shared/store";
import { advanceRequest } from "./advance-request.js";
import { type ConsumeOptions, consume, type Process } from "./consume.js";
import type { Deps } from "./deps.js";
import { type FirstSteps, runFirstSteps } from "./first-steps.js";
import type { Worker } from "./queue-worker.js";
import { maintain } from "./upkeep/sweep.js";
import { deliver } from "./webhooks/deliver.js";

export interface ConsumersOptions extends ConsumeOptions {
  /** Of all queues that this process takes jobs from, without shards. */
  queues: readonly string[];
  shards: WatchedShards;
  /** Opens a connection that only waits. */
  connectBlocking(): Redis;
}

export interface Consumers {
  /** Resolves when all take jobs. */
  ready(): Promise<void>;
  /** The names of the shards that are taken from. */
  names(): string[];
  /** Takes no more jobs. Resolves when those that were taken are done. */
  close(): Promise<void>;
}

export function startConsumers(deps: Deps, options: ConsumersOptions): Consumers {
  const { queues, shards, redis } = options;
  const workers: Worker[] = [];
  const firstSteps: FirstSteps[] = [];
  // Each shard gets its part, so that this process does not do more at once because there are more shards.
  const concurrency = Math.ceil(options.concurrency / shards.own);
  const advance: Process = (ref, signal, queue) => advanceRequest(deps, ref, signal, queue);
  const started = new Set<string>();

  function start(): void {
    const fresh = queues.flatMap((queue) => shards.namesOf(queue)).filter((shard) => !started.has(shard));
    for (const shard of fresh) {
      started.add(shard);
      workers.push(startOne(shard));
    }
    const requests = fresh.filter((shard) => deps.providers.has(baseOf(shard)));
    for (const group of queueGroups(redis, requests)) {
      if (group.length === 0) continue;
      const { outbox } = deps.store;
      const { producer } = deps;
      const blocking = options.connectBlocking();
      firstSteps.push(runFirstSteps(group, advance, { ...options, outbox, producer, blocking, concurrency }));
    }
  }

  function startOne(shard: string): Worker {
    const own = { ...options, concurrency };
    if (shard === MAINTENANCE_QUEUE) return maintain(deps, own);
    return consume(shard, baseOf(shard) === WEBHOOKS_QUEUE ? (ref) => deliver(deps, ref) : advance, own);
  }

  start();
  shards.onMore(start);
  return {
    ready: async () => void (await Promise.all(workers.map((worker) => worker.waitUntilReady()))),
    names: () => workers.map(({ name }) => name),
    async close() {
      await Promise.all([...firstSteps, ...workers].map((one) => one.close()));
    },
  };
}
