/**
 * The ledger of an organization: an append-only list of what each request holds and has settled, in micro-USD. An entry
 * is the difference between the record before and after a transition, and is written in the script of the transition.
 * So the entries of a request always add up to what its record holds and has settled, and all entries together to the
 * organization's balance. All other counters (budgets, usage) are counted from the same entries.
 */
import type { RequestRecord } from "../request/record.js";
import { isTerminal } from "../request/state.js";
import { monthOf } from "./period.js";
import { timeBucket } from "./times.js";

/** `hold`: money is set aside. `settle`: the provider billed it. `release`: it is free again. `end`: no money moved. */
export type EntryKind = "hold" | "settle" | "release" | "adjust" | "end";
/** How a request ended. `cached`: it shows the output of another request. */
export type EntryEnd = "completed" | "cached" | "failed";

export interface LedgerEntry {
  kind: EntryKind;
  request: string;
  /** The number of submits when it was written. */
  attempt: number;
  /** How much more is held; negative for less. */
  held: number;
  /** How much more is settled. */
  settled: number;
  /** 1 with the first entry of a request, -1 when the request was withdrawn, else 0. */
  opened: number;
  /** Set on the entry with which the request ended. */
  end: EntryEnd | null;
  /** What a cached output cost when it was made. */
  saved: number;
  /** How long a request took that completed with an output of its own; else null. */
  ms: number | null;
}

/** Under what a request is counted. */
export interface LedgerRow {
  /** In the time zone of the organization, when the request was accepted. */
  day: string;
  mode: string;
  provider: string;
  model: string;
  apiKeyId: string;
  tag: string;
}

export function rowOf({ day, mode, provider, model, apiKeyId, tag }: RequestRecord): LedgerRow {
  return { day, mode, provider, model, apiKeyId, tag };
}

/** What the record has settled. */
export const settledMicro = ({ chargeState, costMicro }: RequestRecord): number =>
  chargeState === "charged" ? costMicro : 0;

/** The first entry of a request. A cache hit has ended with it. */
export function openingEntry(record: RequestRecord): LedgerEntry {
  return { ...endOf(record), kind: "hold", ...amounts(null, record), opened: 1 };
}

/** The entry that takes back the first one, for a request that was withdrawn. */
export function withdrawingEntry(record: RequestRecord): LedgerEntry {
  const { held, settled, saved, ...opening } = openingEntry(record);
  return { ...opening, kind: "release", held: -held, settled: -settled, saved: -saved, opened: -1, end: null };
}

/** Null when the transition moves no money and does not end the request. */
export function transitionEntry(before: RequestRecord, after: RequestRecord): LedgerEntry | null {
  const { held, settled, ...rest } = amounts(before, after);
  const hasEnded = isTerminal(after.status) && !isTerminal(before.status);
  // A charge of nothing is written too: it says that the provider billed nothing.
  const isSettled = after.chargeState === "charged" && before.chargeState !== "charged";
  if (held === 0 && settled === 0 && !isSettled && !hasEnded) return null;
  const kind = kindOf({ held, settled, isSettled, wasHeld: before.heldMicro > 0 });
  return { ...rest, ...(hasEnded ? endOf(after) : NO_END), kind, held, settled, opened: 0 };
}

/** For a request that is erased while money is still set aside for it; null when none is. */
export function releasingEntry(record: RequestRecord): LedgerEntry | null {
  if (record.heldMicro === 0) return null;
  const free = { ...record, heldMicro: 0 };
  return { ...amounts(record, free), ...NO_END, kind: "release", opened: 0 };
}

interface Movement {
  held: number;
  settled: number;
  isSettled: boolean;
  wasHeld: boolean;
}

function kindOf({ held, settled, isSettled, wasHeld }: Movement): EntryKind {
  if (isSettled) return "settle";
  if (settled !== 0) return "adjust";
  if (held < 0) return "release";
  if (held > 0) return wasHeld ? "adjust" : "hold";
  return "end";
}

function amounts(before: RequestRecord | null, after: RequestRecord) {
  return {
    request: after.id,
    attempt: after.attempts,
    held: after.heldMicro - (before?.heldMicro ?? 0),
    settled: settledMicro(after) - (before === null ? 0 : settledMicro(before)),
  };
}

const NO_END = { end: null, saved: 0, ms: null } as const;

function endOf(record: RequestRecord): Pick<LedgerEntry, "end" | "saved" | "ms"> {
  const { status, cache, createdAt, completedAt } = record;
  if (status === "failed") return { ...NO_END, end: "failed" };
  if (status !== "completed") return NO_END;
  if (cache.sharedFrom !== null) return { end: "cached", saved: cache.avoidedCostMicro, ms: null };
  return { end: "completed", saved: 0, ms: (completedAt ?? createdAt) - createdAt };
}

/** One counter to be raised: the last part of its key, its field, and by how much. */
export type Count = readonly [key: string, field: string, by: number];

export const BALANCE = "balance";
export const spentKey = (day: string): string => `spent:${monthOf(day)}`;
export const totalsKey = (month: string): string => `totals:${month}`;
export const rowsKey = (month: string): string => `rows:${month}`;
export const timesKey = (month: string, model: string): string => `times:${month}:${model}`;

/** Everything that is counted from an entry, as raises of counters. Zeros are left out. */
export function countsOf(entry: LedgerEntry, row: LedgerRow): Count[] {
  const counts: Count[] = [
    [BALANCE, "held", entry.held],
    [BALANCE, "settled", entry.settled],
    ...spentCounts(entry.held + entry.settled, row),
    ...usageCounts(entry, row),
    ...timeCounts(entry, row),
  ];
  return counts.filter(([, , by]) => by !== 0);
}

/** What counts for budgets: all that is held or settled. */
function spentCounts(amount: number, { day, provider, apiKeyId }: LedgerRow): Count[] {
  if (amount === 0) return [];
  const key = spentKey(day);
  const subjects = ["organization", `provider:${provider}`, `key:${apiKeyId}`];
  return [day, monthOf(day)].flatMap((period) =>
    subjects.map((subject) => [key, spentField(period, subject), amount] as const),
  );
}

export const spentField = (period: string, subject: string): string => `${period}|${subject}`;

function usageCounts({ opened, end, settled, saved }: LedgerEntry, row: LedgerRow): Count[] {
  const metrics = { requests: opened, settled, saved, ...(end === null ? {} : { [end]: 1 }) };
  const month = monthOf(row.day);
  const total = [row.day, row.mode, row.provider, row.model].join("|");
  const detail = [total, row.apiKeyId, row.tag].join("|");
  return Object.entries(metrics).flatMap(([metric, by]) => [
    [totalsKey(month), `${total}|${metric}`, by] as const,
    [rowsKey(month), `${detail}|${metric}`, by] as const,
  ]);
}

function timeCounts({ ms }: LedgerEntry, { day, model }: LedgerRow): Count[] {
  if (ms === null) return [];
  const month = monthOf(day);
  const bucket = timeBucket(ms);
  return [
    [totalsKey(month), `${day}|ms|${bucket}`, 1],
    [timesKey(month, model), String(bucket), 1],
  ];
}
