/** Creates, lists and removes API keys of an organization. A key gives only what it has itself. */

import { randomBytes } from "node:crypto";
import type { ApiKeyView, ApiKeyWithSecret, CreateApiKeyBody } from "@visgate/shared/contract";
import { invalid, VisgateError } from "@visgate/shared/errors";
import {
  type Actor,
  type ApiKey,
  BOOTSTRAP_KEY_ID,
  hashApiKey,
  newApiKey,
  prefixOf,
  SCOPES,
} from "@visgate/shared/organization";
import { MAX_API_KEYS } from "@visgate/shared/store";
import { isoTime } from "@visgate/shared/units";
import type { Deps } from "../deps.js";

/** What the caller may give to a new key. */
export type Grants = Pick<ApiKey, "scopes" | "models" | "expiresAt" | "requestsPerMinute">;

/** The operator may give everything. */
export const ALL_GRANTS: Grants = { scopes: SCOPES, models: null, expiresAt: null, requestsPerMinute: null };

export interface NewKeyCommand {
  organization: string;
  by: Actor;
  grants: Grants;
  body: CreateApiKeyBody;
}

export async function createApiKey(deps: Deps, command: NewKeyCommand): Promise<ApiKeyWithSecret> {
  const { organization, by, body } = command;
  const at = deps.clock.now();
  const key = newApiKey(randomBytes);
  const apiKey: ApiKey = {
    ...{ v: 1, id: `key_${deps.newRequestId()}`, organization, name: body.name },
    ...{ hash: hashApiKey(key), prefix: prefixOf(key), createdAt: at },
    scopes: grantedScopes(command),
    models: grantedModels(deps, command),
    requestsPerMinute: grantedRate(command),
    expiresAt: grantedExpiry(command, at),
  };
  const { id, name, scopes, models, requestsPerMinute, expiresAt } = apiKey;
  const details = { name, scopes, models, requestsPerMinute, expiresAt };
  const audit = { action: "api_key.created", by, at, target: id, details } as const;
  if (await deps.store.apiKeys.save(apiKey, audit)) return { ...apiKeyView(apiKey, null), key };
  throw invalid("name", `There may be at most ${MAX_API_KEYS} API keys; delete one first.`, { maximum: MAX_API_KEYS });
}

function grantedScopes({ body, grants }: NewKeyCommand): ApiKey["scopes"] {
  const asked = body.scopes ?? grants.scopes;
  const excess = asked.find((scope) => !grants.scopes.includes(scope));
  if (excess === undefined) return SCOPES.filter((scope) => asked.includes(scope));
  throw invalid("scopes", `scopes: your key lacks ${excess}, so it cannot give it.`, grants.scopes);
}

function grantedModels(deps: Deps, { body, grants }: NewKeyCommand): ApiKey["models"] {
  if (body.models == null) return grants.models;
  const allowed = grants.models ?? [...deps.catalogue.keys()];
  const excess = body.models.find((model) => !allowed.includes(model));
  if (excess === undefined) return [...new Set(body.models)];
  const why = grants.models === null ? `there is no model ${excess}` : `your key may not use ${excess}`;
  throw invalid("models", `models: ${why}.`, allowed);
}

function grantedRate({ body, grants }: NewKeyCommand): number | null {
  const rate = body.requests_per_minute ?? grants.requestsPerMinute;
  if (rate === null || grants.requestsPerMinute === null || rate <= grants.requestsPerMinute) return rate;
  const message = "requests_per_minute: your key has a lower limit.";
  throw invalid("requests_per_minute", message, { maximum: grants.requestsPerMinute });
}

function grantedExpiry({ body, grants }: NewKeyCommand, now: number): number | null {
  if (body.expires_at == null) return grants.expiresAt;
  const expiresAt = Date.parse(body.expires_at);
  if (expiresAt <= now) throw invalid("expires_at", "expires_at must be in the future.");
  if (grants.expiresAt === null || expiresAt <= grants.expiresAt) return expiresAt;
  throw invalid("expires_at", "expires_at: your key expires before that.", { maximum: isoTime(grants.expiresAt) });
}

export async function listApiKeys({ store }: Deps, organization: string): Promise<ApiKeyView[]> {
  const [keys, uses] = await Promise.all([store.apiKeys.list(organization), store.apiKeys.lastUses(organization)]);
  return keys.map((apiKey) => apiKeyView(apiKey, uses.get(apiKey.id) ?? null));
}

export interface DeleteKeyCommand {
  organization: string;
  id: string;
  by: Actor;
}

export async function deleteApiKey(deps: Deps, { organization, id, by }: DeleteKeyCommand): Promise<void> {
  if (id === BOOTSTRAP_KEY_ID) {
    const message = "This key is set by VISGATE_API_KEY; only the operator can change it there.";
    throw new VisgateError("FORBIDDEN", message, { field: "id" });
  }
  const audit = { action: "api_key.deleted", by, at: deps.clock.now(), target: id, details: {} } as const;
  if (!(await deps.store.apiKeys.remove(organization, id, audit))) {
    throw new VisgateError("NOT_FOUND", "There is no such API key.");
  }
}

function apiKeyView(apiKey: ApiKey, lastUsedAt: number | null): ApiKeyView {
  const { id, name, prefix, scopes, models, requestsPerMinute, createdAt, expiresAt } = apiKey;
  return {
    ...{ id, name, key_prefix: prefix },
    created_at: isoTime(createdAt),
    last_used_at: lastUsedAt === null ? null : isoTime(lastUsedAt),
    ...{ scopes: [...scopes], models: models === null ? null : [...models] },
    requests_per_minute: requestsPerMinute,
    expires_at: expiresAt === null ? null : isoTime(expiresAt),
  };
}
