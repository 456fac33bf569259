/** Every way in which the money of a request can go: its transitions, and the entries that they write. */
import type { LedgerEntry } from "@visgate/shared/money";
import type { ChargeState, RequestRecord, Transition } from "@visgate/shared/request";
import { failure, pendingRecord, submitIntended, T0 } from "./records.js";

export const ESTIMATE = 2_400_000;
const SOURCE = { organization: "acme", id: "leader" };
export const accepted = pendingRecord();
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

export interface Way {
  /** As docs/money.md says it. */
  what: string;
  /** Default: `accepted`. */
  from?: RequestRecord;
  by: Transition[];
  /** The kind, what is held more, and what is settled more. */
  entries: string[];
  charge: ChargeState;
}

export const WAYS: Way[] = [
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

/** An entry as `entries` writes it. */
export const entryText = ({ kind, held, settled }: LedgerEntry): string => `${kind} ${held} ${settled}`;
