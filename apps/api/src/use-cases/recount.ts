/**
 * Counts the whole ledger of an organization again, and compares every counter with what was counted in the
 * transitions. Requests may be accepted meanwhile: the counters are read together with the end of the ledger.
 */
import type { RecountAnswer } from "@visgate/shared/contract";
import { VisgateError } from "@visgate/shared/errors";
import { BALANCE, countsOf, type LedgerRow } from "@visgate/shared/money";
import type { WrittenEntry } from "@visgate/shared/store";
import type { Deps } from "../deps.js";

const BATCH = 1000;

/** Counters by name, each with its fields. */
type Counters = Map<string, Map<string, number>>;

export async function recount({ store }: Pick<Deps, "store">, organization: string): Promise<RecountAnswer> {
  if ((await store.organizations.get(organization)) === null) {
    throw new VisgateError("NOT_FOUND", "There is no such organization.");
  }
  const recounted: Counters = new Map([[BALANCE, new Map()]]);
  const rows = new Map<string, LedgerRow>();
  let entries = 0;
  let after = "0";
  for (;;) {
    const { last, counters } = await store.ledger.snapshot(organization, [...recounted.keys()]);
    while (isBefore(after, last)) {
      const batch = (await store.ledger.read(organization, after, BATCH)).filter(({ id }) => !isBefore(last, id));
      for (const entry of batch) addEntry(recounted, rows, entry);
      entries += batch.length;
      after = batch.at(-1)?.id ?? last;
    }
    // Counters that were not known before the entries were read are read in the next round.
    if ([...recounted.keys()].every((name) => counters.has(name))) {
      return { organization, entries, counters: recounted.size, differences: differencesOf(counters, recounted) };
    }
  }
}

function addEntry(recounted: Counters, rows: Map<string, LedgerRow>, entry: WrittenEntry): void {
  const row = entry.row ?? rows.get(entry.request);
  if (row === undefined) throw new Error(`The ledger has no first entry of the request ${entry.request}.`);
  rows.set(entry.request, row);
  for (const [name, field, by] of countsOf(entry, row)) {
    const counter = recounted.get(name) ?? new Map<string, number>();
    recounted.set(name, counter.set(field, (counter.get(field) ?? 0) + by));
  }
}

function differencesOf(counters: Counters, recounted: Counters): RecountAnswer["differences"] {
  return [...recounted].flatMap(([counter, fields]) => {
    const counted = counters.get(counter) ?? new Map<string, number>();
    return [...new Set([...fields.keys(), ...counted.keys()])]
      .map((field) => ({ counter, field, counted: counted.get(field) ?? 0, recounted: fields.get(field) ?? 0 }))
      .filter((one) => one.counted !== one.recounted);
  });
}

/** Ids of stream entries: two numbers with a hyphen. */
function isBefore(one: string, other: string): boolean {
  const [time = 0, sequence = 0] = one.split("-").map(Number);
  const [otherTime = 0, otherSequence = 0] = other.split("-").map(Number);
  return time < otherTime || (time === otherTime && sequence < otherSequence);
}
