/** What each shard of each queue holds, with what is still in its outbox. */
import type { ShardsReport } from "@visgate/shared/contract";
import { WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import type { Deps } from "../deps.js";

export async function readShards({
  producer,
  store,
  settings,
}: Pick<Deps, "producer" | "store" | "settings">): Promise<ShardsReport> {
  const { own, counts, namesOf } = producer.shards;
  const readShard = async (shard: string) => {
    const [jobs, outbox] = await Promise.all([producer.shardCounts(shard), store.outbox.shardCounts(shard)]);
    const { waiting = 0, active = 0, delayed = 0 } = jobs;
    return { shard, waiting: waiting + outbox.waiting, active: active + outbox.active, delayed };
  };
  const queues = [...settings.providers.keys(), WEBHOOKS_QUEUE].map(
    async (queue) => [queue, await Promise.all(namesOf(queue).map(readShard))] as const,
  );
  return {
    shards: own,
    other_numbers: counts().filter((count) => count !== own),
    queues: Object.fromEntries(await Promise.all(queues)),
  };
}
