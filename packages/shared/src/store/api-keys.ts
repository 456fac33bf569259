/** API keys. Only their SHA-256 is stored, so a copy of Redis contains no usable key. */
import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { Keys } from "./keys.js";

export interface ApiKey {
  id: string;
  organization: string;
  organizationName: string;
  name: string;
}

export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

export function createApiKeys(redis: Redis, keys: Keys) {
  return {
    async find(keyHash: string): Promise<ApiKey | null> {
      const found = await redis.hget(keys.apiKeys(), keyHash);
      return found === null ? null : JSON.parse(found);
    },

    /** The earlier key with the same id stops working. */
    async register(keyHash: string, apiKey: ApiKey): Promise<void> {
      const earlier = await redis.hget(keys.apiKeyIds(), apiKey.id);
      const change = redis.multi();
      if (earlier !== null && earlier !== keyHash) change.hdel(keys.apiKeys(), earlier);
      change.hset(keys.apiKeys(), keyHash, JSON.stringify(apiKey)).hset(keys.apiKeyIds(), apiKey.id, keyHash);
      await change.exec();
    },

    async registerOrganization(organization: string): Promise<void> {
      await redis.sadd(keys.organizations(), organization);
    },
  };
}

export type ApiKeyStore = ReturnType<typeof createApiKeys>;

/** Registers the default organization, and VISGATE_API_KEY as its key. */
export async function registerDefaultOrganization(apiKeys: ApiKeyStore, bootstrapKey: string | null): Promise<void> {
  const organization = "default";
  await apiKeys.registerOrganization(organization);
  if (bootstrapKey === null) return;
  const apiKey = { id: "bootstrap", organization, organizationName: organization, name: "VISGATE_API_KEY" };
  await apiKeys.register(hashApiKey(bootstrapKey), apiKey);
}
