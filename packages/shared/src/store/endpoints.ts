/** Webhook endpoints in Redis, changed only by compare-and-set. Scripts read their subscriptions. */
import type { Redis } from "ioredis";
import type { WebhookEndpoint } from "../delivery/endpoint.js";
import type { AuditEntry } from "../organization/audit.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";

/** The maximum per organization: each event is a delivery to each of them. */
export const MAX_ENDPOINTS = 20;

interface Change {
  /** As it was read; "" for a new one. */
  before: string;
  after: WebhookEndpoint | null;
  /** Null for a change that nobody made by hand. */
  audit: AuditEntry | null;
}

export function createEndpoints(redis: Redis, keys: Keys, scripts: Scripts) {
  return { list, get, add, update, remove };

  /** Oldest first. */
  async function list(organization: string): Promise<WebhookEndpoint[]> {
    const texts = await redis.hvals(keys.endpoints(organization));
    return texts.map(parse).sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  async function get(organization: string, id: string): Promise<WebhookEndpoint | null> {
    const text = await redis.hget(keys.endpoints(organization), id);
    return text === null ? null : parse(text);
  }

  /** False when the organization has the maximum number. */
  async function add(endpoint: WebhookEndpoint, audit: AuditEntry | null = null): Promise<boolean> {
    return (await save(endpoint.organization, endpoint.id, { before: "", after: endpoint, audit })) === 1;
  }

  /** The endpoint after the change; null when there is none. `change` may be called several times. */
  async function update(
    organization: string,
    id: string,
    change: (endpoint: WebhookEndpoint) => WebhookEndpoint,
    audit: AuditEntry | null = null,
  ): Promise<WebhookEndpoint | null> {
    for (;;) {
      const text = await redis.hget(keys.endpoints(organization), id);
      if (text === null) return null;
      const before = parse(text);
      const after = change(before);
      if (after === before || (await save(organization, id, { before: text, after, audit })) === 1) return after;
    }
  }

  /** False when there is no such endpoint. */
  async function remove(organization: string, id: string, audit: AuditEntry | null = null): Promise<boolean> {
    for (;;) {
      const text = await redis.hget(keys.endpoints(organization), id);
      if (text === null) return false;
      if ((await save(organization, id, { before: text, after: null, audit })) === 1) return true;
    }
  }

  async function save(organization: string, id: string, { before, after, audit }: Change) {
    const events = after === null || after.disabledReason !== null ? "" : after.events.join(",");
    return scripts.saveEndpoint({
      keys: [
        keys.endpoints(organization),
        keys.subscriptions(organization),
        keys.missedEvents(organization),
        keys.feedSequence(organization),
        keys.audit(organization),
      ],
      args: [
        ...[id, before, after === null ? "" : JSON.stringify(after), events, MAX_ENDPOINTS],
        audit === null ? "" : JSON.stringify(audit),
      ],
    });
  }
}

const parse = (text: string): WebhookEndpoint => JSON.parse(text);
