/** The acceptance of a request as the span that sends a message to its queue. The worker's steps are its children. */
import { messagingAttributes, type Tracing } from "@visgate/shared/tracing";
import type { Submitted } from "./accept-request.js";

export function traceSend(tracing: Tracing, queue: string, run: () => Promise<Submitted>): Promise<Submitted> {
  if (!tracing.isOn) return run();
  const attributes = messagingAttributes({ operation: "send", type: "send", queue });
  return tracing.span(`send ${queue}`, { kind: "producer", attributes }, async (span) => {
    const submitted = await run();
    const { record, replayed } = submitted;
    span.set({
      "messaging.message.id": record.id,
      "visgate.model": record.model,
      "visgate.cache_reason": record.cache.reason,
      "visgate.replayed": replayed,
    });
    return submitted;
  });
}
