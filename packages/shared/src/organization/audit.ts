/** The audit log: who changed the keys, budgets, endpoints and settings of an organization, and when. */

export const AUDIT_ACTIONS = [
  "api_key.created",
  "api_key.deleted",
  "budget.set",
  "budget.deleted",
  "organization.created",
  "organization.updated",
  "provider_key.set",
  "provider_key.deleted",
  "request.settled",
  "secret.rotated",
  "webhook_endpoint.created",
  "webhook_endpoint.updated",
  "webhook_endpoint.deleted",
  "webhook_endpoint.secret_rotated",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who acts: an API key, the operator (the admin key), or the gateway by itself. */
export type Actor = { kind: "api_key"; id: string } | { kind: "admin" } | { kind: "system" };

export interface AuditEntry {
  action: AuditAction;
  by: Actor;
  at: number;
  /** The id of what was changed. */
  target: string;
  /** What changed, without any secret. */
  details: Record<string, unknown>;
}
