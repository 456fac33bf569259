/** Who is calling: `Authorization: Bearer vg-…`, looked up by hash and remembered for a few seconds. */

import type { Clock } from "@visgate/shared/domain/clock";
import { VisgateError } from "@visgate/shared/domain/errors";
import { type ApiKey, type ApiKeyStore, hashApiKey } from "@visgate/shared/store/api-keys";
import { createMiddleware } from "hono/factory";
import type { Env } from "./route.js";

/** A revoked key works at most this much longer. */
const REMEMBER_MS = 5000;
const MAX_REMEMBERED = 10_000;

export function createAuthentication(apiKeys: ApiKeyStore, clock: Clock) {
  const remembered = new Map<string, { apiKey: ApiKey; until: number }>();

  async function find(keyHash: string): Promise<ApiKey | null> {
    const known = remembered.get(keyHash);
    if (known !== undefined && known.until > clock.now()) return known.apiKey;
    const apiKey = await apiKeys.find(keyHash);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    if (apiKey === null) remembered.delete(keyHash);
    else remembered.set(keyHash, { apiKey, until: clock.now() + REMEMBER_MS });
    return apiKey;
  }

  return createMiddleware<Env>(async (c, next) => {
    const key = bearerKey(c.req.header("authorization"));
    const apiKey = key === null ? null : await find(hashApiKey(key));
    if (apiKey === null) throw refusal(key);
    c.set("apiKey", apiKey);
    await next();
  });
}

function bearerKey(header: string | undefined): string | null {
  return /^Bearer\s+(\S+)\s*$/i.exec(header ?? "")?.[1] ?? null;
}

function refusal(key: string | null): VisgateError {
  const message =
    key === null ? "Send your API key as Authorization: Bearer vg-…." : "This API key is unknown or was revoked.";
  return new VisgateError("AUTHENTICATION_ERROR", message);
}
