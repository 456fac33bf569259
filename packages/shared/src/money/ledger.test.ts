/** The ledger entries of a request, over every way in which it can go. */
import { describe, expect, test } from "vitest";
import { failure, pendingRecord, submitIntended, T0 } from "../../../../tests/support/records.js";
import { type RequestRecord, reduce, type Transition } from "../request/index.js";
import {
  countsOf,
  type LedgerEntry,
  openingEntry,
  rowOf,
  settledMicro,
  transitionEntry,
  withdrawingEntry,
} from "./ledger.js";

const ESTIMATE = 2_400_000;
const SOURCE = { organization: "acme", id: "leader" };
const accepted = pendingRecord();
const following = pendingRecord({
  cache: { hash: "h", reason: "joined", leaderId: "leader", sharedFrom: null, avoidedCostMicro: 0 },
  heldMicro: 0,
});

const intended = submitIntended({ at: T0 });
const taken = (estimateMicro: number | null = null): Transition => {
  return { name: "submit_accepted", at: T0, attempt: 1, providerRequestId: "job", estimateMicro };
};
const lost: Transition = { name: "submit_lost", at: T0, attempt: 1, until: T0 + 1, submitEnded: true };
const rejected: Transition = { name: "submit_rejected", attempt: 1 };
const rendered = (costMicro: number): Transition => {
  return { name: "rendered", at: T0, outputs: [], withheld: 0, costMicro, costSource: "provider" };
};
const completed: Transition = { name: "completed", at: T0 + 5000, outputs: [] };
const failed = (charged: boolean | null, billedMicro: number | null = null): Transition => {
  return { name: "failed", at: T0, failure: failure({ charged }), billedMicro };
};
const shared: Transition = { name: "shared", at: T0, outputs: [], source: SOURCE, costMicro: 9 };
const promoted: Transition = { name: "promoted" };

/** The record after the transitions, and the entries that they wrote, the first one included. */
function run(record: RequestRecord, transitions: Transition[]) {
  const entries = [openingEntry(record)];
  let current = record;
  for (const transition of transitions) {
    const after = reduce(current, transition);
    if (after === null) throw new Error(`${transition.name} is refused`);
    const entry = transitionEntry(current, after);
    if (entry !== null) entries.push(entry);
    current = after;
  }
  return { current, entries };
}

const text = ({ kind, held, settled }: LedgerEntry) => `${kind} ${held} ${settled}`;

