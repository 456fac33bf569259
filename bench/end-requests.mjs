/** Ends requests through the store like a worker, on its own Redis connection. */
import { Redis } from "ioredis";
import { atPace } from "./calls.mjs";

const ORGANIZATION = "default";

/** @param {string} redisUrl */
export async function createEnder(redisUrl) {
  const { createStore } = await import("@visgate/shared/store");
  const redis = new Redis(redisUrl);
  const { requests } = createStore({ redis, clock: { now: Date.now }, actor: "bench" });

  /** @param {string} id */
  const read = async (id) => {
    const ref = { organization: ORGANIZATION, id };
    const known = await requests.get(ref);
    if (known === null) throw new Error(`Request ${id} does not exist.`);
    return { ref, known };
  };
  /** @param {Awaited<ReturnType<typeof read>>} request */
  const end = async ({ ref, known }) => {
    const failure = {
      code: /** @type {const} */ ("PROVIDER_ERROR"),
      message: "bench",
      retryable: false,
      charged: false,
    };
    const applied = await requests.apply(known, { name: "failed", at: Date.now(), failure, billedMicro: null });
    if (applied.kind !== "applied") throw new Error(`Request ${ref.id} could not be ended: ${applied.kind}.`);
  };

  return {
    /** `completed_at` is the time when the transition was sent. @param {string[]} ids @param {number} perSecond */
    async endAll(ids, perSecond) {
      const requests = await Promise.all(ids.map(read));
      await atPace({ count: ids.length, perSecond }, (index) => end(/** @type {any} */ (requests[index])));
    },
    /** Resolves when that many channels have a subscriber. @param {number} count */
    async subscribed(count) {
      for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
        const channels = Number(/pubsub_channels:(\d+)/.exec(await redis.info("stats"))?.[1]);
        if (channels >= count) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`Fewer than ${count} callers were waiting after 30 s.`);
    },
    close: () => redis.disconnect(),
  };
}
