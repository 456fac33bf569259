/** Requests in Redis: a record and its revision in one hash, changed only by compare-and-set. */
import type { ChainableCommander, Redis } from "ioredis";
import { transitionEntry } from "../money/ledger.js";
import { dayOf } from "../money/period.js";
import type { AuditEntry } from "../organization/audit.js";
import { changeOf } from "../request/change.js";
import { isUnsettled } from "../request/failure-status.js";
import { modelsTried } from "../request/fallback.js";
import type { RequestRecord, RequestRef } from "../request/record.js";
import { isTerminal, type TransitionName } from "../request/state.js";
import { reduce, type Transition } from "../request/transition.js";
import { createAccept, FIRST_DUE_AFTER_MS } from "./accept.js";
import { createColdReader } from "./cold-requests.js";
import { clusterOf } from "./connection/cluster.js";
import { gatherWrites } from "./connection/connect.js";
import type { KeyWatch, WatchedRead } from "./connection/key-watch.js";
import type { Reading } from "./connection/replicas.js";
import { eventArgument } from "./feed.js";
import type { Keys } from "./keys.js";
import {
  type AlertTimes,
  type FullBudget,
  fallbackArguments,
  fullBudgetOf,
  holdArguments,
  transitionArguments,
} from "./ledger.js";
import type { Scripts } from "./scripts.js";
import { cacheEntryOf, encodeEntry } from "./sharing.js";

/** The sweeper looks after a request this long after its last transition. A healthy job has run long before. */
const DUE_AFTER_MS = 60_000;

export interface Versioned<T> {
  rev: string;
  doc: T;
}
export interface StoredRequest extends Versioned<RequestRecord> {
  /** How many worker processes died while they ran this request, since it last advanced. It is not in the record. */
  deaths?: number;
}

export type Applied =
  | { kind: "applied"; current: StoredRequest }
  | { kind: "stale"; current: StoredRequest }
  /** The output that the request would share no longer exists. */
  | { kind: "output_gone"; current: StoredRequest }
  /** There is no room in a budget for what the transition would set aside. */
  | { kind: "budget"; current: StoredRequest; budget: FullBudget }
  | { kind: "missing" };

export interface RequestStoreOptions {
  redis: Redis;
  pollRedis: Redis;
  keyWatch: KeyWatch;
  keys: Keys;
  scripts: Scripts;
  now: () => number;
  /** The name of this process in time lines. */
  actor: string;
  /** 0: without limit. */
  cacheTtlSeconds: number;
  /** How long equal calls get a request that ended with its charge not settled. */
  unsettledSeconds: number;
  /** How long a request with an unknown charge holds its money after its end. */
  unknownHoldMs: number;
  reading: Reading;
  onDeliveries: (deliveries: RequestRef[]) => void;
}

/** The others were decided on what was seen of one model, so they are stale once the request goes on with another. */
const OF_ANY_MODEL: ReadonlySet<TransitionName> = new Set<TransitionName>([
  ...(["cancel_requested", "settled", "hold_expired"] as const),
]);

/** What the script of a transition returns instead of a revision. */
const OUTPUT_GONE = -1;
const NO_ROOM = -2;

/** How long equal calls get a request whose submit is searched for: longer than any request stays open. */
const SEARCHED_SECONDS = 259_200;
/** How long after its end a call may be a repeat of the one that made the request. Clients repeat for some seconds. */
const REPEATED_SECONDS = 60;

