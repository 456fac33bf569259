/**
 * Every end of a request: how it is reached with the simulator's controls, and what it costs. The rows name no
 * provider. What differs between providers follows from what each declares in `provider.json`, and the amounts come
 * from the simulator's own books.
 */
import type { ProviderManifest } from "@visgate/shared/catalogue";
import type { Receipt } from "@visgate/shared/contract";
import type { FailureCode } from "@visgate/shared/errors";
import type { ChargeState } from "@visgate/shared/request";
import type { EndBench } from "./end-actions.js";

/** Where a request is when it ends. */
export const STAGES = [
  "no submit",
  "submit refused",
  "submit lost",
  "queued at the provider",
  "rendering",
  "failed at the provider",
  "copying the output",
  "completed",
  "shared",
] as const;

type Declared = Pick<ProviderManifest, "statesCost" | "listsJobs" | "callerKeyHeader">;

/** What the end costs, in micro-USD. `held`: what stays set aside. */
export interface Cost {
  charge: ChargeState;
  settled: number | null;
  source: "provider" | "catalogue" | "caller" | null;
  held: number;
}

/** `billed`: the simulator's line for the job; null when there is none. */
type CostRule = (amounts: { estimate: number; billed: number | null }, declared: Declared) => Cost;

export interface End {
  /** A request that … */
  what: string;
  stage: (typeof STAGES)[number];
  /** Null for a request that completes. */
  code: FailureCode | null | ((declared: Declared) => FailureCode | null);
  cost: CostRule;
  /** The simulator's disasters for the job. */
  disasters?: Record<string, unknown>[];
  /** Fields of the body that differ. */
  fields?: object;
  /** Brings the end about, and returns the id of the request. Default: submits one request. */
  run?: (bench: EndBench) => Promise<string>;
  /** It needs its output soon, so its row begins before the others, which the simulator renders one by one. */
  isUrgent?: true;
  /** It kills a worker. Such rows run after the others, which would wait for the next worker to take over. */
  killsWorkers?: true;
  /** How many submits the provider gets for this prompt. Default 1. */
  submits?: number;
  /** The outcomes that the last submit may have, if not those of the stage: some providers check inputs later. */
  lastSubmit?: readonly Receipt["attempts"][number]["outcome"][];
  /** False where the provider has no such end. */
  exists?: (declared: Declared) => boolean;
}

const free = (charge: ChargeState) => (): Cost => ({ charge, settled: null, source: null, held: 0 });
const untouched: CostRule = free("none");
const released: CostRule = free("released");
const unknown: CostRule = ({ estimate }) => ({ charge: "unknown", settled: null, source: null, held: estimate });
const charged = (settled: number, source: Cost["source"]): Cost => ({ charge: "charged", settled, source, held: 0 });

/** The whole render is paid: what the provider says, otherwise the price of the catalogue. */
const paid: CostRule = ({ estimate, billed }, { statesCost }) =>
  statesCost.completed ? charged(billed ?? Number.NaN, "provider") : charged(estimate, "catalogue");

/** A job that failed or was stopped costs what the provider says. If it says nothing, the charge is unknown. */
const stated =
  (end: "failed" | "cancelled"): CostRule =>
  (amounts, declared) => {
    if (!declared.statesCost[end]) return unknown(amounts, declared);
    return amounts.billed ? charged(amounts.billed, "provider") : released(amounts, declared);
  };

const whenListed =
  (found: CostRule): CostRule =>
  (amounts, declared) =>
    (declared.listsJobs ? found : unknown)(amounts, declared);
const completedWhenListed = ({ listsJobs }: Declared) => (listsJobs ? null : "SUBMIT_UNKNOWN");

/** Longer than a submit takes on a busy machine. */
const DEADLINE_SECONDS = 8;
const untilDeadline = { deadline_seconds: DEADLINE_SECONDS };
/** A part of a unit with an odd number of micro-USD, and at some prices a fraction of one. */
const PART = 0.3337;
const neverFinish = { name: "never_finish" };
const lost = { name: "submit_500_html", times: 1 };

async function cancelledOnce(bench: EndBench, isReady: (status: Awaited<ReturnType<EndBench["status"]>>) => boolean) {
  const id = await bench.submit();
  await bench.when(id, isReady);
  await bench.cancel(id);
  return id;
}

const cancelledAtProvider = (bench: EndBench) => cancelledOnce(bench, ({ status }) => status === "processing");

/** Two equal calls: the second one follows the first, which is in flight. */
async function followerOf(bench: EndBench, fields: object = {}): Promise<{ leader: string; follower: string }> {
  const leader = await bench.submit({ cache: "use" });
  const follower = await bench.submit({ cache: "use", ...fields });
  return { leader, follower };
}

const followed = async (bench: EndBench) => (await followerOf(bench)).follower;

