/** Makes one attempt of one delivery: always to the same receiver, under the same id and with the same bytes. */
import {
  type AttemptResult,
  afterAttempt,
  afterEndpointAttempt,
  type Delivery,
  isStopped,
  sentAgain,
} from "@visgate/shared/delivery";
import type { RequestRef } from "@visgate/shared/request";
import type { StoredDelivery } from "@visgate/shared/store";
import { jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { advance, finish, type Outcome, sleep } from "../outcome.js";
import { traceDelivery } from "../trace-step.js";
import { messageOf } from "./message.js";
import { readEvent } from "./read-event.js";
import { findReceiver } from "./receiver.js";
import { sendWebhook } from "./send.js";

/** After this many worker deaths during one attempt, the attempt counts as failed and the next one follows later. */
const MAX_DEATHS = 3;

export async function deliver(deps: Deps, ref: RequestRef): Promise<Outcome> {
  const stored = await deps.store.deliveries.get(ref);
  if (stored === null || stored.doc.state !== "pending") return finish;
  const found = await readEvent(deps, stored.doc);
  if (found === null) return finish;
  if ((stored.deaths ?? 0) >= MAX_DEATHS) return save(deps, stored, diedAttempt(deps));
  const receiver = await findReceiver(deps, stored.doc, found.ownUrl);
  if (receiver.kind === "none") return abandon(deps, stored, receiver.why);
  const { url, secrets } = receiver;
  const releaseSlot = deps.receiverSlots.enter(url);
  if (typeof releaseSlot === "number") return sleep(releaseSlot);
  const message = { id: stored.doc.eventId, url, secrets, ...messageOf(deps, stored.doc, found) };
  return traceDelivery(deps.tracing, { delivery: stored.doc, record: found.request }, async () => {
    const result = await sendWebhook(deps, message).finally(releaseSlot);
    return save(deps, stored, { ...result, url });
  });
}

/** Without a URL, because a worker death says nothing about the health of an endpoint. */
function diedAttempt(deps: Deps): AttemptAtUrl {
  const error = "The worker process ended during this attempt, several times in a row.";
  return { at: deps.clock.now(), by: deps.settings.actor, httpStatus: null, ms: 0, error, retryAfterMs: null, url: "" };
}

type AttemptAtUrl = AttemptResult & { url: string };

async function save(deps: Deps, stored: StoredDelivery, { url, ...result }: AttemptAtUrl): Promise<Outcome> {
  const { delivery, retryInMs } = afterAttempt(stored.doc, result, deps.settings.webhookRetrySeconds);
  const delayMs = retryInMs === null ? null : jitterAfter(retryInMs, result.retryAfterMs ?? 0, deps.random());
  const nextAttemptAt = delayMs === null ? null : deps.clock.now() + delayMs;
  const saved = await deps.store.deliveries.save(stored.rev, { ...delivery, nextAttemptAt }, delayMs);
  logAttempt(deps, delivery, result);
  await updateHealth(deps, delivery, { ...result, url });
  if (!saved) return sleepUntilNextAttempt(deps, delivery);
  return delayMs === null ? finish : sleep(delayMs);
}

/** Another worker saved it first, or our own save was sent twice. The stored delivery says what comes next. */
async function sleepUntilNextAttempt(deps: Deps, delivery: Delivery): Promise<Outcome> {
  const nextAttemptAt = (await deps.store.deliveries.get(delivery))?.doc.nextAttemptAt ?? null;
  return nextAttemptAt === null ? advance : sleep(nextAttemptAt - deps.clock.now());
}

/** Jitter may shorten our own delay, but never the delay that the receiver asked for. */
function jitterAfter(retryInMs: number, askedMs: number, random: number): number {
  return Math.max(jitter(retryInMs, random), Math.min(askedMs, retryInMs));
}

/** Without a receiver, one last attempt records why and no further attempt follows. */
async function abandon(deps: Deps, { rev, doc }: StoredDelivery, why: string): Promise<Outcome> {
  const last = { at: deps.clock.now(), by: deps.settings.actor, httpStatus: null, ms: 0, error: why };
  const attempts = [...doc.attempts, last];
  const abandoned: Delivery = { ...doc, state: "abandoned", attempts, nextAttemptAt: null };
  const saved = await deps.store.deliveries.save(rev, abandoned, null);
  logAttempt(deps, abandoned, last);
  return saved && !(await wasEnabled(deps, doc)) ? finish : advance;
}

/**
 * The endpoint may have been enabled while the delivery was given up. The deliveries that were stopped before that may
 * be sent again already, so this one has to be sent again here. True when it is, or another process did it.
 */
async function wasEnabled(deps: Deps, { organization, id, endpointId }: Delivery): Promise<boolean> {
  const endpoint = endpointId === null ? null : await deps.store.endpoints.get(organization, endpointId);
  if (endpoint === null || endpoint.disabledReason !== null) return false;
  const stored = await deps.store.deliveries.get({ organization, id });
  if (stored === null || (stored.doc.state === "abandoned" && !isStopped(stored.doc))) return false;
  if (isStopped(stored.doc)) await deps.store.deliveries.save(stored.rev, sentAgain(stored.doc), 0);
  return true;
}

/** An endpoint that answered 410, or has failed for days, is disabled until its owner enables it again. */
async function updateHealth(deps: Deps, delivery: Delivery, { at, url, httpStatus }: AttemptAtUrl): Promise<void> {
  if (delivery.endpointId === null) return;
  const attempted = { at, url, httpStatus, isDelivered: delivery.state === "delivered" };
  await deps.store.endpoints.update(delivery.organization, delivery.endpointId, (endpoint) =>
    afterEndpointAttempt(endpoint, attempted, deps.settings.disableAfterMs),
  );
}

type LoggedAttempt = Pick<AttemptResult, "httpStatus" | "error" | "ms">;

function logAttempt(deps: Deps, delivery: Delivery, { httpStatus, error, ms }: LoggedAttempt): void {
  deps.metrics.countDelivery(delivery.state);
  const { id, organization, requestId, endpointId, type, state, attempts } = delivery;
  const what = { deliveryId: id, organization, requestId, endpointId, type, state, attempt: attempts.length };
  deps.log.info({ ...what, httpStatus, error, ms, trace_id: deps.tracing.current().traceId }, "delivery");
}
