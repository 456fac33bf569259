/** Requests in Redis: a record and its revision in one hash, changed only by compare-and-set. */
import type { Redis } from "ioredis";
import { changeOf, snapshot } from "../domain/change.js";
import { type RequestEvent, reduce } from "../domain/reduce.js";
import type { RequestRecord, RequestRef } from "../domain/request.js";
import { isTerminal } from "../domain/state.js";
import { cacheEntryOf, decodeEntry, encodeEntry, type SharedOutput } from "./cache.js";
import { gatherWrites } from "./connection.js";
import { eventArgument } from "./event-argument.js";
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

/** What the result cache has for a request: nothing, an equal one in flight, or an output. */
export type CacheFinding =
  | { kind: "miss" }
  | { kind: "joined"; leaderId: string }
  | { kind: "hit"; output: SharedOutput };

export interface AcceptCommand {
  record: RequestRecord;
  idempotency: { keyHash: string; bodyHash: string; ttlSeconds: number } | null;
  /** The caller's own provider key, already encrypted; erased at the terminal transition. */
  encryptedProviderKey: string | null;
}
/** `changed`: the cache has something else than the record was made for; nothing was written. */
export type Accepted = { kind: "new" | "replay" | "conflict"; id: string } | { kind: "changed"; found: CacheFinding };

export type Applied =
  | { kind: "applied"; current: StoredRequest }
  | { kind: "stale"; current: StoredRequest }
  /** The output it was to share is no longer kept. */
  | { kind: "output_gone"; current: StoredRequest }
  | { kind: "missing" };

export interface RequestStoreOptions {
  redis: Redis;
  pollRedis: Redis;
  keys: Keys;
  scripts: Scripts;
  now: () => number;
  /** This process, for time lines. */
  actor: string;
  /** 0: for ever. */
  cacheTtlSeconds: number;
  onDeliveries: (deliveries: RequestRef[]) => void;
}

export function createRequests(options: RequestStoreOptions) {
  const { redis, pollRedis, keys, scripts, now, actor } = options;
  const readRevision = createRevisionReader(pollRedis);
  return { accept, get, revision, providerKey, apply };

  async function accept({ record, idempotency, encryptedProviderKey }: AcceptCommand): Promise<Accepted> {
    const { organization, id, cache } = record;
    const hash = cache.hash ?? "none";
    const change = acceptChange(record, actor);
    gatherWrites(redis);
    const [kind, found, ...rest] = (await scripts.accept({
      keys: [
        keys.idempotency(organization, idempotency?.keyHash ?? "none"),
        keys.request(organization, id),
        keys.openRequests(organization),
        keys.allRequests(organization),
        keys.runs(organization),
        keys.cacheEntry(organization, hash),
        keys.flight(organization, hash),
        keys.uses(organization, cache.sharedFrom?.id ?? "none"),
      ],
      args: [
        idempotency === null ? "0" : "1",
        idempotency?.bodyHash ?? "",
        idempotency?.ttlSeconds ?? 0,
        id,
        JSON.stringify(record),
        record.createdAt,
        isTerminal(record.status) ? "" : record.createdAt + FIRST_DUE_AFTER_MS,
        record.model,
        isTerminal(record.status) ? "" : (encryptedProviderKey ?? ""),
        change === null ? "" : JSON.stringify(change),
        change === null ? "" : eventArgument(record, change, now() + FIRST_DUE_AFTER_MS),
        keys.all(organization),
        madeFor(record),
      ],
    })) as [Accepted["kind"], string, ...string[]];
    if (kind === "changed") return { kind, found: findingOf(found, rest[0] ?? "") };
    born(organization, rest);
    return { kind, id: found };
  }

  async function get({ organization, id }: RequestRef): Promise<StoredRequest | null> {
    gatherWrites(redis);
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
      const rev = await write(current, doc, event);
      if (rev > 0) return { kind: "applied", current: { rev: String(rev), doc } };
      if (rev < 0) return { kind: "output_gone", current };
    }
    return { kind: "missing" };
  }

  async function write(before: StoredRequest, doc: RequestRecord, event: RequestEvent): Promise<number> {
    const { organization, id, cache } = doc;
    const at = now();
    const change = changeOf(before.doc, doc, event, { at, by: actor });
    const entry = event.name === "completed" ? cacheEntryOf(doc) : null;
    const [rev, ...deliveries] = (await scripts.transition({
      keys: [
        keys.request(organization, id),
        keys.openRequests(organization),
        keys.flight(organization, cache.hash ?? "none"),
        keys.cacheEntry(organization, cache.hash ?? "none"),
        keys.uses(organization, cache.sharedFrom?.id ?? id),
      ],
      args: [
        before.rev,
        JSON.stringify(doc),
        id,
        isTerminal(doc.status) ? "" : at + DUE_AFTER_MS,
        change === null ? "" : JSON.stringify(change),
        change === null ? "" : eventArgument(doc, change, at + FIRST_DUE_AFTER_MS),
        keys.all(organization),
        entry === null ? "" : encodeEntry(entry),
        options.cacheTtlSeconds,
        usesOutput(doc),
      ],
    })) as [number, ...string[]];
    born(organization, deliveries);
    return rev;
  }

  function born(organization: string, deliveries: string[]): void {
    if (deliveries.length > 0) options.onDeliveries(deliveries.map((id) => ({ organization, id })));
  }
}

/** What is told at once: who joined, and what the cache had. Being accepted is on the record itself. */
function acceptChange(record: RequestRecord, by: string) {
  if (isTerminal(record.status)) return snapshot(record, { name: "completed", at: record.createdAt, by });
  return record.cache.leaderId === null ? null : snapshot(record, { name: "joined", at: record.createdAt, by });
}

function madeFor({ organization, cache }: RequestRecord): string {
  if (cache.hash === null) return "off";
  if (cache.reason === "refreshed") return "refresh";
  if (cache.leaderId !== null) return `join:${cache.leaderId}`;
  if (cache.sharedFrom === null) return "miss";
  return cache.sharedFrom.organization === organization ? `hit:${cache.sharedFrom.id}` : "elsewhere";
}

function usesOutput({ status, outputs, cache }: RequestRecord): "own" | "shared" | "" {
  if (status !== "completed" || outputs[0]?.kind !== "stored") return "";
  return cache.sharedFrom === null ? "own" : "shared";
}

function findingOf(actual: string, entry: string): CacheFinding {
  if (actual === "miss") return { kind: "miss" };
  if (actual.startsWith("join:")) return { kind: "joined", leaderId: actual.slice("join:".length) };
  return { kind: "hit", output: decodeEntry(entry) };
}
