import { createAlarms } from "./alarms.js";
import { endOf, type Job } from "./job.js";
import type { LedgerEvent } from "./ledger.js";
import { post, type Verdict, type WebhookMessage } from "./post.js";

/** How a message is to look. A forged one claims success, whatever became of the job, under another key. */
export interface Telling {
  now: number;
  /** When the message says it was sent. */
  stampedAt: number;
  forged: boolean;
  /** `completed`, or that of a note. */
  event: string;
  /** Where this process is reached. */
  url: string;
}

/** Something told about a job besides its end, once and never again. */
export interface Note {
  event: string;
  at: number;
}

/** How a provider tells a caller about a job. */
export interface ProviderWebhook {
  /** The waits between attempts to tell the end, in seconds; after the last of them it is given up. */
  retrySeconds: readonly number[];
  /** Built anew for each attempt, since it carries the time. */
  message(job: Job, telling: Telling): WebhookMessage;
  /** As far as is known now. */
  notes?(job: Job): Note[];
}

export interface WebhookParts {
  now(): number;
  url: string;
  webhookOf(job: Job): ProviderWebhook | null;
  commit(event: LedgerEvent): Promise<void>;
}

export interface Webhooks {
  /** Sets the timers of what is to be told of a job, or moves them to what is known now. */
  schedule(job: Job): void;
  close(): void;
}

/** A job with a webhook. */
interface Subject {
  job: Job;
  hook: ProviderWebhook;
  to: string;
}

/** The event that is the end of a job. */
const END = "completed";
const DEFAULT_LATE_SECONDS = 5;
const STALE_MS = 3600_000;

/** When the end is to be told; null while it is not known, or if the caller did not ask for it. */
function tellAt(job: Job): number | null {
  const end = endOf(job);
  if (!end || !(job.webhookEvents ?? [END]).includes(END)) return null;
  const disaster = job.disasters.webhook;
  const lateSeconds = disaster?.name === "webhook_late" ? (disaster.seconds ?? DEFAULT_LATE_SECONDS) : 0;
  return end.at + lateSeconds * 1000;
}

export function createWebhooks({ now, url, webhookOf, commit }: WebhookParts): Webhooks {
  const openedAt = now();
  const alarms = createAlarms(now);
  const underWay = new Set<string>();
  const noted = new Set<string>();
  const closing = new AbortController();

  async function send({ job, hook, to }: Subject, how: Partial<Telling> = {}): Promise<Verdict> {
    const at = now();
    const telling = { now: at, stampedAt: at, forged: false, event: END, url, ...how };
    return post(to, hook.message(job, telling), closing.signal);
  }

  async function attempt(subject: Subject): Promise<Verdict> {
    const { job, hook } = subject;
    const verdict = await send(subject);
    if (closing.signal.aborted) return verdict;
    const attempts = (job.webhook?.attempts ?? 0) + 1;
    const done = verdict !== "retry" || attempts > hook.retrySeconds.length;
    await commit({ type: "webhook", id: job.id, at: now(), ok: verdict === "ok", done });
    return verdict;
  }

  async function sendFalse(subject: Subject): Promise<void> {
    const { id, webhook, disasters } = subject.job;
    const name = disasters.webhook?.name;
    if (webhook || (name !== "webhook_forged" && name !== "webhook_stale")) return;
    const how = name === "webhook_forged" ? { forged: true } : { stampedAt: now() - STALE_MS };
    const ok = (await send(subject, how)) === "ok";
    if (!closing.signal.aborted) await commit({ type: "false_webhook", id, at: now(), ok });
  }

  async function deliver(subject: Subject): Promise<void> {
    const { job, hook } = subject;
    await sendFalse(subject);
    const verdict = await attempt(subject);
    if (verdict === "ok" && job.disasters.webhook?.name === "webhook_duplicate") await attempt(subject);
    underWay.delete(job.id);
    const wait = hook.retrySeconds[(job.webhook?.attempts ?? 1) - 1];
    if (!job.webhook?.done && wait !== undefined) wakeAt(subject, now() + wait * 1000);
  }

  function wakeAt(subject: Subject, at: number): void {
    const { id } = subject.job;
    alarms.set(id, at, () => {
      underWay.add(id);
      deliver(subject).catch(() => underWay.delete(id));
    });
  }

  function scheduleEnd(subject: Subject): void {
    const { job } = subject;
    const at = tellAt(job);
    const waitsForRetry = job.webhook && alarms.has(job.id);
    if (at === null || job.webhook?.done || underWay.has(job.id) || waitsForRetry) return;
    wakeAt(subject, job.webhook ? now() : at);
  }

  function sendNote(subject: Subject, event: string): void {
    // The job may have been cancelled meanwhile, and then there is no more to tell of than its end.
    const stands = subject.hook.notes?.(subject.job).some((note) => note.event === event);
    if (stands) send(subject, { event }).catch(() => undefined);
  }

  function scheduleNotes(subject: Subject): void {
    for (const { event, at } of subject.hook.notes?.(subject.job) ?? []) {
      const name = `${subject.job.id} ${event}`;
      if (noted.has(name) || at < openedAt) continue;
      noted.add(name);
      alarms.set(name, at, () => sendNote(subject, event));
    }
  }

  return {
    schedule(job) {
      const hook = webhookOf(job);
      if (!hook || !job.webhookUrl || job.disasters.webhook?.name === "webhook_never") return;
      const subject = { job, hook, to: job.webhookUrl };
      scheduleNotes(subject);
      scheduleEnd(subject);
    },
    close() {
      closing.abort();
      alarms.close();
    },
  };
}
