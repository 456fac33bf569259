/** Requests in Redis: a record and its revision in one hash, changed only by compare-and-set. */
import type { Redis } from "ioredis";
import type { Delivery } from "../domain/delivery.js";
import { type RequestEvent, reduce } from "../domain/reduce.js";
import type { RequestRecord, RequestRef } from "../domain/request.js";
import { isTerminal } from "../domain/state.js";
import { deliveryId } from "../ids.js";
import type { Keys } from "./keys.js";
import { createRevisionReader } from "./revisions.js";
import type { Scripts } from "./scripts.js";

/** The sweeper looks after a request this long after its last transition; a healthy job is long awake by then. */
const DUE_AFTER_MS = 60_000;
/** … and this long after it was accepted, in case the API died before it could enqueue the job. */
const FIRST_DUE_AFTER_MS = 10_000;

export interface Versioned<T> {
  rev: string;
  doc: T;
}
export type StoredRequest = Versioned<RequestRecord>;

export interface AcceptCommand {
  record: RequestRecord;
  idempotency: { keyHash: string; bodyHash: string; ttlSeconds: number } | null;
  /** The caller's own provider key, already encrypted; erased at the terminal transition. */
  encryptedProviderKey: string | null;
}
export type Accepted = { kind: "new" | "replay" | "conflict"; id: string };

export type Applied =
  | { kind: "applied"; current: StoredRequest; deliveryId: string | null }
  | { kind: "stale"; current: StoredRequest }
  | { kind: "missing" };

export interface RequestStoreOptions {
  redis: Redis;
  pollRedis: Redis;
  keys: Keys;
  scripts: Scripts;
  now: () => number;
}

export function createRequests({ redis, pollRedis, keys, scripts, now }: RequestStoreOptions) {
  const readRevision = createRevisionReader(pollRedis);
  return { accept, get, revision, providerKey, apply };

  async function accept({ record, idempotency, encryptedProviderKey }: AcceptCommand): Promise<Accepted> {
    const { organization, id } = record;
    const [kind, found] = (await scripts.accept({
      keys: [
        keys.idempotency(organization, idempotency?.keyHash ?? "none"),
        keys.request(organization, id),
        keys.openRequests(organization),
        keys.allRequests(organization),
        keys.runs(organization),
      ],
      args: [
        idempotency === null ? "0" : "1",
        idempotency?.bodyHash ?? "",
        idempotency?.ttlSeconds ?? 0,
        id,
        JSON.stringify(record),
        record.createdAt,
        record.createdAt + FIRST_DUE_AFTER_MS,
        record.model,
        encryptedProviderKey ?? "",
      ],
    })) as [Accepted["kind"], string];
    return { kind, id: found };
  }

  async function get({ organization, id }: RequestRef): Promise<StoredRequest | null> {
    const [rev, doc] = await redis.hmget(keys.request(organization, id), "rev", "doc");
    return rev == null || doc == null ? null : { rev, doc: JSON.parse(doc) };
  }

  /** The revision alone: a caller that kept what it made of one need not read the record again. */
  function revision({ organization, id }: RequestRef): Promise<string | null> {
    return readRevision(keys.request(organization, id));
  }

  function providerKey({ organization, id }: RequestRef): Promise<string | null> {
    return redis.hget(keys.request(organization, id), "providerKey");
  }

  /** Applies an event by compare-and-set; reads again and retries when somebody else was quicker. */
  async function apply(ref: RequestRef, event: RequestEvent, known?: StoredRequest): Promise<Applied> {
    for (let current = known ?? (await get(ref)); current !== null; current = await get(ref)) {
      const doc = reduce(current.doc, event);
      if (doc === null) return { kind: "stale", current };
      const delivery = isTerminal(doc.status) ? deliveryFor(doc, now()) : null;
      const rev = await write(current.rev, doc, delivery);
      if (rev > 0) return { kind: "applied", current: { rev: String(rev), doc }, deliveryId: delivery?.id ?? null };
    }
    return { kind: "missing" };
  }

  async function write(rev: string, doc: RequestRecord, delivery: Delivery | null): Promise<number> {
    const { organization, id } = doc;
    return (await scripts.transition({
      keys: [
        keys.request(organization, id),
        keys.openRequests(organization),
        keys.delivery(organization, delivery?.id ?? "none"),
        keys.openDeliveries(organization),
        keys.channel(organization, id),
      ],
      args: [
        rev,
        JSON.stringify(doc),
        id,
        isTerminal(doc.status) ? "" : now() + DUE_AFTER_MS,
        doc.status,
        delivery?.id ?? "",
        delivery === null ? "" : JSON.stringify(delivery),
        now() + FIRST_DUE_AFTER_MS,
      ],
    })) as number;
  }
}

function deliveryFor(record: RequestRecord, at: number): Delivery | null {
  if (record.webhookUrl === null) return null;
  return {
    v: 1,
    id: deliveryId(record.id),
    organization: record.organization,
    requestId: record.id,
    type: record.status === "completed" ? "request.completed" : "request.failed",
    url: record.webhookUrl,
    createdAt: at,
    state: "pending",
    attempts: [],
  };
}
