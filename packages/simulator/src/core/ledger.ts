import { type Job, jobState } from "./job.js";
import { type Upload, uploadKey } from "./uploads.js";

/** One submit as it arrived, accepted or not. */
export interface Submit {
  seq: number;
  at: number;
  provider: string;
  endpoint: string;
  provider_request_id: string | null;
  body: unknown;
  headers: Record<string, string>;
  /** The `seq` of an earlier submit to this provider with the same `Idempotency-Key`; null if there is none. */
  replay_of: number | null;
  /** `accepted`, `rejected: …`, or the name of the disaster that spoilt it. */
  outcome: string;
}

/** The events in the journal. Polls and reads of results are counted in memory only. */
export type LedgerEvent =
  | { type: "submit"; submit: Submit; job: Job | null }
  | { type: "rendered"; id: string; rendered: NonNullable<Job["rendered"]> }
  | { type: "render_failed"; id: string; renderFailed: NonNullable<Job["renderFailed"]> }
  | { type: "cancelled"; id: string; at: number }
  | { type: "deleted"; id: string; at: number }
  | { type: "webhook"; id: string; at: number; ok: boolean; done: boolean }
  | { type: "false_webhook"; id: string; at: number; ok: boolean }
  | { type: "upload"; upload: Upload }
  | { type: "reset"; at: number };

export interface Ledger {
  jobs: Map<string, Job>;
  submits: Submit[];
  /** By `uploadKey` of the address under which a later submit names the file. */
  uploads: Map<string, Upload>;
  /** Jobs accepted since the last reset. Older jobs continue but are not counted. */
  counted: Set<string>;
  nextSeq: number;
  polls: number;
  results: number;
  cancels: number;
  uploaded: number;
  /** Submits that repeat the `Idempotency-Key` of an earlier one. */
  replays: number;
  /** The `seq` of the first submit with an `Idempotency-Key`, by `keyOf`. */
  keys: Map<string, number>;
  /** `false_…`: forged and stale webhooks, which a receiver should refuse. */
  webhooks: { sent: number; ok: number; false_sent: number; false_ok: number };
}

const NO_WEBHOOKS = { sent: 0, ok: 0, false_sent: 0, false_ok: 0 };

export const createLedger = (): Ledger => ({
  jobs: new Map(),
  submits: [],
  uploads: new Map(),
  counted: new Set(),
  nextSeq: 1,
  polls: 0,
  results: 0,
  cancels: 0,
  uploaded: 0,
  replays: 0,
  keys: new Map(),
  webhooks: { ...NO_WEBHOOKS },
});

function reset(ledger: Ledger): void {
  const { jobs, uploads } = ledger;
  Object.assign(ledger, createLedger(), { jobs, uploads });
}

type KeyedSubmit = Pick<Submit, "provider" | "headers">;

const keyOf = ({ provider, headers }: KeyedSubmit): string | null => {
  const key = headers["idempotency-key"];
  return key === undefined ? null : `${provider} ${key}`;
};

/** The `seq` of the submit that this one repeats, by its `Idempotency-Key`; null if it repeats none. */
export const replayOf = ({ keys }: Ledger, submit: KeyedSubmit): number | null => keys.get(keyOf(submit) ?? "") ?? null;

function recordSubmit(ledger: Ledger, submit: Submit, job: Job | null): void {
  ledger.submits.push(submit);
  ledger.nextSeq = Math.max(ledger.nextSeq, submit.seq + 1);
  const key = keyOf(submit);
  if (key !== null && !ledger.keys.has(key)) ledger.keys.set(key, submit.seq);
  // A journal of an earlier version does not have the field.
  if ((submit.replay_of ?? null) !== null) ledger.replays += 1;
  if (!job) return;
  ledger.jobs.set(job.id, job);
  ledger.counted.add(job.id);
}

function recordWebhook(ledger: Ledger, job: Job | undefined, ok: boolean, done: boolean): void {
  ledger.webhooks.sent += 1;
  if (ok) ledger.webhooks.ok += 1;
  if (job) job.webhook = { attempts: (job.webhook?.attempts ?? 0) + 1, done };
}

function recordFalseWebhook({ webhooks }: Ledger, ok: boolean): void {
  webhooks.false_sent += 1;
  if (ok) webhooks.false_ok += 1;
}

function recordUpload(ledger: Ledger, upload: Upload): void {
  ledger.uploads.set(uploadKey(upload.address), upload);
  ledger.uploaded += 1;
}

/** The only place where an event changes the ledger. To replay a journal, call it for every line. */
export function apply(ledger: Ledger, event: LedgerEvent): void {
  const job = "id" in event ? ledger.jobs.get(event.id) : undefined;
  switch (event.type) {
    case "submit":
      recordSubmit(ledger, event.submit, event.job);
      break;
    case "rendered":
      if (job) job.rendered = event.rendered;
      break;
    case "render_failed":
      if (job) job.renderFailed = event.renderFailed;
      break;
    case "cancelled":
      ledger.cancels += 1;
      if (job) job.cancelledAt ??= event.at;
      break;
    case "deleted":
      if (job) job.deletedAt ??= event.at;
      break;
    case "webhook":
      recordWebhook(ledger, job, event.ok, event.done);
      break;
    case "false_webhook":
      recordFalseWebhook(ledger, event.ok);
      break;
    case "upload":
      recordUpload(ledger, event.upload);
      break;
    case "reset":
      reset(ledger);
  }
}

/** Drops every event of a job submitted, or of a file uploaded, before `since`. */
export function withoutOld(events: readonly LedgerEvent[], since: number): LedgerEvent[] {
  const young = new Set<string>();
  return events.filter((event) => {
    if (event.type === "reset") return event.at >= since;
    if (event.type === "upload") return event.upload.at >= since;
    if (event.type !== "submit") return young.has(event.id);
    if (event.job && event.submit.at >= since) young.add(event.job.id);
    return event.submit.at >= since;
  });
}

function countJobs(ledger: Ledger, now: number): Record<"queued" | "running" | "completed" | "failed", number> {
  const counts = { queued: 0, running: 0, completed: 0, failed: 0 };
  for (const id of ledger.counted) {
    const job = ledger.jobs.get(id);
    if (!job) continue;
    const state = jobState(job, now);
    if (state.phase === "done") counts[state.outcome.kind === "media" ? "completed" : "failed"] += 1;
    else counts[state.phase] += 1;
  }
  return counts;
}

export function statistics(ledger: Ledger, now: number): Record<string, unknown> {
  const byEndpoint: Record<string, number> = {};
  for (const { endpoint } of ledger.submits) byEndpoint[endpoint] = (byEndpoint[endpoint] ?? 0) + 1;
  const { polls, results, cancels, uploaded, replays, webhooks } = ledger;
  const submits = { submits: ledger.submits.length, by_endpoint: byEndpoint, replays };
  const calls = { ...submits, polls, results, cancels, uploads: uploaded };
  return { ...calls, webhooks, jobs: countJobs(ledger, now) };
}
