/** A request as it is accepted, before any worker has touched it. */
import type { RequestRecord } from "./request.js";

const untouched = () => ({
  v: 1 as const,
  status: "pending" as const,
  startedAt: null,
  completedAt: null,
  attempts: 0,
  intent: null,
  providerRequestId: null,
  awaitsWebhook: false,
  cancelRequestedAt: null,
  missingSince: null,
  progress: null,
  queuePosition: null,
  rendered: null,
  outputs: [],
  failure: null,
  chargeState: "none" as const,
  costMicro: 0,
  costSource: null,
});

export function newRequest(what: Omit<RequestRecord, keyof ReturnType<typeof untouched>>): RequestRecord {
  return { ...untouched(), ...what };
}
