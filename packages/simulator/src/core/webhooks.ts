import { endOf, type Job, jobState } from "./job.js";
import type { LedgerEvent } from "./ledger.js";

const TIMEOUT_MS = 15_000;
/** Ten attempts over about two hours. */
export const RETRY_DELAYS_SECONDS = [1, 5, 15, 60, 180, 420, 900, 1800, 3600];
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface WebhookMessage {
  headers: Record<string, string>;
  body: string;
}

export interface WebhookParts {
  now(): number;
  /** Built anew for each attempt, since it carries the time. */
  message(job: Job): WebhookMessage;
  commit(event: LedgerEvent): Promise<void>;
}

export interface Webhooks {
  /** Sets or moves the timer of a job's webhook to the job's end as it is now known. */
  schedule(job: Job): void;
  close(): void;
}

type Verdict = "ok" | "retry" | "final";

async function post(url: string, { headers, body }: WebhookMessage, closing: AbortSignal): Promise<Verdict> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
    await response.body?.cancel();
    if (response.ok) return "ok";
    return response.status >= 300 && response.status < 400 ? "final" : "retry";
  } catch {
    return "retry";
  }
}

export function createWebhooks({ now, message, commit }: WebhookParts): Webhooks {
  const timers = new Map<string, NodeJS.Timeout>();
  const underWay = new Set<string>();
  const closing = new AbortController();

  function wakeAt(job: Job, at: number): void {
    clearTimeout(timers.get(job.id));
    if (closing.signal.aborted) return;
    const delayMs = Math.min(Math.max(0, at - now()), MAX_TIMER_MS);
    timers.set(
      job.id,
      setTimeout(() => wake(job), delayMs),
    );
  }

  async function attempt(job: Job): Promise<Verdict> {
    const verdict = await post(job.webhookUrl ?? "", message(job), closing.signal);
    if (closing.signal.aborted) return verdict;
    const attempts = (job.webhook?.attempts ?? 0) + 1;
    const done = verdict !== "retry" || attempts > RETRY_DELAYS_SECONDS.length;
    await commit({ type: "webhook", id: job.id, at: now(), ok: verdict === "ok", done });
    return verdict;
  }

  async function deliver(job: Job): Promise<void> {
    timers.delete(job.id);
    underWay.add(job.id);
    const verdict = await attempt(job);
    if (verdict === "ok" && job.disasters.webhook?.name === "webhook_duplicate") await attempt(job);
    underWay.delete(job.id);
    const wait = RETRY_DELAYS_SECONDS[(job.webhook?.attempts ?? 1) - 1];
    if (!job.webhook?.done && wait !== undefined) wakeAt(job, now() + wait * 1000);
  }

  function wake(job: Job): void {
    // A timer may fire a millisecond early, and a wait beyond the longest timer ends here too.
    if (jobState(job, now()).phase !== "done") schedule(job);
    else deliver(job).catch(() => underWay.delete(job.id));
  }

  function schedule(job: Job): void {
    const end = endOf(job);
    if (!end || !job.webhookUrl || job.webhook?.done || job.disasters.webhook?.name === "webhook_never") return;
    const waitsForRetry = job.webhook && timers.has(job.id);
    if (!underWay.has(job.id) && !waitsForRetry) wakeAt(job, job.webhook ? now() : end.at);
  }

  return {
    schedule,
    close() {
      closing.abort();
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
