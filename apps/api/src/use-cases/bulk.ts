/**
 * One action on all requests that a filter matches. Each is treated as by the call for it alone, so the state, the limits
 * and the budgets decide for each, and one that fails leaves the others as they are.
 */
import { type BulkBody, MAX_BULK } from "@visgate/shared/contract";
import { VisgateError } from "@visgate/shared/errors";
import { isRequestId } from "@visgate/shared/ids";
import { isTerminal, type RequestRecord } from "@visgate/shared/request";
import { sha256 } from "../cache/cache-hash.js";
import type { Deps } from "../deps.js";
import { publicError } from "../public-error.js";
import { cancelRequest } from "./cancel-request.js";
import { deleteRequest } from "./delete-request.js";
import { type AgainCommand, generateAgain } from "./generate-again.js";
import { requestPages } from "./list-requests.js";
import { decodeCursor, encodeCursor, scan } from "./paging.js";
import { createMatcher, type RequestFilters, scopeOf } from "./request-filters.js";

export interface BulkCommand extends Pick<AgainCommand, "apiKey" | "organization" | "callerKeys" | "onRates"> {
  action: BulkBody["action"];
  filters: RequestFilters;
  cursor: string | null;
  dryRun: boolean;
  /** Null: any number. */
  expectedCount: number | null;
  idempotencyKey: string | null;
}

export interface BulkResult {
  matched: number;
  done: number;
  failed: { id: string; error: VisgateError }[];
  nextCursor: string | null;
}

/** How many requests one call reads, so that it ends in seconds. */
const MAX_READ = 10_000;
const BATCH = 250;
/** How many are acted on at the same time: enough to keep Redis busy, and few enough for others to be served. */
const CONCURRENCY = 8;

/** @throws VisgateError COUNT_CHANGED when nothing was done because the number of matches is another one */
export async function runBulk(deps: Deps, command: BulkCommand): Promise<BulkResult> {
  const { dryRun, expectedCount } = command;
  const { records, nextCursor } = await findMatches(deps, command);
  const matched = records.length;
  if (dryRun) return { matched, done: 0, failed: [], nextCursor };
  if (expectedCount !== null && matched !== expectedCount) throw countChanged(matched, expectedCount);
  const failed = await actOnEach(deps, records, (record) => act(deps, command, record));
  return { matched, done: matched - failed.length, failed, nextCursor };
}

async function findMatches(deps: Deps, command: BulkCommand) {
  const { action, filters, cursor } = command;
  const organization = command.organization.id;
  const scope = ["bulk", action, ...scopeOf(organization, filters)];
  const passes = createMatcher(filters);
  const bulkKeyHash = keyHashOf(command);
  const { values: records, next } = await scan({
    readPage: requestPages(deps, organization, filters, "newest-first"),
    matches: (record) => passes(record) && isFor(action, record) && !isMadeBy(record, bulkKeyHash),
    start: cursor === null ? null : decodeCursor(cursor, scope, isRequestId),
    ...{ limit: MAX_BULK, maxRead: MAX_READ, batch: BATCH },
  });
  return { records, nextCursor: next === null ? null : encodeCursor(next, scope) };
}

const isFor = (action: BulkBody["action"], { status }: RequestRecord): boolean =>
  isTerminal(status) === (action !== "cancel");

/** A repeated call must not count what its first try has made: it would match again, and be paid again. */
const isMadeBy = (record: RequestRecord, bulkKeyHash: string | undefined): boolean =>
  bulkKeyHash !== undefined && record.bulkKeyHash === bulkKeyHash;

const HASH_CHARACTERS = 16;

const keyHashOf = ({ idempotencyKey }: BulkCommand): string | undefined =>
  idempotencyKey === null ? undefined : sha256(idempotencyKey).slice(0, HASH_CHARACTERS);

async function act(deps: Deps, command: BulkCommand, { organization, id }: RequestRecord): Promise<unknown> {
  const { action, idempotencyKey, apiKey, callerKeys, onRates } = command;
  if (action === "cancel") return cancelRequest(deps, { organization, id });
  if (action === "delete") return deleteRequest(deps, { organization, id });
  return generateAgain(deps, {
    ...{ apiKey, organization: command.organization, callerKeys, onRates, id, bulkKeyHash: keyHashOf(command) },
    // The same for a repeated call, so that each request is made again once.
    idempotencyKey: idempotencyKey === null ? null : `bulk:${idempotencyKey}:${id}`,
  });
}

type Run = (record: RequestRecord) => Promise<unknown>;

/**
 * Returns those that failed. When the service cannot take one, the others are not tried: each would wait until its own
 * time limit. Not a 503 for the whole call, because some may have been accepted.
 */
async function actOnEach({ log }: Deps, records: readonly RequestRecord[], run: Run): Promise<BulkResult["failed"]> {
  const failed: BulkResult["failed"] = [];
  const left = records.values();
  let unavailable: VisgateError | null = null;
  const work = async () => {
    for (const record of left) {
      try {
        if (unavailable !== null) throw unavailable;
        await run(record);
      } catch (error) {
        const shown = publicError(error);
        if (shown.code === "UNAVAILABLE") unavailable = shown;
        if (shown.code === "INTERNAL_ERROR") log.error({ err: error, requestId: record.id }, "unexpected error");
        failed.push({ id: record.id, error: shown });
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return failed;
}

function countChanged(matched: number, expected: number): VisgateError {
  const message =
    `The filter matches ${matched} requests, not ${expected}, so nothing was done. ` +
    "Look at them again, and send the new number as expected_count.";
  return new VisgateError("COUNT_CHANGED", message, { field: "expected_count", matched });
}
