import { createAlarms } from "./alarms.js";
import { endOf, type Job } from "./job.js";
import type { LedgerEvent } from "./ledger.js";
import { post, type Verdict, type WebhookMessage } from "./post.js";

/** What a message must look like. A forged one claims success whatever the outcome, under another key. */
export interface MessageContext {
  now: number;
  /** When the message says it was sent. */
  stampedAt: number;
  forged: boolean;
  /** `completed`, or the name of a `JobEvent`. */
  event: string;
  /** The address of this process, as the caller reached it. */
  url: string;
}

/** An event of a job other than its end. It is sent once and not tried again. */
export interface JobEvent {
  event: string;
  at: number;
}

/** How a provider sends webhooks about a job. */
export interface ProviderWebhook {
  /** The seconds between the attempts to send the end; the attempt after the last wait is the last one. */
  retrySeconds: readonly number[];
  /** Called for each attempt, because the message contains the time. */
  message(job: Job, context: MessageContext): WebhookMessage;
  /** The events other than the end, as far as they are known now. */
  events?(job: Job): JobEvent[];
}

export interface WebhookParts {
  now(): number;
  url: string;
  webhookOf(job: Job): ProviderWebhook | null;
  commit(event: LedgerEvent): Promise<void>;
}

export interface Webhooks {
  /** Sets the timers of the job's webhooks, or moves them to the times that are known now. */
  schedule(job: Job): void;
  close(): void;
}

/** A job with a webhook. */
interface Target {
  job: Job;
  hook: ProviderWebhook;
  to: string;
}

/** The event of a job's end. */
const END = "completed";
const DEFAULT_LATE_SECONDS = 5;
const STALE_MS = 3600_000;

/** When to send the end; null while it is not known, or if the caller did not ask for it. */
function endWebhookAt(job: Job): number | null {
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
  const scheduledEvents = new Set<string>();
  const closing = new AbortController();

  async function send({ job, hook, to }: Target, how: Partial<MessageContext> = {}): Promise<Verdict> {
    const at = now();
    const context = { now: at, stampedAt: at, forged: false, event: END, url: job.reachedAt ?? url, ...how };
    return post(to, hook.message(job, context), closing.signal);
  }

  async function attempt(target: Target): Promise<Verdict> {
    const { job, hook } = target;
    const verdict = await send(target);
    if (closing.signal.aborted) return verdict;
    const attempts = (job.webhook?.attempts ?? 0) + 1;
    const done = verdict !== "retry" || attempts > hook.retrySeconds.length;
    await commit({ type: "webhook", id: job.id, at: now(), ok: verdict === "ok", done });
    return verdict;
  }

  async function sendFalse(target: Target): Promise<void> {
    const { id, webhook, disasters } = target.job;
    const name = disasters.webhook?.name;
    if (webhook || (name !== "webhook_forged" && name !== "webhook_stale")) return;
    const how = name === "webhook_forged" ? { forged: true } : { stampedAt: now() - STALE_MS };
    const ok = (await send(target, how)) === "ok";
    if (!closing.signal.aborted) await commit({ type: "false_webhook", id, at: now(), ok });
  }

  async function deliver(target: Target): Promise<void> {
    const { job, hook } = target;
    await sendFalse(target);
    const verdict = await attempt(target);
    if (verdict === "ok" && job.disasters.webhook?.name === "webhook_duplicate") await attempt(target);
    underWay.delete(job.id);
    const wait = hook.retrySeconds[(job.webhook?.attempts ?? 1) - 1];
    if (!job.webhook?.done && wait !== undefined) wakeAt(target, now() + wait * 1000);
  }

  function wakeAt(target: Target, at: number): void {
    const { id } = target.job;
    alarms.set(id, at, () => {
      underWay.add(id);
      deliver(target).catch(() => underWay.delete(id));
    });
  }

  function scheduleEnd(target: Target): void {
    const { job } = target;
    const at = endWebhookAt(job);
    const waitsForRetry = job.webhook && alarms.has(job.id);
    if (at === null || job.webhook?.done || underWay.has(job.id) || waitsForRetry) return;
    wakeAt(target, job.webhook ? now() : at);
  }

  function sendEvent(target: Target, event: string): void {
    // The job may have been cancelled since the timer was set; then only its end is sent.
    const isDue = target.hook.events?.(target.job).some((each) => each.event === event);
    if (isDue) send(target, { event }).catch(() => undefined);
  }

  function scheduleEvents(target: Target): void {
    for (const { event, at } of target.hook.events?.(target.job) ?? []) {
      const name = `${target.job.id} ${event}`;
      if (scheduledEvents.has(name) || at < openedAt) continue;
      scheduledEvents.add(name);
      alarms.set(name, at, () => sendEvent(target, event));
    }
  }

  return {
    schedule(job) {
      const hook = webhookOf(job);
      if (!hook || !job.webhookUrl || job.disasters.webhook?.name === "webhook_never") return;
      const target = { job, hook, to: job.webhookUrl };
      scheduleEvents(target);
      scheduleEnd(target);
    },
    close() {
      closing.abort();
      alarms.close();
    },
  };
}
