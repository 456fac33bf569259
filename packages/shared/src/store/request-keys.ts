/** The encrypted provider keys of open requests, for the rotation of VISGATE_SECRET. */
import type { Redis } from "ioredis";
import type { RequestRef } from "../request/record.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";

const PAGE = 200;

export interface RequestKey extends RequestRef {
  encrypted: string;
}

export function createRequestKeys(redis: Redis, keys: Keys, scripts: Scripts) {
  async function read({ organization, id }: RequestRef): Promise<RequestKey[]> {
    const encrypted = await redis.hget(keys.request(organization, id), "providerKey");
    return encrypted === null ? [] : [{ organization, id, encrypted }];
  }

  return {
    /** The keys of the requests that are open now, page by page. Later requests are encrypted with the first secret. */
    async *pages(organization: string): AsyncGenerator<RequestKey[]> {
      const ids = await redis.zrange(keys.openRequests(organization), "0", "-1");
      for (let from = 0; from < ids.length; from += PAGE) {
        const page = ids.slice(from, from + PAGE).map((id) => read({ organization, id }));
        yield (await Promise.all(page)).flat();
      }
    },

    /** False when the request has ended since its key was read, which erased the key. */
    async replace({ organization, id, encrypted }: RequestKey, renewed: string): Promise<boolean> {
      const replaced = await scripts.replaceProviderKey({
        keys: [keys.request(organization, id)],
        args: [encrypted, renewed],
      });
      return replaced === 1;
    },
  };
}