export function createRequests(options: RequestStoreOptions) {
  const { redis, pollRedis, keys, scripts, now, actor } = options;
  const readRevision = createRevisionReader();
  const readCold = createColdReader(redis, keys);
  const { accept, isKeyUsed, withdraw } = createAccept({ redis, keys, scripts, now, actor, notifyDeliveries });
  return {
    accept,
    isKeyUsed,
    withdraw,
    get,
    revision,
    watchedRevision,
    providerKey,
    apply,
    applyTo,
    countDeath,
    forgetDeaths,
    noteKnown,
  };

  async function get({ organization, id }: RequestRef): Promise<StoredRequest | null> {
    const key = keys.request(organization, id);
    const [rev, doc, deaths] = await options.reading(key, () => {
      gatherWrites(redis);
      return redis.hmget(key, "rev", "doc", "deaths");
    });
    if (rev == null) return null;
    const text = doc ?? (await readCold({ organization, id }))?.doc;
    return text === undefined ? null : { rev, doc: readRecord(text), ...deathsIn(deaths) };
  }

  /** Counts the death of the worker process with this lease, which ran this request. A death counts once. */
  async function countDeath({ organization, id }: RequestRef, leaseId: string): Promise<number> {
    return (await scripts.countDeath({ keys: [keys.request(organization, id)], args: [leaseId] })) as number;
  }

  /** Resets the count of worker deaths. */
  async function forgetDeaths({ organization, id }: RequestRef): Promise<void> {
    await redis.hdel(keys.request(organization, id), "deaths");
  }

  /**
   * The caller of an ended request has asked for it, so it has the answer to its call: from now on an equal call is a new
   * one.
   */
  async function noteKnown({ organization, id, call, status, completedAt }: RequestRecord): Promise<void> {
    const isOld = completedAt === null || now() - completedAt > REPEATED_SECONDS * 1000;
    if (!call.joinsRepeats || status !== "completed" || isOld) return;
    await redis.zrem(keys.unsettled(organization, call.hash), id);
  }

  /** Only the revision. A caller that has an answer for this revision need not read the record again. */
  function revision({ organization, id }: RequestRef): Promise<string | null> {
    return readRevision(pollRedis, keys.request(organization, id));
  }

  /** As `revision`, and whether the request is still as it was then. */
  function watchedRevision({ organization, id }: RequestRef): Promise<WatchedRead<string | null>> {
    const key = keys.request(organization, id);
    return options.keyWatch.read(key, (redis) => readRevision(redis, key));
  }

  function providerKey({ organization, id }: RequestRef): Promise<string | null> {
    return redis.hget(keys.request(organization, id), "providerKey");
  }

  /**
   * Makes a transition by compare-and-set. If another process changed the record since it was read, the record is read
   * again and the transition is tried on the new one. `audit`: the entry of the audit log, for a transition by hand.
   */
  async function apply(
    known: StoredRequest,
    transition: Transition,
    audit: AuditEntry | null = null,
  ): Promise<Applied> {
    for (let current: StoredRequest | null = known; current !== null; current = await get(known.doc)) {
      const isOfOtherModel = modelsTried(current.doc) !== modelsTried(known.doc) && !OF_ANY_MODEL.has(transition.name);
      const doc = isOfOtherModel ? null : reduce(current.doc, transition);
      if (doc === null) return { kind: "stale", current };
      const [rev, ...rest] = await write(current, doc, transition, audit);
      if (rev > 0) return { kind: "applied", current: { rev: String(rev), doc } };
      if (rev === OUTPUT_GONE) return { kind: "output_gone", current };
      if (rev === NO_ROOM) return { kind: "budget", current, budget: fullBudgetOf(rest)[0] };
    }
    return { kind: "missing" };
  }

  /** `apply` for a request that has not been read yet. */
  async function applyTo(ref: RequestRef, transition: Transition): Promise<Applied> {
    const current = await get(ref);
    return current === null ? { kind: "missing" } : apply(current, transition);
  }

  async function write(
    before: StoredRequest,
    doc: RequestRecord,
    transition: Transition,
    audit: AuditEntry | null,
  ): Promise<[number, ...string[]]> {
    const { organization, id, cache } = doc;
    const at = now();
    const change = changeOf(before.doc, doc, transition, { at, by: actor });
    const entry = transition.name === "completed" ? cacheEntryOf(doc) : null;
    const times = { at, dueAt: at + FIRST_DUE_AFTER_MS };
    const written = (await scripts.transition({
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
        isTerminal(doc.status) ? "" : at + (transition.name === "fell_back" ? FIRST_DUE_AFTER_MS : DUE_AFTER_MS),
        change === null ? "" : JSON.stringify(change),
        change === null ? "" : eventArgument(doc, change, times.dueAt),
        keys.all(organization),
        entry === null ? "" : encodeEntry(entry),
        options.cacheTtlSeconds,
        usesOutput(doc),
        unsettledFor(before.doc, doc, options.unsettledSeconds),
        // A copy attempt that only begins is not progress.
        transition.name === "copy_begun" ? "" : "1",
        unknownHoldUntil(before.doc, doc, at + options.unknownHoldMs),
        audit === null ? "" : JSON.stringify(audit),
        ...moneyOf(before.doc, doc, transition, times),
      ],
    })) as [number, ...string[]];
    const [rev, ...rest] = written;
    notifyDeliveries(organization, rev === NO_ROOM ? fullBudgetOf(rest)[1] : rest);
    return written;
  }

  function notifyDeliveries(organization: string, deliveries: string[]): void {
    if (deliveries.length > 0) options.onDeliveries(deliveries.map((id) => ({ organization, id })));
  }
}

