/** Creates, changes and removes an organization's webhook endpoints, and replaces their secrets. */

import { randomBytes } from "node:crypto";
import type {
  createEndpointBody,
  rotateSecretBody,
  updateEndpointBody,
  WebhookEndpointView,
} from "@visgate/shared/contract";
import type { WebhookEndpoint } from "@visgate/shared/delivery";
import { invalid, VisgateError } from "@visgate/shared/errors";
import type { Actor } from "@visgate/shared/organization";
import { DEFAULT_EVENT_TYPES } from "@visgate/shared/request";
import { newWebhookSecret } from "@visgate/shared/runtime";
import { checkUrl } from "@visgate/shared/runtime/net";
import { MAX_ENDPOINTS } from "@visgate/shared/store";
import { isoTime } from "@visgate/shared/units";
import type { z } from "zod";
import type { Deps } from "../deps.js";

const DEFAULT_OVERLAP_SECONDS = 86_400;

/** Only this one answer shows the secret. */
export type WithSecret = WebhookEndpointView & { secret: string };

/** Whose endpoint, and who changes it. */
export interface EndpointCommand {
  organization: string;
  id: string;
  by: Actor;
}

export async function createEndpoint(
  deps: Deps,
  { organization, by }: Omit<EndpointCommand, "id">,
  body: z.infer<typeof createEndpointBody>,
): Promise<WithSecret> {
  const url = checkedUrl(deps, body.url);
  const secret = newWebhookSecret(randomBytes);
  const id = `we_${deps.newRequestId()}`;
  const endpoint: WebhookEndpoint = {
    ...{ v: 1, id, organization, url, description: body.description ?? null },
    events: unique(body.events ?? DEFAULT_EVENT_TYPES),
    disabledReason: body.enabled === false ? "by_caller" : null,
    createdAt: deps.clock.now(),
    failingSince: null,
    secret: deps.secrets.encrypt(secret, id),
    previousSecret: null,
  };
  const { events, disabledReason } = endpoint;
  const details = { url, events, enabled: disabledReason === null };
  const audit = { action: "webhook_endpoint.created", by, at: endpoint.createdAt, target: id, details } as const;
  if (!(await deps.store.endpoints.add(endpoint, audit))) {
    throw invalid("url", `There may be at most ${MAX_ENDPOINTS} webhook endpoints; remove one first.`, {
      maximum: MAX_ENDPOINTS,
    });
  }
  return { ...endpointView(deps, endpoint), secret };
}

export async function listEndpoints(deps: Deps, organization: string): Promise<WebhookEndpointView[]> {
  const endpoints = await deps.store.endpoints.list(organization);
  return endpoints.map((endpoint) => endpointView(deps, endpoint));
}

export async function findEndpoint(deps: Deps, organization: string, id: string): Promise<WebhookEndpointView> {
  return endpointView(deps, found(await deps.store.endpoints.get(organization, id)));
}

export async function updateEndpoint(
  deps: Deps,
  { organization, id, by }: EndpointCommand,
  body: z.infer<typeof updateEndpointBody>,
): Promise<WebhookEndpointView> {
  const url = body.url === undefined ? undefined : checkedUrl(deps, body.url);
  const change = (endpoint: WebhookEndpoint): WebhookEndpoint => ({
    ...endpoint,
    url: url ?? endpoint.url,
    events: unique(body.events ?? endpoint.events),
    description: body.description === undefined ? endpoint.description : body.description,
    ...switched(endpoint, { url, enabled: body.enabled }),
  });
  const details = { ...body, ...(url === undefined ? {} : { url }) };
  const audit = { action: "webhook_endpoint.updated", by, at: deps.clock.now(), target: id, details } as const;
  const updated = await deps.store.endpoints.update(organization, id, change, audit);
  return endpointView(deps, found(updated));
}

type State = Pick<WebhookEndpoint, "disabledReason" | "failingSince">;

/** Enabling an endpoint clears its failures, and so does a new URL, because the failures belong to the old one. */
function switched(
  endpoint: WebhookEndpoint,
  { url = endpoint.url, enabled }: { url: string | undefined; enabled: boolean | undefined },
): State {
  const failingSince = enabled === true || url !== endpoint.url ? null : endpoint.failingSince;
  if (enabled === true) return { disabledReason: null, failingSince };
  const disabledReason = endpoint.disabledReason ?? (enabled === false ? "by_caller" : null);
  return { disabledReason, failingSince };
}

export async function deleteEndpoint(deps: Deps, { organization, id, by }: EndpointCommand): Promise<void> {
  const audit = { action: "webhook_endpoint.deleted", by, at: deps.clock.now(), target: id, details: {} } as const;
  if (!(await deps.store.endpoints.remove(organization, id, audit))) throw endpointNotFound();
}

export async function rotateSecret(
  deps: Deps,
  { organization, id, by }: EndpointCommand,
  { overlap_seconds: overlapSeconds = DEFAULT_OVERLAP_SECONDS }: z.infer<typeof rotateSecretBody>,
): Promise<WithSecret> {
  const secret = newWebhookSecret(randomBytes);
  const encrypted = deps.secrets.encrypt(secret, id);
  const at = deps.clock.now();
  const until = at + overlapSeconds * 1000;
  const change = (endpoint: WebhookEndpoint): WebhookEndpoint => ({
    ...endpoint,
    secret: encrypted,
    previousSecret: overlapSeconds === 0 ? null : { secret: endpoint.secret, until },
  });
  const action = "webhook_endpoint.secret_rotated" as const;
  const audit = { action, by, at, target: id, details: { overlapSeconds } };
  const rotated = await deps.store.endpoints.update(organization, id, change, audit);
  return { ...endpointView(deps, found(rotated)), secret };
}

function found(endpoint: WebhookEndpoint | null): WebhookEndpoint {
  if (endpoint === null) throw endpointNotFound();
  return endpoint;
}

export const endpointNotFound = () => new VisgateError("NOT_FOUND", "There is no such webhook endpoint.");

/** The URL in the form in which it was checked. */
function checkedUrl(deps: Deps, text: string): string {
  const { href, fault } = checkUrl(text, deps.settings.urlPolicy);
  if (fault !== null) throw invalid("url", `url ${fault}.`, "https URL");
  return href;
}

const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];

function endpointView(deps: Deps, endpoint: WebhookEndpoint): WebhookEndpointView {
  const { id, url, events, description, disabledReason, createdAt, failingSince, previousSecret } = endpoint;
  const rotates = previousSecret !== null && previousSecret.until > deps.clock.now();
  return {
    ...{ id, url, events, description },
    enabled: disabledReason === null,
    disabled_reason: disabledReason,
    created_at: isoTime(createdAt),
    failing_since: failingSince === null ? null : isoTime(failingSince),
    secret_rotates_until: rotates ? isoTime(previousSecret.until) : null,
  };
}
