/**
 * The steps of a request, and the attempts of its webhooks, as spans in the trace of its call. Wake-ups that only looked
 * and found nothing new leave no span: a render of ten minutes would otherwise have hundreds.
 */
import type { Delivery } from "@visgate/shared/delivery";
import { WEBHOOKS_QUEUE } from "@visgate/shared/queue";
import type { RequestRecord } from "@visgate/shared/request";
import { messagingAttributes, type Tracing } from "@visgate/shared/tracing";
import type { Outcome } from "./outcome.js";
import type { StepName } from "./pick-step.js";

type Run = () => Promise<Outcome>;

/** A step that sleeps is kept only if it called the provider for more than a look (provider/call.ts). */
export function traceStep(tracing: Tracing, record: RequestRecord, step: StepName, run: Run): Promise<Outcome> {
  const { traceparent: parent, provider: queue, id } = record;
  if (!tracing.isOn || parent === undefined) return run();
  const attributes = {
    ...messagingAttributes({ operation: step, type: "process", queue, id }),
    ...attributesOf(record),
    "visgate.attempts": record.attempts,
  };
  return tracing.span(`${step} ${queue}`, { kind: "consumer", parent, attributes, isOptional: true }, async (span) => {
    const outcome = await run();
    span.set({ "visgate.outcome": outcome.kind });
    if (outcome.kind !== "sleep") span.keep();
    return outcome;
  });
}

/** One attempt of a delivery. `record`: null for an alert, which belongs to no request. */
export function traceDelivery(
  tracing: Tracing,
  { delivery, record }: { delivery: Delivery; record: RequestRecord | null },
  run: Run,
): Promise<Outcome> {
  const parent = record?.traceparent;
  if (!tracing.isOn || record === null || parent === undefined) return run();
  const attributes = {
    ...messagingAttributes({ operation: "deliver", type: "process", queue: WEBHOOKS_QUEUE, id: delivery.id }),
    ...attributesOf(record),
    "visgate.event": delivery.type,
    "visgate.delivery_attempt": delivery.attempts.length + 1,
  };
  return tracing.span(`deliver ${WEBHOOKS_QUEUE}`, { kind: "consumer", parent, attributes }, run);
}

const attributesOf = ({ id, organization, model }: RequestRecord) => ({
  "visgate.request_id": id,
  "visgate.organization": organization,
  "visgate.model": model,
});
