/** The ledger in Redis: the arguments of the scripts that write it, and what was counted from it. */
import type { Redis } from "ioredis";
import { type BudgetCheck, budgetChecks } from "../money/budget.js";
import { BALANCE, countsOf, type LedgerEntry, type LedgerRow, rowOf } from "../money/ledger.js";
import type { RequestRecord } from "../request/record.js";
import { alertEvent } from "./feed.js";
import type { Keys } from "./keys.js";
import { streamFields } from "./stream-fields.js";

/** An entry for lua/money.lua; "" for none. */
export function entryArgument(entry: LedgerEntry | null, record: RequestRecord): string {
  if (entry === null) return "";
  const row = rowOf(record);
  // As text: Lua would print large numbers with an exponent.
  const counts = countsOf(entry, row).map(([key, field, by]) => [key, field, String(by)]);
  return JSON.stringify({ fields: fieldsOf(entry, hasRow(entry, record) ? row : null), counts });
}

/** Later entries of a request are counted under the row of its first one. An earlier version wrote no first one. */
const hasRow = ({ opened }: LedgerEntry, { apiKeyId }: RequestRecord): boolean => opened !== 0 || apiKeyId === "";

/** The fields of a stream entry. They are always the same, because Redis then stores their names once. */
function fieldsOf(entry: LedgerEntry, row: LedgerRow | null): string[] {
  const { kind, request, attempt, held, settled, opened, end, saved, ms } = entry;
  const values = {
    kind,
    request,
    attempt,
    held,
    settled,
    opened,
    end,
    saved,
    ms,
    row: row && JSON.stringify(Object.values(row)),
  };
  return Object.entries(values).flatMap(([name, value]) => [name, String(value ?? "")]);
}

export interface WrittenEntry extends LedgerEntry {
  /** Its place in the ledger. */
  id: string;
  /** Only on the first entry of a request. */
  row: LedgerRow | null;
}

export function parseEntry([id, fields]: [string, string[]]): WrittenEntry {
  const value = streamFields(fields);
  const row = value("row");
  return {
    id,
    kind: value("kind") as LedgerEntry["kind"],
    request: value("request"),
    attempt: Number(value("attempt")),
    held: Number(value("held")),
    settled: Number(value("settled")),
    opened: Number(value("opened")),
    end: (value("end") || null) as LedgerEntry["end"],
    saved: Number(value("saved")),
    ms: value("ms") === "" ? null : Number(value("ms")),
    row: row === "" ? null : rowFrom(JSON.parse(row)),
  };
}

function rowFrom([day, mode, provider, model, apiKeyId, tag]: string[]): LedgerRow {
  return { day, mode, provider, model, apiKeyId, tag } as LedgerRow;
}

/** When an alert is raised, and when its deliveries are overdue (ms). */
export interface AlertTimes {
  at: number;
  dueAt: number;
}

/**
 * What lua/money.lua looks at before it sets money aside: the budgets, which must have room, and the amount; "" when
 * the price is unknown.
 */
export function holdArguments(record: RequestRecord, times: AlertTimes): BudgetArguments {
  const isFree = record.cache.leaderId !== null || record.cache.sharedFrom !== null;
  if (isFree) return NO_BUDGETS;
  const amount = record.estimatedCostMicro === null ? "" : String(record.heldMicro);
  return [budgetsOf(record, times, true), amount];
}

/** As above, for an entry that is written whether there is room or not: it may raise alerts. */
export function alertArguments(entry: LedgerEntry | null, record: RequestRecord, times: AlertTimes): BudgetArguments {
  const amount = entry === null ? 0 : entry.held + entry.settled;
  return amount > 0 ? [budgetsOf(record, times, false), String(amount)] : NO_BUDGETS;
}

type BudgetArguments = readonly [budgets: string, amount: string];
const NO_BUDGETS: BudgetArguments = ["", "0"];

function budgetsOf(record: RequestRecord, { at, dueAt }: AlertTimes, enforced: boolean): string {
  const checks: BudgetCheck[] = budgetChecks(rowOf(record));
  return JSON.stringify({ checks, enforced, alert: alertEvent(record, at, dueAt) });
}

/** A budget that has no room. */
export interface FullBudget {
  id: string;
  limitMicro: number;
  /** Held and settled in its period. */
  spentMicro: number;
}

/** Also the ids of the deliveries that the script created. */
export function fullBudgetOf([id = "", limit, spent, ...deliveries]: string[]): [FullBudget, string[]] {
  return [{ id, limitMicro: Number(limit), spentMicro: Number(spent) }, deliveries];
}

const numbersOf = (fields: unknown): Map<string, number> =>
  new Map(Object.entries(fields as Record<string, string>).map(([field, value]) => [field, Number(value)]));

export interface Balance {
  heldMicro: number;
  settledMicro: number;
}

export function createLedger(redis: Redis, keys: Keys) {
  /** A counter: its fields and their values. */
  async function counter(organization: string, name: string): Promise<Map<string, number>> {
    return numbersOf(await redis.hgetall(keys.counter(organization, name)));
  }

  return {
    counter,

    /** The id of the last entry, and the counters as they are right after it. */
    async snapshot(organization: string, names: string[]) {
      const read = redis.multi().xrevrange(keys.ledger(organization), "+", "-", "COUNT", 1);
      for (const name of names) read.hgetall(keys.counter(organization, name));
      const [newest, ...counters] = ((await read.exec()) ?? []).map(([error, value]) => {
        if (error !== null) throw error;
        return value;
      });
      const last = (newest as [string, string[]][])[0]?.[0] ?? "0";
      return { last, counters: new Map(names.map((name, at) => [name, numbersOf(counters[at])])) };
    },

    /** All that the organization's requests hold, and have settled. */
    async balance(organization: string): Promise<Balance> {
      const counted = await counter(organization, BALANCE);
      return { heldMicro: counted.get("held") ?? 0, settledMicro: counted.get("settled") ?? 0 };
    },

    /** At most `limit` entries after the one with the id `after`, oldest first. "0" begins at the first one. */
    async read(organization: string, after: string, limit: number): Promise<WrittenEntry[]> {
      const entries = await redis.xrange(keys.ledger(organization), `(${after}`, "+", "COUNT", limit);
      return entries.map(parseEntry);
    },
  };
}