/** The arguments of the script that are about money. */
function moneyOf(before: RequestRecord, after: RequestRecord, { name }: Transition, times: AlertTimes): string[] {
  if (name === "fell_back") return fallbackArguments(before, after, times);
  const moved = transitionEntry(before, after);
  return name === "promoted" ? holdArguments(moved, after, times) : transitionArguments(moved, after, times);
}

/** `leases`: those of the dead processes, separated by commas. */
export function deathsIn(leases: string | null | undefined): { deaths?: number } {
  return leases == null ? {} : { deaths: leases.split(",").length };
}

/** How many more seconds equal calls get this request. 0: no longer; "": as before. */
function unsettledFor(before: RequestRecord, after: RequestRecord, seconds: number): number | "" {
  if (isUnsettled(after)) return isTerminal(after.status) ? seconds : SEARCHED_SECONDS;
  if (after.call.joinsRepeats && !isTerminal(before.status)) {
    if (!isTerminal(after.status)) return "";
    return after.status === "completed" ? REPEATED_SECONDS : 0;
  }
  return isUnsettled(before) ? 0 : "";
}

/** Until when an ended request with an unknown charge holds its money (ms); 0: no longer; "": it never did. */
function unknownHoldUntil(before: RequestRecord, after: RequestRecord, until: number): number | "" {
  if (!isTerminal(after.status)) return "";
  if (after.heldMicro > 0) return isTerminal(before.status) ? "" : until;
  return isTerminal(before.status) ? 0 : "";
}

function usesOutput({ status, outputs, cache }: RequestRecord): "own" | "shared" | "" {
  if (status !== "completed" || outputs[0]?.kind !== "stored") return "";
  return cache.sharedFrom === null ? "own" : "shared";
}

/** Parses a stored record. A record that an earlier version accepted lacks the newer fields. */
export function readRecord(text: string): RequestRecord {
  const record: RequestRecord = JSON.parse(text);
  const isCurrent = record.account !== undefined && record.heldMicro !== undefined && record.priority !== undefined;
  return isCurrent ? record : withNewerFields(record);
}

type Newer = "call" | "search" | "awaitsReport" | "account" | "priority" | "day" | "apiKeyId" | "tag" | "heldMicro";
type EarlierRecord = Omit<RequestRecord, Newer> & Partial<Pick<RequestRecord, Newer>> & { awaitsWebhook?: boolean };

function withNewerFields({ awaitsWebhook = false, ...record }: EarlierRecord): RequestRecord {
  const { intent, rendered, search = null } = record;
  return {
    ...record,
    search,
    // The first version did not store what makes calls equal, so no other call gets this request.
    call: record.call ?? { hash: `of-${record.id}`, isDeliberate: true },
    awaitsReport: record.awaitsReport ?? awaitsWebhook,
    day: record.day ?? dayOf(record.createdAt, "UTC"),
    ...{ apiKeyId: record.apiKeyId ?? "", tag: record.tag ?? "", heldMicro: record.heldMicro ?? 0 },
    priority: record.priority ?? "normal",
    account: record.account ?? (record.mode === "byok" ? "caller" : "server"),
    intent: intent === null ? null : { ...{ leaseId: "", uploadedUrl: null }, ...intent },
    rendered: rendered === null ? null : { ...{ withheld: 0, copies: [] }, ...rendered },
  };
}

/**
 * Reads revisions, the command behind every status poll. The reads of one turn of the event loop leave in one write:
 * under load the system call costs more than the rest of a poll. The connection should hold no scripts, since a
 * pipeline copies each of them.
 */
function createRevisionReader(): (redis: Redis, requestKey: string) => Promise<string | null> {
  const batches = new Map<Redis, ChainableCommander>();

  function batchOf(redis: Redis): ChainableCommander {
    const opened = redis.pipeline();
    batches.set(redis, opened);
    setImmediate(() => {
      batches.delete(redis);
      opened.exec().catch(() => {}); // each command rejects for its own caller
    });
    return opened;
  }

  return (redis, requestKey) => {
    // A pipeline goes to one node.
    if (clusterOf(redis) !== null) return redis.hget(requestKey, "rev");
    return new Promise((resolve, reject) => {
      const batch = batches.get(redis) ?? batchOf(redis);
      batch.hget(requestKey, "rev", (error, rev) => (error ? reject(error) : resolve(rev ?? null)));
    });
  };
}
