import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { NodeContext } from "./mishaps.js";

const HEADERS = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" };

export interface EventStream {
  headers: Record<string, string>;
  /** The connection is closed without an end when so many events were sent; absent: never. */
  cutAfter?: number | undefined;
}

/** Sends each text as one server-sent event, until there are no more or the caller closes the connection. */
export async function sendEvents(
  c: NodeContext,
  events: AsyncIterable<string>,
  { headers, cutAfter }: EventStream,
): Promise<Response> {
  const { outgoing } = c.env;
  let sent = 0;
  outgoing.writeHead(200, { ...HEADERS, ...headers });
  outgoing.flushHeaders();
  for await (const event of events) {
    if (outgoing.destroyed) break;
    // Waits until the event has left this process: a cut would otherwise take it along.
    await new Promise((resolve) => outgoing.write(`data: ${event}\n\n`, resolve));
    sent += 1;
    if (sent === cutAfter) outgoing.destroy();
  }
  outgoing.end();
  return RESPONSE_ALREADY_SENT;
}
