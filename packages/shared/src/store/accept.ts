/** Accepts requests: the idempotency key, the cache and the new record in one script (lua/accept.lua). */
import { ReplyError } from "ioredis";
import { openingEntry, withdrawingEntry } from "../money/ledger.js";
import { snapshot } from "../request/change.js";
import type { RequestRecord } from "../request/record.js";
import { isTerminal } from "../request/state.js";
import { eventArgument } from "./feed.js";
import { type FullBudget, fullBudgetOf, holdArguments, releaseArguments } from "./ledger.js";
import type { RequestStoreOptions } from "./requests.js";
import { decodeEntry, type SharedOutput } from "./sharing.js";
import { createTurnBatches } from "./turn-batches.js";

/** The sweeper looks after a new request after this time, in case the API died before it passed it on. */
export const FIRST_DUE_AFTER_MS = 10_000;

/** What the result cache has for a request: nothing, an equal request in flight, or an output. */
export type CacheFinding =
  | { kind: "miss" }
  | { kind: "joined"; leaderId: string }
  | { kind: "hit"; output: SharedOutput };

export interface AcceptCommand {
  record: RequestRecord;
  /** By Redis's clock (ms). After this time the caller has been answered 503, so nothing is accepted. */
  notAfter: number;
  idempotency: { keyHash: string; bodyHash: string; ttlSeconds: number } | null;
  /** The caller's own provider key, already encrypted. The terminal transition erases it. */
  encryptedProviderKey: string | null;
  /** The organization may have this many open requests. Default: no limit. */
  maxOpen?: number | null;
}
/**
 * `unsettled`: the caller gets an equal request whose charge is not settled. `changed`: the cache does not hold what
 * the record expects. `late`: the script ran after its time limit. `budget`: it has no room. `full`: the organization has
 * too many open requests. In these cases nothing was accepted.
 */
export type Accepted =
  | { kind: "budget"; budget: FullBudget }
  | { kind: "full"; maxOpen: number }
  | { kind: "new" | "replay" | "conflict" | "unsettled"; id: string }
  | { kind: "changed"; found: CacheFinding }
  | { kind: "late"; redisNow: number };

/** The keys and arguments of one request, of which a call of the script has several. */
interface ScriptInput {
  keys: string[];
  args: (string | number)[];
}

/** The answer of the script for one request. `error`: the message follows. */
type Answer = [kind: Accepted["kind"] | "error", ...rest: string[]];

/** A request takes Redis about 50 µs, and no other command runs meanwhile: with so many, a call takes less than 2 ms. */
const MAX_GROUP = 32;

const joined = (inputs: ScriptInput[]): ScriptInput => ({
  keys: inputs.flatMap(({ keys }) => keys),
  args: inputs.flatMap(({ args }) => args),
});

type AcceptOptions = Pick<RequestStoreOptions, "redis" | "keys" | "scripts" | "now" | "actor"> & {
  notifyDeliveries(organization: string, ids: string[]): void;
};

export function createAccept({ redis, keys, scripts, now, actor, notifyDeliveries }: AcceptOptions) {
  const acceptInGroup = createTurnBatches<ScriptInput, Answer>(MAX_GROUP, async (_organization, inputs) => {
    return (await scripts.accept(joined(inputs))) as Answer[];
  });
  return { accept, isKeyUsed, withdraw };

  /** Whether a call with this idempotency key was accepted. */
  async function isKeyUsed(organization: string, keyHash: string): Promise<boolean> {
    return (await redis.exists(keys.idempotency(organization, keyHash))) === 1;
  }

  async function accept(command: AcceptCommand): Promise<Accepted> {
    const { organization } = command.record;
    const [kind, found = "", ...rest] = await acceptInGroup(organization, scriptInput(command));
    // As if the script had failed for this request alone.
    if (kind === "error") throw new ReplyError(found);
    if (kind === "changed") return { kind, found: findingOf(found, rest[0] ?? "") };
    if (kind === "late") return { kind, redisNow: Number(found) };
    if (kind === "full") return { kind, maxOpen: Number(found) };
    if (kind === "budget") {
      const [budget, deliveries] = fullBudgetOf([found, ...rest]);
      notifyDeliveries(organization, deliveries);
      return { kind, budget };
    }
    notifyDeliveries(organization, rest);
    return { kind, id: found };
  }

  /** The keys and arguments of one request for lua/accept.lua. */
  function scriptInput(command: AcceptCommand): ScriptInput {
    const { record, notAfter, idempotency, encryptedProviderKey } = command;
    const { organization, id, cache, call } = record;
    const hash = cache.hash ?? "none";
    const change = acceptChange(record, actor);
    const dueAt = now() + FIRST_DUE_AFTER_MS;
    const isOver = isTerminal(record.status);
    return {
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
        isOver ? "" : record.createdAt + FIRST_DUE_AFTER_MS,
        record.model,
        isOver ? "" : (encryptedProviderKey ?? ""),
        change === null ? "" : JSON.stringify(change),
        change === null ? "" : eventArgument(record, change, dueAt),
        keys.all(organization),
        expectedOfCache(record),
        call.isDeliberate ? "0" : call.joinsRepeats ? "2" : "1",
        Math.round(notAfter),
        isOver ? "" : (command.maxOpen ?? ""),
        ...holdArguments(openingEntry(record), record, { at: record.createdAt, dueAt }),
      ],
    };
  }

  /**
   * Withdraws a request whose caller was answered 503, unless a worker has started it or another caller got its id.
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
      args: [
        ...[id, model, keys.all(organization), cache.leaderId ?? ""],
        ...releaseArguments(withdrawingEntry(record), record),
      ],
    });
    return withdrawn as string[];
  }
}

/** The first change, if the request joined another one or the cache completed it. Acceptance itself makes no change. */
function acceptChange(record: RequestRecord, by: string) {
  if (isTerminal(record.status)) return snapshot(record, { name: "completed", at: record.createdAt, by });
  return record.cache.leaderId === null ? null : snapshot(record, { name: "joined", at: record.createdAt, by });
}

/** What the record expects of the cache; the script accepts it only if that is still true. */
function expectedOfCache({ organization, cache }: RequestRecord): string {
  if (cache.hash === null) return "off";
  if (cache.reason === "refreshed") return "refresh";
  if (cache.leaderId !== null) return `join:${cache.leaderId}`;
  if (cache.sharedFrom === null) return "miss";
  return cache.sharedFrom.organization === organization ? `hit:${cache.sharedFrom.id}` : "elsewhere";
}

function findingOf(actual: string, entry: string): CacheFinding {
  if (actual === "miss") return { kind: "miss" };
  if (actual.startsWith("join:")) return { kind: "joined", leaderId: actual.slice("join:".length) };
  return { kind: "hit", output: decodeEntry(entry) };
}
