/**
 * When Redis's clock goes back, by an administrator or a failover to another machine, every sleeping job is due that
 * much later. Waking all of them costs one early poll each. Retries of webhooks keep their distance.
 */
import { ensureSchedules } from "@visgate/shared/queue";
import type { Redis } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

export async function wakeAfterSetBack(
  deps: Pick<Deps, "providers" | "producer" | "clock" | "log">,
  redis: Redis,
): Promise<void> {
  const { providers, producer, clock, log } = deps;
  log.warn("Redis's clock was set back; sleeping jobs are woken");
  try {
    for (const queue of providers.keys()) await producer.promoteAll(queue);
    await ensureSchedules(redis, clock.now);
  } catch (error) {
    log.warn({ err: error }, "sleeping jobs were not woken; they are due as late as the clock was set back");
  }
}
