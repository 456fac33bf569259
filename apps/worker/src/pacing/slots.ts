/**
 * The slots of provider accounts, as one worker process uses them: it wakes the requests that get a slot, and it looks
 * again when time alone frees one. A wake-up that is lost with its process is repeated by the sweeper.
 */
import type { Producer } from "@visgate/shared/queue";
import type { RequestRef } from "@visgate/shared/request";
import type { Logger } from "@visgate/shared/runtime";
import type { Acquired, Grants, Pools, SlotRequest } from "@visgate/shared/store";
import type { ProviderPool } from "./pool.js";

export interface Slots {
  /** Gives the request a slot, or a place in its line. */
  acquire(pool: ProviderPool, request: SlotRequest): Promise<Acquired>;
  /** Gives back the slot or the place. `afterMs`: how long the job may still run at the provider. */
  release(pool: ProviderPool, ref: RequestRef, afterMs?: number): Promise<void>;
  /** Grants what time has freed. */
  grant(pool: ProviderPool): Promise<void>;
  /** Notes that the submit has certainly arrived at the provider, for the rate. */
  sent(pool: ProviderPool, ref: RequestRef): void;
  /** Wakes a request that has a slot. */
  wake(provider: string, ref: RequestRef): void;
  close(): void;
}

export interface SlotsOptions {
  pools: Pools;
  producer: Pick<Producer, "wakeRequest" | "nudge">;
  log: Logger;
}

interface Alarm {
  timer: NodeJS.Timeout;
  at: number;
}

export function createSlots({ pools, producer, log }: SlotsOptions): Slots {
  /** By account: when this process looks for free slots again. */
  const alarms = new Map<string, Alarm>();

  function wake(provider: string, ref: RequestRef): void {
    producer
      .wakeRequest(provider, ref)
      .then(() => producer.nudge(provider, ref.id))
      .catch((error) => log.warn({ requestId: ref.id, err: error }, "a request with a slot was not woken"));
  }

  async function grant(pool: ProviderPool): Promise<void> {
    pass(pool, await pools.grant(pool));
  }

  function pass(pool: ProviderPool, { granted, nextMs }: Grants): void {
    for (const ref of granted) wake(pool.provider, ref);
    if (nextMs !== null) lookAgain(pool, nextMs);
  }

  /** Of several times, the soonest counts. Other processes may do the same, which is harmless. */
  function lookAgain(pool: ProviderPool, inMs: number): void {
    const at = performance.now() + inMs;
    const known = alarms.get(pool.account);
    if (known !== undefined && known.at <= at) return;
    clearTimeout(known?.timer);
    const timer = setTimeout(() => {
      alarms.delete(pool.account);
      grant(pool).catch((error) => log.warn({ pool: pool.account, err: error }, "slots were not granted"));
    }, inMs).unref();
    alarms.set(pool.account, { timer, at });
  }

  return {
    async acquire(pool, request) {
      const acquired = await pools.acquire(pool, request);
      pass(pool, acquired);
      return acquired;
    },
    release: async (pool, ref, afterMs) => pass(pool, await pools.release(pool, ref, afterMs)),
    grant,
    sent(pool, ref) {
      // When it is not noted, the submit counts a few seconds longer.
      const noted = pools.sent(pool, ref).then((grants) => pass(pool, grants));
      noted.catch((error) => log.warn({ requestId: ref.id, err: error }, "a submit was not noted for the rate"));
    },
    wake,
    close() {
      for (const { timer } of alarms.values()) clearTimeout(timer);
      alarms.clear();
    },
  };
}
