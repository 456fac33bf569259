/** For tests of webhooks: reads what receivers got, and calls the API, over real HTTP. */
import { Webhook } from "standardwebhooks";
import {
  type DeliveryView,
  type RequestWebhookEvent,
  requestWebhookEvent,
} from "../../packages/shared/src/contract/delivery.js";
import type { Caller } from "./caller.js";
import type { Received, Receiver } from "./receiver.js";
import { until } from "./until.js";

export interface ReceivedEvent {
  /** The webhook-id. */
  id: string;
  event: RequestWebhookEvent;
  got: Received;
}

export function parseWebhook(got: Received): ReceivedEvent {
  return { id: got.headers["webhook-id"] ?? "", event: requestWebhookEvent.parse(JSON.parse(got.body)), got };
}

export function isSignedWith(secret: string, { body, headers }: Received): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

/** The items by their key. */
export function groupBy<T>(items: T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

/** Waits for `count` webhooks of a request. Resolves to all its webhooks so far, in the order of the feed. */
export function eventsReceived(receiver: Receiver, requestId: string, count: number): Promise<ReceivedEvent[]> {
  return until(`${count} webhooks of ${requestId}`, () => {
    const events = receiver.received.map(parseWebhook).filter(({ event }) => event.data.id === requestId);
    return events.length >= count && events.toSorted((a, b) => a.event.sequence - b.event.sequence);
  });
}

/** Registers an endpoint. Returns it with its secret. */
export async function registerEndpoint(caller: Caller, body: object): Promise<{ id: string; secret: string }> {
  const answer = await caller.call("POST", "/webhook-endpoints", { body });
  if (answer.status !== 201) throw new Error(`registering answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export async function deliveriesOf(caller: Caller, requestId: string): Promise<DeliveryView[]> {
  return (await caller.call("GET", `/requests/${requestId}/deliveries`)).body.deliveries;
}
