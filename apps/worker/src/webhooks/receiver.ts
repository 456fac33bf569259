/** Where a delivery is sent, and the secrets that sign it. */
import { type Delivery, ENDPOINT_DISABLED, type WebhookEndpoint } from "@visgate/shared/delivery";
import type { Deps } from "../deps.js";

export type Receiver =
  /** Several secrets while receivers may have an old one. */
  { kind: "found"; url: string; secrets: string[] } | { kind: "none"; why: string };

type ReceiverDeps = Pick<Deps, "store" | "secrets" | "clock">;

/** `ownUrl`: the `webhook_url` of the request. */
export async function findReceiver(
  deps: ReceiverDeps,
  { organization, endpointId }: Delivery,
  ownUrl: string | null,
): Promise<Receiver> {
  if (endpointId === null) {
    return { kind: "found", url: ownUrl ?? "", secrets: deps.secrets.webhookSecrets(organization) };
  }
  const endpoint = await deps.store.endpoints.get(organization, endpointId);
  if (endpoint === null) return { kind: "none", why: "The endpoint was removed." };
  if (endpoint.disabledReason !== null) return { kind: "none", why: ENDPOINT_DISABLED };
  const secrets = secretsOf(deps, endpoint);
  if (secrets === null)
    return { kind: "none", why: "The endpoint's secret cannot be read; was VISGATE_SECRET changed?" };
  return { kind: "found", url: endpoint.url, secrets };
}

function secretsOf(deps: ReceiverDeps, { id, secret, previousSecret }: WebhookEndpoint): string[] | null {
  const isOverlapping = previousSecret !== null && previousSecret.until > deps.clock.now();
  const encrypted = isOverlapping ? [secret, previousSecret.secret] : [secret];
  try {
    return encrypted.map((text) => deps.secrets.decrypt(text, id));
  } catch {
    return null;
  }
}
