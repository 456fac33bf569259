/** Organizations in Redis: the document of each, and the list of all. */
import type { Redis } from "ioredis";
import type { AuditEntry } from "../organization/audit.js";
import { newOrganization, type Organization } from "../organization/organization.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";
import { changeSetting, createSettings } from "./settings.js";

const DOC = "doc";

export function createOrganizations(redis: Redis, keys: Keys, scripts: Scripts) {
  const docs = createSettings<Organization>({ redis, keys, scripts, keyOf: keys.organization, maximum: 1 });

  /** Null when there is none with this id. */
  const get = (id: string): Promise<Organization | null> => docs.get(id, DOC);

  /** False when it exists already; then nothing is changed. */
  async function create(organization: Organization, audit: AuditEntry | null): Promise<boolean> {
    // The list first: an organization that is listed and has no document is harmless, the sweeper would miss another.
    await redis.sadd(keys.organizations(), organization.id);
    const { before } = await changeSetting(docs, { organization: organization.id, id: DOC }, (existing) =>
      existing === null ? { after: organization, audit } : null,
    );
    return before === null;
  }

  return {
    get,
    create,

    /** Creates it if it does not exist, and puts it on the list again if Redis was restored without it. */
    async ensure(id: string, now: number): Promise<void> {
      await create(newOrganization(id, id, now), null);
    },

    /** The organization after the change; null when there is none. `change` may be called several times. */
    async update(
      id: string,
      change: (organization: Organization) => { after: Organization; audit: AuditEntry },
    ): Promise<Organization | null> {
      const { after } = await changeSetting(docs, { organization: id, id: DOC }, (before) =>
        before === null ? null : change(before),
      );
      return after;
    },

    /** Sorted by id. */
    async list(): Promise<Organization[]> {
      const ids = (await redis.smembers(keys.organizations())).sort();
      const found = await Promise.all(ids.map(get));
      return found.filter((organization) => organization !== null);
    },
  };
}

export type OrganizationStore = ReturnType<typeof createOrganizations>;
