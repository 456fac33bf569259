/**
 * Pools: the slots of one provider account, shared by all workers and fairly by all organizations. A slot belongs to a
 * request, not to a process, so a process that dies loses none. docs/adr/0013-pacing-and-fair-share.md has the rules.
 */
import type { Redis } from "ioredis";
import type { Priority, RequestRef } from "../request/record.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";

/** What a provider account allows. Null: no limit. */
export interface PoolLimits {
  /** Jobs at the provider at the same time. */
  maxInFlight: number | null;
  maxInFlightPerModel: number | null;
  createsPerSecond: number | null;
}

export interface Pool {
  /** Names the provider account. */
  account: string;
  limits: PoolLimits;
}

/** An organization's part of a pool. */
export interface Share {
  /** Of two organizations that both wait, one with weight 2 gets twice the slots of one with weight 1. */
  weight: number;
  /** The most jobs that the organization may have in the pool; null for no limit of its own. */
  maxInFlight: number | null;
}

export interface SlotRequest extends RequestRef {
  model: string;
  priority: Priority;
  createdAt: number;
  /** How much of its organization's share the request uses up, relative to others in the pool. */
  cost: number;
  share: Share;
}

export interface Grants {
  /** The requests that got a slot in this call. Their jobs sleep, so wake them. */
  granted: RequestRef[];
  /** In how many ms time alone lets another request have a slot; null when only a release does. */
  nextMs: number | null;
}

/** `position`: how many requests of its organization for this model come before it. */
export type Acquired = Grants & ({ kind: "held"; waitedMs: number } | { kind: "waits"; position: number });

export interface Holder extends RequestRef {
  grantedAt: number;
}

/** Added to the score of low priority, so that it comes after every normal one. */
const LOW_AFTER = 1e14;

export function createPools(redis: Redis, keys: Keys, scripts: Scripts) {
  return { acquire, release, grant, hold, departure, sent, holders, waiting, waitingCount };

  /** Gives the request a slot, or a place in its line. A request that has asked before keeps what it has. */
  async function acquire(pool: Pool, request: SlotRequest): Promise<Acquired> {
    const { model, priority, createdAt, cost, share } = request;
    const score = createdAt + (priority === "low" ? LOW_AFTER : 0);
    const args = [refOf(request), model, score, cost, share.weight, share.maxInFlight ?? ""];
    const answer = await scripts.acquireSlot({ keys: keysOf(pool), args: [...argsOf(pool), ...args] });
    const [position, waitedMs, ...rest] = answer as [number, number, ...(number | string)[]];
    const grants = grantsOf(rest, refOf(request));
    return position < 0 ? { kind: "held", waitedMs, ...grants } : { kind: "waits", position, ...grants };
  }

  /** Gives back the slot or the place. `afterMs`: how long the job may still run at the provider. */
  async function release(pool: Pool, ref: RequestRef, afterMs = 0): Promise<Grants> {
    const args = [...argsOf(pool), refOf(ref), Math.max(0, Math.ceil(afterMs))];
    return grantsOf((await scripts.releaseSlot({ keys: keysOf(pool), args })) as (number | string)[]);
  }

  /** Grants what time has freed. */
  async function grant(pool: Pool): Promise<Grants> {
    return grantsOf((await scripts.grantSlots({ keys: keysOf(pool), args: argsOf(pool) })) as (number | string)[]);
  }

  /** Counts a request that is at the provider although it has no slot. True when it had none. */
  async function hold(pool: Pool, ref: RequestRef & { model: string }): Promise<boolean> {
    const args = [...argsOf(pool), refOf(ref), ref.model];
    return (await scripts.holdSlot({ keys: keysOf(pool), args })) === 1;
  }

  /** Asks whether a request with a slot may be submitted now: 0, or in how many ms to ask again. */
  async function departure(pool: Pool, ref: RequestRef): Promise<number> {
    const args = [...argsOf(pool), refOf(ref)];
    return (await scripts.departure({ keys: [keys.slotCreates(pool.account)], args })) as number;
  }

  /** Notes that the submit has certainly arrived at the provider. Only for a pool with a rate. */
  async function sent(pool: Pool, ref: RequestRef): Promise<Grants> {
    const { account } = pool;
    const args = [...argsOf(pool), refOf(ref)];
    const answer = await scripts.sentSubmit({ keys: [keys.slotCreates(account), keys.slotWaiting(account)], args });
    return grantsOf(answer as number[]);
  }

  async function holders({ account }: Pick<Pool, "account">): Promise<Holder[]> {
    const all = Object.entries(await redis.hgetall(keys.slotHolders(account)));
    return all.map(([ref, held]) => ({ ...parseRef(ref), grantedAt: Number(held.slice(0, held.indexOf(" "))) }));
  }

  async function waiting({ account }: Pick<Pool, "account">): Promise<RequestRef[]> {
    return Object.keys(await redis.hgetall(keys.slotWaiting(account))).map(parseRef);
  }

  function waitingCount({ account }: Pick<Pool, "account">): Promise<number> {
    return redis.hlen(keys.slotWaiting(account));
  }

  function keysOf({ account }: Pool): string[] {
    return [keys.slotHolders(account), keys.slotWaiting(account)];
  }

  function argsOf({ account, limits }: Pool): (string | number)[] {
    const { maxInFlight, maxInFlightPerModel, createsPerSecond } = limits;
    return [keys.pool(account), maxInFlight ?? "", maxInFlightPerModel ?? "", createsPerSecond ?? ""];
  }
}

const refOf = ({ organization, id }: RequestRef): string => `${organization}/${id}`;

function parseRef(ref: string): RequestRef {
  const at = ref.lastIndexOf("/");
  return { organization: ref.slice(0, at), id: ref.slice(at + 1) };
}

/** `own`: the caller itself, which is awake. */
function grantsOf([nextMs = -1, ...refs]: (number | string)[], own?: string): Grants {
  const granted = refs.map(String).filter((ref) => ref !== own);
  return { granted: granted.map(parseRef), nextMs: Number(nextMs) < 0 ? null : Number(nextMs) };
}

export type Pools = ReturnType<typeof createPools>;