const WAYS: { what: string; from?: RequestRecord; by: Transition[]; entries: string[]; charge: string }[] = [
  {
    what: "completes at the estimated cost",
    by: [intended, taken(), rendered(ESTIMATE), completed],
    entries: [`hold ${ESTIMATE} 0`, `settle ${-ESTIMATE} ${ESTIMATE}`, "end 0 0"],
    charge: "charged",
  },
  {
    what: "completes at another cost, which the provider said when it accepted",
    by: [intended, taken(3_000_000), rendered(2_900_000), completed],
    entries: [`hold ${ESTIMATE} 0`, "adjust 600000 0", "settle -3000000 2900000", "end 0 0"],
    charge: "charged",
  },
  {
    what: "completes, and the provider bills nothing",
    by: [intended, taken(), rendered(0), completed],
    entries: [`hold ${ESTIMATE} 0`, `settle ${-ESTIMATE} 0`, "end 0 0"],
    charge: "charged",
  },
  {
    what: "is submitted twice, and is rejected for good the second time",
    by: [intended, rejected, submitIntended({ at: T0, attempt: 2 }), failed(false)],
    entries: [`hold ${ESTIMATE} 0`, `release ${-ESTIMATE} 0`],
    charge: "released",
  },
  {
    what: "fails before a submit",
    by: [failed(null)],
    entries: [`hold ${ESTIMATE} 0`, `release ${-ESTIMATE} 0`],
    charge: "none",
  },
  {
    what: "fails while it renders, and the provider does not bill it",
    by: [intended, taken(), failed(false)],
    entries: [`hold ${ESTIMATE} 0`, `release ${-ESTIMATE} 0`],
    charge: "released",
  },
  {
    what: "fails while it renders, and the provider bills a part",
    by: [intended, taken(), failed(true, 480_000)],
    entries: [`hold ${ESTIMATE} 0`, `settle ${-ESTIMATE} 480000`],
    charge: "charged",
  },
  {
    what: "fails after it was rendered",
    by: [intended, taken(), rendered(ESTIMATE), failed(true)],
    entries: [`hold ${ESTIMATE} 0`, `settle ${-ESTIMATE} ${ESTIMATE}`, "end 0 0"],
    charge: "charged",
  },
  {
    what: "fails with its submit unknown: its money stays set aside",
    by: [intended, lost, failed(null)],
    entries: [`hold ${ESTIMATE} 0`, "end 0 0"],
    charge: "unknown",
  },
  {
    what: "is unknown, and a person says that it was billed",
    by: [intended, lost, failed(null), { name: "settled", costMicro: 2_000_000 }],
    entries: [`hold ${ESTIMATE} 0`, "end 0 0", `settle ${-ESTIMATE} 2000000`],
    charge: "charged",
  },
  {
    what: "is unknown, and a person says that it was not billed",
    by: [intended, lost, failed(null), { name: "settled", costMicro: null }],
    entries: [`hold ${ESTIMATE} 0`, "end 0 0", `release ${-ESTIMATE} 0`],
    charge: "released",
  },
  {
    what: "is unknown for too long",
    by: [intended, lost, failed(null), { name: "hold_expired" }],
    entries: [`hold ${ESTIMATE} 0`, "end 0 0", `release ${-ESTIMATE} 0`],
    charge: "unknown",
  },
  {
    what: "shares the output of another one",
    from: following,
    by: [shared],
    entries: ["hold 0 0", "end 0 0"],
    charge: "none",
  },
  {
    what: "takes over from the one that it followed",
    from: following,
    by: [promoted, intended, taken(), rendered(ESTIMATE), completed],
    entries: ["hold 0 0", `hold ${ESTIMATE} 0`, `settle ${-ESTIMATE} ${ESTIMATE}`, "end 0 0"],
    charge: "charged",
  },
  {
    what: "has a price that is not known",
    from: pendingRecord({ estimatedCostMicro: null, heldMicro: 0 }),
    by: [intended, taken(), rendered(70_000), completed],
    entries: ["hold 0 0", "settle 0 70000", "end 0 0"],
    charge: "charged",
  },
];

describe.each(WAYS)("a request that $what", ({ from = accepted, by, entries, charge }) => {
  const { current, entries: written } = run(from, by);

  test("writes these entries", () => {
    expect(written.map(text)).toEqual(entries);
    expect(current.chargeState).toBe(charge);
  });

  test("its entries add up to what its record holds and has settled", () => {
    const sum = (field: "held" | "settled") => written.reduce((total, entry) => total + entry[field], 0);
    expect([sum("held"), sum("settled")]).toEqual([current.heldMicro, settledMicro(current)]);
  });

  test("is counted once, and its end once", () => {
    expect(written.map(({ opened }) => opened).reduce((a, b) => a + b)).toBe(1);
    expect(written.filter(({ end }) => end !== null)).toHaveLength(1);
  });
});

test("a request that is withdrawn: its two entries take each other back, in every counter", () => {
  const totals = new Map<string, number>();
  for (const entry of [openingEntry(accepted), withdrawingEntry(accepted)]) {
    for (const [key, field, by] of countsOf(entry, rowOf(accepted))) {
      totals.set(`${key} ${field}`, (totals.get(`${key} ${field}`) ?? 0) + by);
    }
  }
  expect([...totals.values()].filter((total) => total !== 0)).toEqual([]);
});

test("money counts in the day and the month of the acceptance, for the organization, the key and the provider", () => {
  const record = { ...accepted, day: "2026-03-31", apiKeyId: "key_1" };
  const spent = countsOf(openingEntry(record), rowOf(record)).filter(([key]) => key.startsWith("spent:"));
  expect(spent).toEqual(
    ["2026-03-31", "2026-03"].flatMap((period) =>
      ["organization", "provider:fal", "key:key_1"].map((subject) => [
        "spent:2026-03",
        `${period}|${subject}`,
        ESTIMATE,
      ]),
    ),
  );
});
