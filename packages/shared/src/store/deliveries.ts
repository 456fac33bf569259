/** Deliveries in Redis. lua/events.lua creates them in a transition of their request. */
import type { Redis } from "ioredis";
import type { Delivery, RequestDelivery } from "../delivery/delivery.js";
import type { RequestRef } from "../request/record.js";
import type { Keys } from "./keys.js";
import { deathsIn, type Versioned } from "./requests.js";
import type { Scripts } from "./scripts.js";
import { type PageQuery, placesIn } from "./time-index.js";

/** The sweeper looks after a delivery this long after its next attempt was due. */
const GRACE_MS = 60_000;

export interface StoredDelivery<D extends Delivery = Delivery> extends Versioned<D> {
  /** How many worker processes died while they sent it, since its last saved attempt. */
  deaths?: number;
}

export function createDeliveries(redis: Redis, keys: Keys, scripts: Scripts, now: () => number) {
  return { get, save, ofRequest, page, failedSince, countDeath };

  async function get({ organization, id }: RequestRef): Promise<StoredDelivery | null> {
    const [rev, doc, deaths] = await redis.hmget(keys.delivery(organization, id), "rev", "doc", "deaths");
    if (rev == null || doc == null) return null;
    return { rev, doc: JSON.parse(doc), ...deathsIn(deaths) };
  }

  /** Counts the death of the worker process with this lease, which sent this delivery. A death counts once. */
  async function countDeath({ organization, id }: RequestRef, leaseId: string): Promise<number> {
    return (await scripts.countDeath({ keys: [keys.delivery(organization, id)], args: [leaseId] })) as number;
  }

  /** False when another worker has saved an attempt since `rev`. `retryInMs`: null when the delivery has ended. */
  async function save(rev: string, doc: Delivery, retryInMs: number | null, graceMs = GRACE_MS): Promise<boolean> {
    const due = retryInMs === null ? "" : now() + retryInMs + graceMs;
    const saved = await scripts.saveDelivery({
      keys: [
        keys.delivery(doc.organization, doc.id),
        keys.openDeliveries(doc.organization),
        keys.failedDeliveries(doc.organization),
      ],
      args: [rev, JSON.stringify(doc), doc.id, due, doc.state === "abandoned" ? doc.createdAt : ""],
    });
    return saved !== 0;
  }

  /** In the order of their events. */
  async function ofRequest({ organization, id }: RequestRef): Promise<StoredDelivery<RequestDelivery>[]> {
    const ids = await redis.lrange(keys.deliveriesOf(organization, id), 0, -1);
    const found = await Promise.all(ids.map((each) => get({ organization, id: each })));
    return found.filter((delivery) => delivery !== null) as StoredDelivery<RequestDelivery>[];
  }

  /** Reads `limit` places after `position`. `onlyFailed`: those that were abandoned. `next` is null at the end. */
  async function page(organization: string, { onlyFailed, ...query }: PageQuery & { onlyFailed: boolean }) {
    const index = onlyFailed ? keys.failedDeliveries(organization) : keys.allDeliveries(organization);
    const { places, next } = await placesIn(redis, index, query);
    const found = await Promise.all(places.map(({ id }) => get({ organization, id })));
    const deliveries = found.flatMap((stored) => (stored === null ? [] : [stored.doc]));
    return { deliveries, next };
  }

  /** The ids of abandoned deliveries of events since `since` (ms), oldest first. */
  function failedSince(organization: string, since: number): Promise<string[]> {
    return redis.zrangebyscore(keys.failedDeliveries(organization), since, "+inf");
  }
}
