import { type Job, jobState } from "./job.js";

/** One submit as it arrived, whatever became of it. */
export interface Submit {
  seq: number;
  at: number;
  provider: string;
  endpoint: string;
  provider_request_id: string | null;
  body: unknown;
  headers: Record<string, string>;
  /** `accepted`, `rejected: …`, or the name of the disaster that answered. */
  outcome: string;
}

/** Everything the journal holds. Polls and reads of results are counted in memory only. */
export type LedgerEvent =
  | { type: "submit"; submit: Submit; job: Job | null }
  | { type: "rendered"; id: string; rendered: NonNullable<Job["rendered"]> }
  | { type: "render_failed"; id: string; renderFailed: NonNullable<Job["renderFailed"]> }
  | { type: "cancelled"; id: string; at: number }
  | { type: "webhook"; id: string; at: number; ok: boolean; done: boolean }
  | { type: "reset"; at: number };

export interface Ledger {
  jobs: Map<string, Job>;
  submits: Submit[];
  /** Jobs accepted since the last reset; older ones go on but are not counted. */
  counted: Set<string>;
  nextSeq: number;
  polls: number;
  results: number;
  cancels: number;
  webhooks: { sent: number; ok: number };
}

export const createLedger = (): Ledger => ({
  jobs: new Map(),
  submits: [],
  counted: new Set(),
  nextSeq: 1,
  polls: 0,
  results: 0,
  cancels: 0,
  webhooks: { sent: 0, ok: 0 },
});

function reset(ledger: Ledger): void {
  Object.assign(ledger, { submits: [], counted: new Set(), nextSeq: 1, polls: 0, results: 0, cancels: 0 });
  ledger.webhooks = { sent: 0, ok: 0 };
}

function recordSubmit(ledger: Ledger, submit: Submit, job: Job | null): void {
  ledger.submits.push(submit);
  ledger.nextSeq = Math.max(ledger.nextSeq, submit.seq + 1);
  if (!job) return;
  ledger.jobs.set(job.id, job);
  ledger.counted.add(job.id);
}

function recordWebhook(ledger: Ledger, job: Job | undefined, ok: boolean, done: boolean): void {
  ledger.webhooks.sent += 1;
  if (ok) ledger.webhooks.ok += 1;
  if (job) job.webhook = { attempts: (job.webhook?.attempts ?? 0) + 1, done };
}

/** The one place where an event changes anything; replaying a journal is calling this for every line. */
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
    case "webhook":
      recordWebhook(ledger, job, event.ok, event.done);
      break;
    case "reset":
      reset(ledger);
  }
}

/** What is still worth keeping: nothing about jobs submitted before `since`. */
export function withoutOld(events: readonly LedgerEvent[], since: number): LedgerEvent[] {
  const young = new Set<string>();
  return events.filter((event) => {
    if (event.type === "reset") return event.at >= since;
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
  const { polls, results, cancels, webhooks } = ledger;
  const jobs = countJobs(ledger, now);
  return { submits: ledger.submits.length, by_endpoint: byEndpoint, polls, results, cancels, webhooks, jobs };
}
