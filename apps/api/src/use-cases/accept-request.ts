/** Stores a request once and passes it on to the workers. */
import { VisgateError } from "@visgate/shared/errors";
import { folderOf, inputFolder } from "@visgate/shared/outputs";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";
import { type AcceptCommand, type Accepted, changedNothing, isRedisAway } from "@visgate/shared/store";
import { findInCache, giveBack, withFinding } from "../cache/find-in-cache.js";
import type { Deps } from "../deps.js";
import { budgetExceeded, tooManyOpen } from "./limits.js";
import { outputsAway, willStoreOutput } from "./outputs-away.js";

/** How long to look for a request whose acceptance was not answered. A 503 after it is still in time. */
const LOOK_UP_MS = 300;
/**
 * The accepting script accepts nothing after this time. It is well below the 2 s after which a Redis command times out,
 * so that a call that was answered 503 is not accepted afterwards.
 */
const ACCEPT_WITHIN_MS = 1400;
/** A `late` answer that arrives sooner than this means that Redis's clock was changed, not that Redis was slow. */
const CLOCK_WAS_SET_MS = 300;
/** The cache may change between the guess and the acceptance. Each change is progress of another request. */
const MAX_TRIES = 50;

export interface Submitted {
  record: RequestRecord;
  replayed: boolean;
  /** The record is an earlier, equal request whose charge is not settled. */
  unsettled: boolean;
}

type Command = Omit<AcceptCommand, "notAfter">;

/** `command.record`: the record as it is without a cache hit. */
export async function acceptRequest(deps: Deps, command: Command): Promise<Submitted> {
  const { record, accepted } = await acceptWithCache(deps, command);
  const { organization } = record;
  if (accepted.kind === "new") {
    if (!isTerminal(record.status)) passOn(deps, record);
    return { record, replayed: false, unsettled: false };
  }
  await discard(deps, record);
  if (accepted.kind === "budget") throw budgetExceeded(record, accepted.budget);
  if (accepted.kind === "full") throw tooManyOpen(accepted.maxOpen);
  if (accepted.kind === "conflict") throw idempotencyConflict("was used with another body", accepted.id);
  const first = await deps.store.requests.get({ organization, id: accepted.id });
  // A call repeated by mistake must not be paid twice; a deliberate one has a new key. So an unsettled one is a 503.
  if (first === null && accepted.kind === "unsettled") throw unavailable();
  if (first === null) throw idempotencyConflict("led to a request that was deleted since", accepted.id);
  // The process that accepted it may have died before it passed it on. A second entry does nothing.
  if (!isTerminal(first.doc.status)) passOn(deps, first.doc);
  return { record: first.doc, replayed: accepted.kind === "replay", unsettled: accepted.kind === "unsettled" };
}

/** Removes what was stored, and returns what was borrowed, for a request that was not accepted. */
async function discard(deps: Deps, record: RequestRecord): Promise<void> {
  await giveBack(deps, record);
  const { image, media = [] } = record.input;
  if (![image, ...media.map(({ source }) => source)].some((one) => one?.kind === "stored")) return;
  await deps.outputs.removeAll(folderOf(record.organization, inputFolder(record.id)));
}

/**
 * Only now, since a caller whose acceptance could not be confirmed is answered 503, and no worker may begin its request.
 * An entry that gets lost does no harm: the record is stored, so the sweeper will wake a worker.
 */
function passOn(deps: Deps, record: RequestRecord): void {
  deps.store.outbox.push(record.provider, record).catch((error) => {
    deps.log.warn({ err: error, requestId: record.id }, "a request was not passed on; the sweeper will wake a worker");
  });
}

type Settled = Exclude<Accepted, { kind: "changed" | "late" }>;

/** The record is built for a guess of what the cache has, and again whenever the accepting script says otherwise. */
async function acceptWithCache(deps: Deps, command: Command): Promise<{ record: RequestRecord; accepted: Settled }> {
  const { record: given } = command;
  let found = await findInCache(deps, given);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const record = withFinding(given, found);
    if (willStoreOutput(record) && deps.outputsHealth.fault() !== null) throw outputsAway();
    const accepted = await acceptInTime(deps, { ...command, record });
    if (accepted.kind !== "changed") return { record, accepted };
    found = accepted.found;
    deps.cacheMemory.keep(given, found);
  }
  throw new VisgateError("UNAVAILABLE", "Too many equal requests changed at the same time; send the same call again.");
}

type InTime = Exclude<Accepted, { kind: "late" }>;

/** An immediate `late` means that Redis's clock was changed. The answer holds its time, so the second try succeeds. */
async function acceptInTime(deps: Deps, command: Command): Promise<InTime> {
  const began = performance.now();
  for (let tries = 0; tries < 2; tries += 1) {
    const now = deps.redisClock.estimate() ?? (await deps.redisClock.measure());
    const accepted = await acceptOrFind(deps, { ...command, notAfter: now + ACCEPT_WITHIN_MS });
    if (accepted.kind !== "late") return accepted;
    deps.redisClock.correct(accepted.redisNow);
    if (performance.now() - began > CLOCK_WAS_SET_MS) break;
  }
  await discard(deps, command.record);
  throw unavailable();
}

/**
 * When the answer of the script is lost, the request may exist, and then it is acknowledged. When that cannot be found
 * out in time, the caller gets a 503 and the request is withdrawn as soon as Redis answers.
 */
async function acceptOrFind(deps: Deps, command: AcceptCommand): Promise<Accepted> {
  const { requests } = deps.store;
  try {
    return await requests.accept(command);
  } catch (error) {
    if (!isRedisAway(error)) throw error;
    deps.gate.report(error);
    if (changedNothing(error)) {
      await discard(deps, command.record).catch(() => {});
      throw unavailable();
    }
    if (await wasAccepted(deps, command)) return { kind: "new", id: command.record.id };
    deps.withdrawals.add(command);
    throw unavailable();
  }
}

/** A request that is found may not be on the replicas yet. */
async function wasAccepted({ store, settings }: Deps, { record }: AcceptCommand): Promise<boolean> {
  if (settings.needsReplicas) return false;
  const found = await Promise.race([
    store.requests.revision(record).catch(() => undefined),
    undefinedAfter(LOOK_UP_MS),
  ]);
  return typeof found === "string";
}

const undefinedAfter = (ms: number) => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms));

const unavailable = () =>
  new VisgateError("UNAVAILABLE", "The queue did not answer. Nothing was accepted; send the same call again.");

function idempotencyConflict(why: string, requestId: string): VisgateError {
  const message = `This Idempotency-Key ${why}; use a new key for a new request.`;
  return new VisgateError("IDEMPOTENCY_CONFLICT", message, { field: "Idempotency-Key", request_id: requestId });
}
