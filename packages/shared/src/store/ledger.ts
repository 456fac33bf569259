/** The ledger in Redis: the arguments of the scripts that write it, and what was counted from it. */
import type { Redis } from "ioredis";
import { createMemo } from "../memo.js";
import { applyingBudgets } from "../money/budget.js";
import { BALANCE, countsOf, fallbackEntries, type LedgerEntry, type LedgerRow, rowOf } from "../money/ledger.js";
import type { RequestRecord } from "../request/record.js";
import { alertEvent } from "./feed.js";
import type { Keys } from "./keys.js";
import { streamFields } from "./stream-fields.js";

/** When an alert is raised, and when its deliveries are overdue (ms). */
export interface AlertTimes {
  at: number;
  dueAt: number;
}

/** How a script checks the budgets of a request. */
interface BudgetCheck {
  times: AlertTimes;
  /** Whether they must have room for the amount, or may only raise alerts. */
  isEnforced: boolean;
  /** Micro-USD; "" when it is not known. */
  amount: string;
}

/** For a script that sets the money of a request aside: the budgets must have room. */
export function holdArguments(entry: LedgerEntry | null, record: RequestRecord, times: AlertTimes): string[] {
  const isFree = record.cache.leaderId !== null || record.cache.sharedFrom !== null;
  const amount = record.estimatedCostMicro === null ? "" : String(record.heldMicro);
  return moneyArguments(entry, record, isFree ? null : { times, isEnforced: true, amount });
}

/**
 * For the transition with which a request goes on with another model: the budgets must have room for that model once the
 * money of the one before is free. The entry of the new model follows the usual arguments.
 */
export function fallbackArguments(before: RequestRecord, after: RequestRecord, times: AlertTimes): string[] {
  const [release, hold] = fallbackEntries(before, after);
  const [, , , ...check] = holdArguments(hold, after, times);
  return [
    ...writtenArguments(release, before),
    freeingBudgets(before, after),
    ...check,
    ...writtenArguments(hold, after),
  ];
}

/** `freed`: by how much each budget has more room than its counter says. */
function freeingBudgets(before: RequestRecord, after: RequestRecord): string {
  const budgets = JSON.parse(applyingBudgets(rowOf(after)).json) as { fields: string[] };
  const old = JSON.parse(applyingBudgets(rowOf(before)).json) as { fields: string[] };
  const freed = budgets.fields.map((field) => (old.fields.includes(field) ? before.heldMicro : 0));
  return JSON.stringify({ ...budgets, freed });
}

/** For a transition that budgets cannot refuse: it may raise alerts. */
export function transitionArguments(entry: LedgerEntry | null, record: RequestRecord, times: AlertTimes): string[] {
  const amount = entry === null ? 0 : entry.held + entry.settled;
  return moneyArguments(entry, record, amount > 0 ? { times, isEnforced: false, amount: String(amount) } : null);
}

/** For a script that only gives money back. */
export const releaseArguments = (entry: LedgerEntry | null, record: RequestRecord): string[] =>
  moneyArguments(entry, record, null);

/** The last arguments of a script, for lua/ledger.lua. */
function moneyArguments(entry: LedgerEntry | null, record: RequestRecord, check: BudgetCheck | null): string[] {
  const written = entry === null ? ["", ""] : writtenArguments(entry, record);
  if (check === null) return [...written, "", "", "", ""];
  const { times, isEnforced, amount } = check;
  const event = alertEvent(record, times.at, times.dueAt);
  return [...written, applyingBudgets(rowOf(record)).json, isEnforced ? "1" : "0", amount, event];
}

/** The entry and its counters. */
function writtenArguments(entry: LedgerEntry, record: RequestRecord): [string, string] {
  const row = rowOf(record);
  return [entryText(entry, hasRow(entry, record) ? row : null), countersText(entry, row)];
}

/** The counters of first entries, by all that they depend on: every submit makes them, and they are often equal. */
const openingCounters = createMemo<string>();

function countersText(entry: LedgerEntry, row: LedgerRow): string {
  const { opened, held, settled, saved, end, ms } = entry;
  if (opened !== 1 || end !== null || ms !== null) return groupedText(entry, row);
  return openingCounters(`${held}|${settled}|${saved}|${rowText(row)}`, () => groupedText(entry, row));
}

/** The fields of a counter together, so that Redis writes each counter once. */
function groupedText(entry: LedgerEntry, row: LedgerRow): string {
  const groups = new Map<string, (string | number)[]>();
  for (const [key, field, by] of countsOf(entry, row)) {
    const group = groups.get(key) ?? [key];
    group.push(field, by);
    groups.set(key, group);
  }
  return JSON.stringify([...groups.values()]);
}

/** Later entries of a request are counted under the row of its first one. An earlier version wrote no first one. */
const hasRow = ({ opened }: LedgerEntry, { apiKeyId }: RequestRecord): boolean => opened !== 0 || apiKeyId === "";

/** One text, because a field for each value would take more memory and more time in Redis. A tag may contain `|`. */
function entryText(entry: LedgerEntry, row: LedgerRow | null): string {
  const { kind, request, attempt, held, settled, opened, end, saved, ms } = entry;
  const text = `${kind}|${request}|${attempt}|${held}|${settled}|${opened}|${end ?? ""}|${saved}|${ms ?? ""}`;
  return row === null ? text : `${text}|${rowText(row)}`;
}

const rowText = ({ day, mode, provider, model, apiKeyId, tag }: LedgerRow): string =>
  `${day}|${mode}|${provider}|${model}|${apiKeyId}|${tag}`;

export interface WrittenEntry extends LedgerEntry {
  /** Its place in the ledger. */
  id: string;
  /** Only on the first entry of a request, and on those with which it leaves this row for another. */
  row: LedgerRow | null;
}

export function parseEntry([id, fields]: [string, string[]]): WrittenEntry {
  const [kind, request = "", attempt, held, settled, opened, end, saved, ms, ...row] =
    streamFields(fields)("entry").split("|");
  return {
    ...{ id, kind: kind as LedgerEntry["kind"], request, attempt: Number(attempt) },
    ...{ held: Number(held), settled: Number(settled), opened: Number(opened), saved: Number(saved) },
    end: (end || null) as LedgerEntry["end"],
    ms: ms === "" ? null : Number(ms),
    row: row.length === 0 ? null : rowFrom(row),
  };
}

function rowFrom([day, mode, provider, model, apiKeyId, ...tag]: string[]): LedgerRow {
  return { day, mode, provider, model, apiKeyId, tag: tag.join("|") } as LedgerRow;
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
