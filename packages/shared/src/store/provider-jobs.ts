/** Which request owns a provider's job: of two equal requests that search for a lost submit, only one may claim it. */
import type { Redis } from "ioredis";
import type { RequestRef } from "../request/record.js";
import type { UntilTaken } from "./connection/replicas.js";
import type { Keys } from "./keys.js";
import type { createRequests, StoredRequest } from "./requests.js";

/** Longer than any request stays open. */
const KEPT_SECONDS = 259_200;

export interface FoundJob {
  id: string;
  attempt: number;
  /** When the provider accepted it, as far as this process knows. */
  at: number;
  /** What the provider expects to bill, in micro-USD, if it says so. */
  estimateMicro?: number | null;
}

/** `taken`: another request owns the job. `refused`: this request has changed and does not use it; it is still claimed. */
export type Adopted = { kind: "adopted"; current: StoredRequest } | { kind: "taken" } | { kind: "refused" };

/** Claims a provider's job for a request, then writes its id on the record: the request is `processing`. */
export async function adoptJob(
  store: { requests: ReturnType<typeof createRequests>; providerJobs: ReturnType<typeof createProviderJobs> },
  current: StoredRequest,
  { id, attempt, at, estimateMicro = null }: FoundJob,
): Promise<Adopted> {
  const { doc } = current;
  if (!(await store.providerJobs.claim(doc.provider, id, doc))) return { kind: "taken" };
  const accepted = { name: "submit_accepted", at, attempt, providerRequestId: id, estimateMicro } as const;
  const applied = await store.requests.apply(current, accepted);
  const isAdopted = applied.kind !== "missing" && applied.current.doc.providerRequestId === id;
  return isAdopted ? { kind: "adopted", current: applied.current } : { kind: "refused" };
}

export function createProviderJobs(redis: Redis, keys: Keys, untilTaken: UntilTaken = (run) => run()) {
  return {
    /** True when this request owns the job now; false when another request owns it. */
    async claim(provider: string, jobId: string, { organization, id }: RequestRef): Promise<boolean> {
      const key = keys.providerJob(provider, jobId);
      const owner = `${organization}/${id}`;
      const set = await untilTaken(() => redis.set(key, owner, "EX", KEPT_SECONDS, "NX"));
      return set === "OK" || (await redis.get(key)) === owner;
    },

    /** Call it when the request does not use the job after all, or is erased. */
    async release(provider: string, jobId: string, { organization, id }: RequestRef): Promise<void> {
      const key = keys.providerJob(provider, jobId);
      if ((await redis.get(key)) === `${organization}/${id}`) await redis.del(key);
    },
  };
}
