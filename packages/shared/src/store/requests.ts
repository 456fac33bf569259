/** Requests in Redis: a record and its revision in one hash, changed only by compare-and-set. */
import type { Redis } from "ioredis";
import { changeOf, snapshot } from "../request/change.js";
import { isUnsettled } from "../request/failure-status.js";
import type { RequestRecord, RequestRef } from "../request/record.js";
import { isTerminal } from "../request/state.js";
import { reduce, type Transition } from "../request/transition.js";
import { cacheEntryOf, decodeEntry, encodeEntry, type SharedOutput } from "./cache.js";
import { gatherWrites } from "./connection/connect.js";
import { eventArgument } from "./event-argument.js";
import type { Keys } from "./keys.js";
import { readRecord } from "./read-record.js";
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
export interface StoredRequest extends Versioned<RequestRecord> {
  /** Worker processes that died while they ran it, since its last transition; stored next to the record. */
  deaths?: number;
}

/** What the result cache has for a request: nothing, an equal one in flight, or an output. */
export type CacheFinding =
  | { kind: "miss" }
  | { kind: "joined"; leaderId: string }
  | { kind: "hit"; output: SharedOutput };

export interface AcceptCommand {
  record: RequestRecord;
  /** By Redis's clock (ms): after this time the caller has been answered 503, so nothing is accepted. */
  notAfter: number;
  idempotency: { keyHash: string; bodyHash: string; ttlSeconds: number } | null;
  /** The caller's own provider key, already encrypted; erased at the terminal transition. */
  encryptedProviderKey: string | null;
}
/**
 * `unsettled`: the caller gets an equal request whose charge is not settled. `changed`: the cache holds something else
 * than the record was made for. `late`: the script ran after its time limit. In these cases nothing was accepted.
 */
export type Accepted =
  | { kind: "new" | "replay" | "conflict" | "unsettled"; id: string }
  | { kind: "changed"; found: CacheFinding }
  | { kind: "late"; redisNow: number };

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
  /** How long equal calls return a request that ended with its charge not settled. */
  unsettledSeconds: number;
  onDeliveries: (deliveries: RequestRef[]) => void;
}

/** During the search for a lost submit; longer than any request stays open. */
const SEARCHED_SECONDS = 259_200;

export function createRequests(options: RequestStoreOptions) {
  const { redis, pollRedis, keys, scripts, now, actor } = options;
  const readRevision = createRevisionReader(pollRedis);
  return { accept, withdraw, get, revision, providerKey, apply, applyTo, countDeath, forgetDeaths };

  async function accept(command: AcceptCommand): Promise<Accepted> {
    const { record, notAfter, idempotency, encryptedProviderKey } = command;
    const { organization, id, cache, call } = record;
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
        keys.unsettled(organization, call.hash),
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
        call.isDeliberate ? "0" : "1",
        Math.round(notAfter),
      ],
    })) as [Accepted["kind"], string, ...string[]];
    if (kind === "changed") return { kind, found: findingOf(found, rest[0] ?? "") };
    if (kind === "late") return { kind, redisNow: Number(found) };
    notifyDeliveries(organization, rest);
    return { kind, id: found };
  }

  /**
   * Withdraws a request whose caller was answered 503, unless a worker has started it or another caller has its id.
   * Returns the ids of its followers, which need another leader.
   */
  async function withdraw({ record, idempotency }: Pick<AcceptCommand, "record" | "idempotency">): Promise<string[]> {
    const { organization, id, cache, model } = record;
    const withdrawn = await scripts.withdraw({
      keys: [
        keys.request(organization, id),
        keys.idempotency(organization, idempotency?.keyHash ?? "none"),
        keys.openRequests(organization),
        keys.allRequests(organization),
        keys.runs(organization),
        keys.flight(organization, cache.hash ?? "none"),
      ],
      args: [id, model, keys.all(organization), cache.leaderId ?? ""],
    });
    return withdrawn as string[];
  }

  async function get({ organization, id }: RequestRef): Promise<StoredRequest | null> {
    gatherWrites(redis);
    const [rev, doc, deaths] = await redis.hmget(keys.request(organization, id), "rev", "doc", "deaths");
    if (rev == null || doc == null) return null;
    return { rev, doc: readRecord(doc), ...deathsIn(deaths) };
  }

  /** The worker process with this lease died while it ran this request; counts once. */
  async function countDeath({ organization, id }: RequestRef, leaseId: string): Promise<number> {
    return (await scripts.countDeath({ keys: [keys.request(organization, id)], args: [leaseId] })) as number;
  }

  /** Resets the count of worker deaths. */
  async function forgetDeaths({ organization, id }: RequestRef): Promise<void> {
    await redis.hdel(keys.request(organization, id), "deaths");
  }

  /** The revision alone: a caller that kept what it made of one need not read the record again. */
  function revision({ organization, id }: RequestRef): Promise<string | null> {
    return readRevision(keys.request(organization, id));
  }

  function providerKey({ organization, id }: RequestRef): Promise<string | null> {
    return redis.hget(keys.request(organization, id), "providerKey");
  }

  /**
   * Makes a transition by compare-and-set. When somebody else has changed the record since it was read, it is read again
   * and the transition is tried on what it has become.
   */
  async function apply(known: StoredRequest, transition: Transition): Promise<Applied> {
    for (let current: StoredRequest | null = known; current !== null; current = await get(known.doc)) {
      const doc = reduce(current.doc, transition);
      if (doc === null) return { kind: "stale", current };
      const rev = await write(current, doc, transition);
      if (rev > 0) return { kind: "applied", current: { rev: String(rev), doc } };
      if (rev < 0) return { kind: "output_gone", current };
    }
    return { kind: "missing" };
  }

  /** The same for a request that has not been read yet. */
  async function applyTo(ref: RequestRef, transition: Transition): Promise<Applied> {
    const current = await get(ref);
    return current === null ? { kind: "missing" } : apply(current, transition);
  }

  async function write(before: StoredRequest, doc: RequestRecord, transition: Transition): Promise<number> {
    const { organization, id, cache } = doc;
    const at = now();
    const change = changeOf(before.doc, doc, transition, { at, by: actor });
    const entry = transition.name === "completed" ? cacheEntryOf(doc) : null;
    const [rev, ...deliveries] = (await scripts.transition({
      keys: [
        keys.request(organization, id),
        keys.openRequests(organization),
        keys.flight(organization, cache.hash ?? "none"),
        keys.cacheEntry(organization, cache.hash ?? "none"),
        keys.uses(organization, cache.sharedFrom?.id ?? id),
        keys.unsettled(organization, doc.call.hash),
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
        unsettledFor(before.doc, doc, options.unsettledSeconds),
        // A copy attempt that has only begun is no progress.
        transition.name === "copy_begun" ? "" : "1",
      ],
    })) as [number, ...string[]];
    notifyDeliveries(organization, deliveries);
    return rev;
  }

  function notifyDeliveries(organization: string, deliveries: string[]): void {
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

/** From the leases of the dead processes, joined by commas. */
export function deathsIn(leases: string | null | undefined): { deaths?: number } {
  return leases == null ? {} : { deaths: leases.split(",").length };
}

/** How long equal calls return this request from now on (seconds); 0: no longer; "": unchanged. */
function unsettledFor(before: RequestRecord, after: RequestRecord, seconds: number): number | "" {
  if (isUnsettled(after)) return isTerminal(after.status) ? seconds : SEARCHED_SECONDS;
  return isUnsettled(before) ? 0 : "";
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