const SHARED: End[] = [
  {
    what: "gets an output from the cache",
    ...{ stage: "shared", code: null, cost: untouched },
    async run(bench) {
      await bench.ended(await bench.submit({ cache: "use" }));
      return bench.submit({ cache: "use" });
    },
  },
  {
    what: "joins an equal request, which completes",
    ...{ stage: "shared", code: null, cost: untouched, run: followed },
    disasters: [{ name: "submit_slow", seconds: 3 }],
  },
];

const NO_SUBMIT: End[] = [
  {
    what: "is cancelled before its next submit",
    ...{ stage: "no submit", code: "CANCELLED", cost: untouched },
    disasters: [{ name: "submit_429", retry_after: 60 }],
    run: (bench) => cancelledOnce(bench, ({ attempts }) => attempts[0]?.outcome === "rejected"),
  },
  {
    what: "is cancelled while it waits for an equal request",
    ...{ stage: "no submit", code: "CANCELLED", cost: untouched, disasters: [neverFinish] },
    async run(bench) {
      const { leader, follower } = await followerOf(bench);
      await bench.when(leader, ({ status }) => status === "processing");
      await bench.cancel(follower);
      return follower;
    },
  },
  {
    what: "waits for an equal request until its deadline",
    ...{ stage: "no submit", code: "PROVIDER_TIMEOUT", cost: untouched, disasters: [neverFinish] },
    run: async (bench) => (await followerOf(bench, untilDeadline)).follower,
  },
  {
    what: "loses its key before its next submit",
    ...{ stage: "no submit", code: "PROVIDER_NOT_CONFIGURED", cost: untouched },
    // Long enough for a busy machine to take the key away before the next submit.
    disasters: [{ name: "submit_429", times: 1, retry_after: 10 }],
    exists: ({ callerKeyHeader }) => callerKeyHeader !== null,
    async run(bench) {
      const id = await bench.submit({}, { key: "the-key-of-the-caller" });
      await bench.when(id, ({ attempts }) => attempts[0]?.outcome === "rejected");
      await bench.forgetKey(id);
      return id;
    },
  },
  {
    what: "takes over from an equal request, and has no budget for it",
    ...{ stage: "no submit", code: "BUDGET_EXCEEDED", cost: untouched, disasters: [neverFinish] },
    async run(bench) {
      const limited = await bench.withOwnKey();
      const { leader, follower } = await followerOf(limited);
      await bench.when(leader, ({ status }) => status === "processing");
      await limited.limitTo(0.000001);
      await bench.cancel(leader);
      return follower;
    },
  },
  {
    what: "waits for an equal request, which ends with an unknown charge",
    ...{ stage: "no submit", code: "SUBMIT_UNKNOWN", cost: untouched, disasters: [{ name: "submit_hang" }] },
    ...{ exists: ({ listsJobs }) => !listsJobs, run: followed },
  },
];

const SUBMITTED: End[] = [
  {
    what: "has an input that the provider refuses",
    ...{ stage: "submit refused", code: "VALIDATION_ERROR", cost: released, fields: { model: "misdescribed" } },
    lastSubmit: ["rejected", "accepted"],
  },
  {
    what: "has a key that the provider refuses",
    ...{ stage: "submit refused", code: "PROVIDER_ERROR", cost: released },
    exists: ({ callerKeyHeader }) => callerKeyHeader !== null,
    run: (bench) => bench.submit({}, { key: "invalid" }),
  },
  {
    what: "is refused, and may be submitted again only after its deadline",
    ...{ stage: "submit refused", code: "RATE_LIMIT_ERROR", cost: released, fields: untilDeadline },
    disasters: [{ name: "submit_429", retry_after: 60 }],
  },
  {
    what: "is submitted without an answer, and the provider made no job",
    ...{ stage: "submit lost", code: "SUBMIT_UNKNOWN", cost: unknown, disasters: [lost] },
  },
  {
    what: "is submitted without an answer, and the provider made a job",
    ...{ stage: "submit lost", code: completedWhenListed, cost: whenListed(paid) },
    disasters: [{ name: "submit_drop_after_accept" }],
  },
  {
    what: "is cancelled while the provider is searched for its job",
    ...{ stage: "submit lost", code: "SUBMIT_UNKNOWN", cost: unknown, disasters: [lost] },
    exists: ({ listsJobs }) => listsJobs,
    run: (bench) => cancelledOnce(bench, ({ charge_state }) => charge_state === "unknown"),
  },
  {
    what: "has an unknown charge, and a person says that it was billed",
    ...{ stage: "submit lost", code: "SUBMIT_UNKNOWN", cost: () => charged(1234, "caller"), disasters: [lost] },
    run: (bench) => bench.settled({ outcome: "charged", cost_usd: 0.001234 }),
  },
  {
    what: "has an unknown charge, and a person says that it was not billed",
    ...{ stage: "submit lost", code: "SUBMIT_UNKNOWN", cost: released, disasters: [lost] },
    run: (bench) => bench.settled({ outcome: "released" }),
  },
  {
    what: "has an unknown charge until its hold ends",
    ...{ stage: "submit lost", code: "SUBMIT_UNKNOWN", cost: free("unknown"), disasters: [lost] },
    run: (bench) => bench.heldTooLong(),
  },
];

