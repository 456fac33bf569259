/** The queues: one per provider, so that one provider's trouble is not another's, and two of our own. */
export const WEBHOOKS_QUEUE = "webhooks";
export const MAINTENANCE_QUEUE = "maintenance";

/** BullMQ's keys of one queue share a hash tag of their own, so that queues spread over a cluster. */
export function queuePrefix(queue: string, prefix = "vg"): string {
  return `{${prefix}-${queue}}`;
}
