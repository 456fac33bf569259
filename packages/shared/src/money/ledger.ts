/**
 * The ledger of an organization: an append-only list of what each request holds and has settled, in micro-USD. An entry
 * is the difference between the record before and after a transition, and is written in the script of the transition.
 * So the entries of a request always add up to what its record holds and has settled, and all entries together to the
 * organization's balance. All other counters (budgets, usage) are counted from the same entries.
 */
import { createMemo } from "../memo.js";
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
  /** 1 with the first entry under a row, -1 when the request was withdrawn or left the row, otherwise 0. */
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
  const { id, attempts, heldMicro, status } = record;
  // One object literal: spreading objects would take longer than everything else in this function.
  const { end, saved, ms } = status === "pending" ? NO_END : endOf(record);
  const settled = settledMicro(record);
  return { kind: "hold", request: id, attempt: attempts, held: heldMicro, settled, opened: 1, end, saved, ms };
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

/**
 * For a request that goes on with another model, and then counts under that model's row: the first entry takes back what
 * the model before held, and the second opens the request again.
 */
export function fallbackEntries(before: RequestRecord, after: RequestRecord): [LedgerEntry, LedgerEntry] {
  const moved = { request: after.id, attempt: after.attempts, settled: 0, ...NO_END };
  return [
    { ...moved, kind: "release", held: -before.heldMicro, opened: -1 },
    { ...moved, kind: "hold", held: after.heldMicro, opened: 1 },
  ];
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

function amounts(before: RequestRecord, after: RequestRecord) {
  return {
    request: after.id,
    attempt: after.attempts,
    held: after.heldMicro - before.heldMicro,
    settled: settledMicro(after) - settledMicro(before),
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
/** Which alerts of budgets were raised (lua/budgets.lua). */
export const alertsKey = (day: string): string => `${spentKey(day)}:alerts`;
/** Requests and money by day and mode. */
export const usageKey = (month: string): string => `usage:${month}`;
/** Requests by day, provider and model. */
export const modelsKey = (month: string): string => `models:${month}`;
/** Requests and money by everything that the export breaks them down by. */
export const rowsKey = (month: string): string => `rows:${month}`;
/** How long requests took, by day. */
export const latenciesKey = (month: string): string => `latencies:${month}`;
/** How long requests of a model took. */
export const timesKey = (month: string, model: string): string => `times:${month}:${model}`;
export const spentField = (period: string, subject: string): string => `${period}|${subject}`;

/** The keys of the counters of a row, and the fields in them. */
interface RowNames {
  spentKey: string;
  /** Of the day and of the month, for each subject of a budget. */
  spentFields: string[];
  usageKey: string;
  /** The field, up to the name of the metric. */
  usagePrefix: string;
  modelsKey: string;
  modelField: string;
  rowsKey: string;
  /** The field, up to the name of the metric. */
  rowPrefix: string;
}

/** By row, because making the names takes longer than the rest of an entry. */
const rowNames = createMemo<RowNames>();

function namesOf(row: LedgerRow): RowNames {
  const { day, mode, provider, model, apiKeyId, tag } = row;
  const rowPrefix = `${day}|${mode}|${provider}|${model}|${apiKeyId}|${tag}|`;
  return rowNames(rowPrefix, () => makeNames(row, rowPrefix));
}

function makeNames({ day, mode, provider, model, apiKeyId }: LedgerRow, rowPrefix: string): RowNames {
  const month = monthOf(day);
  const subjects = ["organization", `provider:${provider}`, `key:${apiKeyId}`];
  return {
    spentKey: spentKey(day),
    spentFields: [day, month].flatMap((period) => subjects.map((subject) => spentField(period, subject))),
    usageKey: usageKey(month),
    usagePrefix: `${day}|${mode}|`,
    modelsKey: modelsKey(month),
    modelField: `${day}|${provider}|${model}`,
    rowsKey: rowsKey(month),
    rowPrefix,
  };
}

/** Every counter that an entry changes, and by how much. Zeros are left out. */
export function countsOf(entry: LedgerEntry, row: LedgerRow): Count[] {
  const { held, settled, opened, end, saved, ms } = entry;
  const names = namesOf(row);
  const counts: Count[] = [];
  const add = (key: string, field: string, by: number) => by !== 0 && counts.push([key, field, by]);
  add(BALANCE, "held", held);
  add(BALANCE, "settled", settled);
  // What counts for budgets: all that is held or settled.
  for (const field of names.spentFields) add(names.spentKey, field, held + settled);
  const addUsage = (metric: string, by: number) => {
    add(names.usageKey, names.usagePrefix + metric, by);
    add(names.rowsKey, names.rowPrefix + metric, by);
  };
  add(names.modelsKey, names.modelField, opened);
  addUsage("requests", opened);
  addUsage("settled", settled);
  addUsage("saved", saved);
  if (end !== null) addUsage(end, 1);
  if (ms !== null) {
    const bucket = timeBucket(ms);
    const month = monthOf(row.day);
    add(latenciesKey(month), `${row.day}|${bucket}`, 1);
    add(timesKey(month, row.model), String(bucket), 1);
  }
  return counts;
}
