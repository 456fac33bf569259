/** One attempt of one delivery: to the receiver it was born for, under the same id and with the same bytes every time. */

import { type AttemptResult, afterAttempt, afterEndpointAttempt, type Delivery } from "@visgate/shared/delivery";
import type { RequestRecord, RequestRef } from "@visgate/shared/request";
import type { StoredDelivery } from "@visgate/shared/store";
import { jitter } from "@visgate/shared/units";
import type { Deps } from "../deps.js";
import { advance, finish, type Outcome, sleep } from "../outcome.js";
import { eventBody } from "./body.js";
import { findReceiver, type Receiver } from "./receiver.js";
import { sendWebhook } from "./send.js";

/** After so many worker deaths during one attempt, the attempt counts as failed, and the next one waits its delay. */
const MAX_DEATHS = 3;

export async function deliver(deps: Deps, ref: RequestRef): Promise<Outcome> {
  const stored = await deps.store.deliveries.get(ref);
  if (stored === null || stored.doc.state !== "pending") return finish;
  const request = await deps.store.requests.get({ organization: ref.organization, id: stored.doc.requestId });
  if (request === null) return finish;
  if ((stored.deaths ?? 0) >= MAX_DEATHS) return note(deps, stored, diedAttempt(deps));
  const receiver = await findReceiver(deps, stored.doc, request.doc);
  if (receiver.kind === "none") return giveUp(deps, stored, receiver.why);
  const slot = deps.receiverSlots.enter(receiver.url);
  if (typeof slot === "number") return sleep(slot);
  const result = await send(deps, stored.doc, request.doc, receiver).finally(slot);
  return note(deps, stored, { ...result, url: receiver.url });
}

type Found = Extract<Receiver, { kind: "found" }>;

async function send(deps: Deps, delivery: Delivery, request: RequestRecord, { url, secrets }: Found) {
  const body = await eventBody(deps, delivery, request);
  return sendWebhook(deps, { id: delivery.eventId, url, secrets, body });
}

/** It says nothing about the health of an endpoint, so it is about no URL. */
function diedAttempt(deps: Deps): Sent {
  const error = "The worker process ended during this attempt, several times in a row.";
  return { at: deps.clock.now(), by: deps.settings.actor, httpStatus: null, ms: 0, error, retryAfterMs: null, url: "" };
}

type Sent = AttemptResult & Pick<Found, "url">;

async function note(deps: Deps, stored: StoredDelivery, { url, ...result }: Sent): Promise<Outcome> {
  const { delivery, retryInMs } = afterAttempt(stored.doc, result, deps.settings.webhookRetrySeconds);
  const delayMs = retryInMs === null ? null : jitterAfter(retryInMs, result.retryAfterMs ?? 0, deps.random());
  const nextAttemptAt = delayMs === null ? null : deps.clock.now() + delayMs;
  const saved = await deps.store.deliveries.save(stored.rev, { ...delivery, nextAttemptAt }, delayMs);
  logAttempt(deps, delivery, result);
  await noteHealth(deps, delivery, { ...result, url });
  if (!saved) return rejoin(deps, delivery);
  return delayMs === null ? finish : sleep(delayMs);
}

/** Somebody else saved it meanwhile, or our own save was sent twice: what is kept says when the next attempt is. */
async function rejoin(deps: Deps, delivery: Delivery): Promise<Outcome> {
  const nextAttemptAt = (await deps.store.deliveries.get(delivery))?.doc.nextAttemptAt ?? null;
  return nextAttemptAt === null ? advance : sleep(nextAttemptAt - deps.clock.now());
}

/** Jitter may shorten our own wait, never the one the receiver asked for. */
function jitterAfter(retryInMs: number, askedMs: number, random: number): number {
  return Math.max(jitter(retryInMs, random), Math.min(askedMs, retryInMs));
}

/** There is nobody to send it to: an attempt that says so, and no further one. */
async function giveUp(deps: Deps, { rev, doc }: StoredDelivery, why: string): Promise<Outcome> {
  const noted = { at: deps.clock.now(), by: deps.settings.actor, httpStatus: null, ms: 0, error: why };
  const attempts = [...doc.attempts, noted];
  const abandoned: Delivery = { ...doc, state: "abandoned", attempts, nextAttemptAt: null };
  const saved = await deps.store.deliveries.save(rev, abandoned, null);
  logAttempt(deps, abandoned, noted);
  return saved ? finish : advance;
}

/** An endpoint that is gone, or has failed for days, gets nothing more until its owner says so. */
async function noteHealth(deps: Deps, delivery: Delivery, { at, url, httpStatus }: Sent): Promise<void> {
  if (delivery.endpointId === null) return;
  const attempted = { at, url, httpStatus, isDelivered: delivery.state === "delivered" };
  await deps.store.endpoints.update(delivery.organization, delivery.endpointId, (endpoint) =>
    afterEndpointAttempt(endpoint, attempted, deps.settings.disableAfterMs),
  );
}

type Noted = Pick<AttemptResult, "httpStatus" | "error" | "ms">;

function logAttempt(deps: Deps, delivery: Delivery, { httpStatus, error, ms }: Noted): void {
  deps.metrics.countDelivery(delivery.state);
  const { id, organization, requestId, endpointId, type, state, attempts } = delivery;
  const what = { deliveryId: id, organization, requestId, endpointId, type, state, attempt: attempts.length };
  deps.log.info({ ...what, httpStatus, error, ms }, "delivery");
}