const AT_THE_PROVIDER: End[] = [
  {
    what: "is cancelled in the provider's queue",
    ...{ stage: "queued at the provider", code: "CANCELLED", cost: released },
    ...{ disasters: [{ name: "never_start" }], run: cancelledAtProvider },
  },
  {
    what: "is in the provider's queue at its deadline",
    ...{ stage: "queued at the provider", code: "PROVIDER_TIMEOUT", cost: released },
    ...{ disasters: [{ name: "never_start" }], fields: untilDeadline },
  },
  {
    what: "is cancelled while it renders",
    ...{ stage: "rendering", code: "CANCELLED", cost: stated("cancelled") },
    ...{ disasters: [neverFinish], run: cancelledAtProvider },
  },
  {
    what: "is cancelled while it renders, and the provider bills a part",
    ...{ stage: "rendering", code: "CANCELLED", cost: stated("cancelled") },
    ...{ disasters: [neverFinish, { name: "cancel_billed", units: PART }], run: cancelledAtProvider },
  },
  {
    what: "renders until its deadline",
    ...{ stage: "rendering", code: "PROVIDER_TIMEOUT", cost: stated("cancelled") },
    ...{ disasters: [neverFinish], fields: untilDeadline },
  },
  {
    what: "renders until its deadline, and the provider bills a part",
    ...{ stage: "rendering", code: "PROVIDER_TIMEOUT", cost: stated("cancelled") },
    ...{ disasters: [neverFinish, { name: "cancel_billed", units: PART }], fields: untilDeadline },
  },
  {
    what: "kills each worker that polls its job",
    ...{ stage: "rendering", code: "INTERNAL_ERROR", cost: unknown, disasters: [neverFinish] },
    ...{ killsWorkers: true, run: (bench) => bench.deadly() },
  },
  {
    what: "fails at the provider, which bills nothing",
    ...{ stage: "failed at the provider", code: "PROVIDER_ERROR", cost: stated("failed") },
    disasters: [{ name: "fail" }],
  },
  {
    what: "fails at the provider, which bills a part",
    ...{ stage: "failed at the provider", code: "PROVIDER_ERROR", cost: stated("failed") },
    disasters: [{ name: "fail", units: PART }],
  },
  {
    what: "has a prompt that the provider's policy refuses",
    ...{ stage: "failed at the provider", code: "CONTENT_POLICY_VIOLATION", cost: stated("failed") },
    fields: { prompt: "a content policy test" },
  },
  {
    what: "has an output that the provider's policy refuses",
    ...{ stage: "failed at the provider", code: "CONTENT_POLICY_VIOLATION", cost: stated("failed") },
    disasters: [{ name: "late_moderation" }],
  },
  {
    what: "is rendered without an output",
    ...{ stage: "failed at the provider", code: "PROVIDER_ERROR", cost: paid, disasters: [{ name: "output_missing" }] },
  },
];

const RENDERED: End[] = [
  {
    what: "has an output that is too large to keep",
    ...{ stage: "copying the output", code: "OUTPUT_UNAVAILABLE", cost: paid },
    disasters: [{ name: "output_oversized", bytes: 12_000_000 }],
  },
  {
    what: "is cancelled while its output is copied",
    ...{ stage: "copying the output", code: null, cost: paid, disasters: [{ name: "output_404", times: 3 }] },
    run: (bench) => cancelledOnce(bench, ({ charge_state }) => charge_state === "charged"),
  },
  {
    what: "has its deadline while its output is copied",
    ...{ stage: "copying the output", code: null, cost: paid, disasters: [{ name: "output_truncated", times: 6 }] },
    // Longer than a render takes on a busy machine, and shorter than the pauses after six copies that fail (47 s).
    ...{ fields: { deadline_seconds: 40 }, isUrgent: true },
  },
  { what: "completes", stage: "completed", code: null, cost: paid },
  {
    what: "is refused for now, submitted again, and completes",
    ...{ stage: "completed", code: null, cost: paid, submits: 2 },
    disasters: [{ name: "submit_429", times: 1, retry_after: 1 }],
  },
  {
    what: "takes over from an equal request that was cancelled",
    ...{ stage: "completed", code: null, cost: paid, submits: 2, disasters: [{ ...neverFinish, times: 1 }] },
    async run(bench) {
      const { leader, follower } = await followerOf(bench);
      await bench.when(leader, ({ status }) => status === "processing");
      await bench.cancel(leader);
      return follower;
    },
  },
];

export const ENDS: readonly End[] = [...SHARED, ...NO_SUBMIT, ...SUBMITTED, ...AT_THE_PROVIDER, ...RENDERED];
