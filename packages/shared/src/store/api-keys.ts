/**
 * API keys in Redis. Only their SHA-256 is stored, so a copy of Redis contains no usable key. The document of a key is
 * with its organization, and decides. The index finds it by the hash of the key.
 */
import type { Redis } from "ioredis";
import { type ApiKey, BOOTSTRAP_KEY_ID, hashApiKey, prefixOf, SCOPES } from "../organization/api-key.js";
import type { AuditEntry } from "../organization/audit.js";
import { DEFAULT_ORGANIZATION, type Organization } from "../organization/organization.js";
import type { Keys } from "./keys.js";
import type { OrganizationStore } from "./organizations.js";
import type { Scripts } from "./scripts.js";
import { changeSetting, createSettings } from "./settings.js";

/** The maximum per organization. */
export const MAX_API_KEYS = 1000;

/** How many keys a process finds without the index. */
const MAX_PLACES = 10_000;

type Place = Pick<ApiKey, "organization" | "id">;

/** An API key with its organization. */
export interface FoundKey {
  apiKey: ApiKey;
  organization: Organization;
}

export function createApiKeys(redis: Redis, keys: Keys, scripts: Scripts, organizations: OrganizationStore) {
  const docs = createSettings<ApiKey>({ redis, keys, scripts, keyOf: keys.apiKeysOf, maximum: MAX_API_KEYS });
  const index = keys.apiKeyIndex();
  /** By hash. The document decides, so an old place does no harm; in a cluster the index may be away alone. */
  const places = new Map<string, Place>();

  async function findAt({ organization: owner, id }: Place, hash: string): Promise<FoundKey | null> {
    const [apiKey, organization] = await Promise.all([docs.get(owner, id), organizations.get(owner)]);
    return apiKey?.hash === hash && organization !== null ? { apiKey, organization } : null;
  }

  async function lookUp(hash: string): Promise<FoundKey | null> {
    const indexed = await redis.hget(index, hash);
    places.delete(hash);
    if (indexed === null) return null;
    const place: Place = JSON.parse(indexed);
    if (places.size >= MAX_PLACES) places.clear();
    places.set(hash, place);
    return findAt(place, hash);
  }

  return {
    async find(hash: string): Promise<FoundKey | null> {
      const known = places.get(hash);
      return (known === undefined ? null : await findAt(known, hash)) ?? lookUp(hash);
    },

    /** False when the organization has the maximum number. The earlier key with the same id stops working. */
    async save(apiKey: ApiKey, audit: AuditEntry | null): Promise<boolean> {
      const { organization, id, hash } = apiKey;
      const { before, isFull } = await changeSetting(docs, { organization, id }, (existing) =>
        existing?.hash === hash ? null : { after: apiKey, audit },
      );
      if (isFull) return false;
      await redis.hset(index, hash, JSON.stringify({ organization, id }));
      if (before !== null && before.hash !== hash) await redis.hdel(index, before.hash);
      return true;
    },

    /** False when there is no such key. */
    async remove(organization: string, id: string, audit: AuditEntry): Promise<boolean> {
      const { before } = await changeSetting(docs, { organization, id }, (existing) =>
        existing === null ? null : { after: null, audit },
      );
      if (before === null) return false;
      await redis.hdel(index, before.hash);
      await redis.hdel(keys.keyUse(organization), id);
      return true;
    },

    get: docs.get,

    /** Oldest first. */
    async list(organization: string): Promise<ApiKey[]> {
      const all = await docs.list(organization);
      return all.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    },

    /** When each key was last used (ms), by id. */
    async lastUses(organization: string): Promise<Map<string, number>> {
      const uses = await redis.hgetall(keys.keyUse(organization));
      return new Map(Object.entries(uses).map(([id, at]) => [id, Number(at)]));
    },

    async noteUse({ organization, id }: ApiKey, at: number): Promise<void> {
      await redis.hset(keys.keyUse(organization), id, at);
    },
  };
}

export type ApiKeyStore = ReturnType<typeof createApiKeys>;

export interface Registries {
  organizations: Pick<OrganizationStore, "ensure">;
  apiKeys: Pick<ApiKeyStore, "save">;
}

/** Registers the default organization, and VISGATE_API_KEY as its key. */
export async function registerDefaultOrganization(
  { organizations, apiKeys }: Registries,
  bootstrapKey: string | null,
  now: number,
): Promise<void> {
  await organizations.ensure(DEFAULT_ORGANIZATION, now);
  if (bootstrapKey === null) return;
  const apiKey: ApiKey = {
    ...{ v: 1, id: BOOTSTRAP_KEY_ID, organization: DEFAULT_ORGANIZATION, name: "VISGATE_API_KEY" },
    ...{ hash: hashApiKey(bootstrapKey), prefix: prefixOf(bootstrapKey), scopes: SCOPES },
    ...{ models: null, requestsPerMinute: null, createdAt: now, expiresAt: null },
  };
  await apiKeys.save(apiKey, null);
}
