/** What the result cache has for a request. With a hit, the record is completed before it is accepted. */
import { type RequestRecord, reduce } from "@visgate/shared/request";
import type { CacheFinding, SharedOutput } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

const MAX_REMEMBERED = 5000;

/** The cache entries seen recently. A right guess saves a round trip to Redis, and a wrong one costs one. */
export interface CacheMemory {
  guess(record: RequestRecord): CacheFinding;
  keep(record: RequestRecord, found: CacheFinding): void;
}

export function createCacheMemory(): CacheMemory {
  const entries = new Map<string, CacheFinding>();
  const nameOf = ({ organization, cache }: RequestRecord) => `${organization}/${cache.hash}`;
  return {
    guess: (record) => entries.get(nameOf(record)) ?? { kind: "miss" },
    keep(record, found) {
      entries.delete(nameOf(record));
      if (found.kind !== "hit") return;
      if (entries.size >= MAX_REMEMBERED) entries.delete(entries.keys().next().value ?? "");
      entries.set(nameOf(record), found);
    },
  };
}

/** Only a guess: the accepting script corrects a wrong one. */
export async function findInCache(deps: Deps, record: RequestRecord): Promise<CacheFinding> {
  const { hash, reason } = record.cache;
  if (hash === null || reason !== "miss") return { kind: "miss" };
  const elsewhere = deps.settings.cacheIsShared ? await borrowElsewhere(deps, record, hash) : null;
  return elsewhere === null ? deps.cacheMemory.guess(record) : { kind: "hit", output: elsewhere };
}

/** Another organization's output. It is borrowed before it is shown, so that it is not erased meanwhile. */
async function borrowElsewhere(deps: Deps, record: RequestRecord, hash: string): Promise<SharedOutput | null> {
  const { sharing } = deps.store;
  const entry = await sharing.findAnywhere(hash);
  if (entry === null || entry.source.organization === record.organization) return null;
  return (await sharing.borrow(entry.source, record.id)) ? entry : null;
}

/** Returns what was borrowed for a request that was not accepted. */
export async function giveBack(deps: Deps, { id, organization, cache }: RequestRecord): Promise<void> {
  const source = cache.sharedFrom;
  if (source !== null && source.organization !== organization) await deps.store.sharing.giveBack(source, id);
}

/** The record with what the cache has for it. */
export function withFinding(record: RequestRecord, found: CacheFinding): RequestRecord {
  if (found.kind === "miss") return record;
  if (found.kind === "joined") {
    // Its leader pays. It sets money aside when it has to make its own submit.
    return { ...record, heldMicro: 0, cache: { ...record.cache, reason: "joined", leaderId: found.leaderId } };
  }
  const hit = { ...record, cache: { ...record.cache, reason: "exact" as const } };
  return reduce(hit, { name: "shared", at: record.createdAt, ...found.output }) ?? record;
}
