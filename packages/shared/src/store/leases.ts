/**
 * Leases: which worker processes are alive. Another process takes over the jobs of a dead one within seconds, although
 * the locks of its jobs last a minute.
 *
 * Each process sends a heartbeat every BEAT_MS: one script stores its time and checks the others. All times are those
 * of Redis (`TIME`), so no process's clock decides anything.
 *
 * A silent process is not always a dead one: Redis may have been frozen, the observer stopped, or the clock of Redis
 * set forward, and then all processes seem silent at once. So an observer counts only the time in which Redis
 * answered it: it is "present" since the start of an unbroken series of answered heartbeats, and a gap of more than
 * GAP_MS breaks the series. (Heartbeats without their answers would not do: two that wait in the socket of a frozen
 * Redis run one right after the other, and the answer that shows the gap may arrive too late.) A process is declared
 * dead when
 *
 *     now - max(observer present since, last heartbeat of the other) > LIFE_MS
 *
 * - After a freeze, a stop or a clock set forward the observer's own series is broken, so no process is declared dead
 *   for LIFE_MS, and every living process sends several heartbeats in that time.
 * - A freeze too short to break the series (GAP_MS at most) keeps a living process silent for BEAT_MS + GAP_MS at most,
 *   which is less than LIFE_MS.
 * - A clock set back breaks the series too; heartbeats in the future count as heartbeats of now.
 * - A dead process is found by the next heartbeat after LIFE_MS; a process that has just started finds it after
 *   LIFE_MS.
 *
 * The verdict may still be wrong for a process that is cut off, stopped or busy for LIFE_MS. This costs a second run of
 * its steps and nothing else: when it continues, its writes are refused by lock token (BullMQ) and by revision
 * (records), and its next heartbeat makes it alive again, under the same id.
 *
 * The verdict is stored (score 0) until all jobs of the dead process are free. So `isGone` is true before the first of
 * its jobs runs again, and when an observer dies while it frees them, another one frees the rest.
 */
import type { Redis } from "./connection/connect.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";

export const BEAT_MS = 750;
const TIMES = { gapMs: 2 * BEAT_MS, lifeMs: 4 * BEAT_MS };

export interface Beat {
  /** Others declared this process dead since its last heartbeat, and freed its jobs. */
  wasJudgedDead: boolean;
  /** Leases of dead processes whose jobs are still to be freed. */
  dead: string[];
}

export interface LeaseHolder {
  readonly id: string;
  /** Sends a heartbeat: renews the lease, or creates it. */
  beat(): Promise<Beat>;
  end(): Promise<void>;
}

export function createLeases(redis: Redis, keys: Keys, scripts: Scripts, { gapMs, lifeMs } = TIMES) {
  const key = keys.leases();
  return {
    holder(id: string): LeaseHolder {
      let presentSince = 0;
      let answeredAt = 0;
      return {
        id,
        async beat() {
          const args = [id, gapMs, lifeMs, presentSince, answeredAt];
          const answer = (await scripts.beat({ keys: [key], args })) as (string | number)[];
          const [since, now, last, ...dead] = answer.map(String);
          const wasJudgedDead = answeredAt > 0 && Number(last) === 0;
          presentSince = Number(since);
          answeredAt = Number(now);
          return { wasJudgedDead, dead };
        },
        async end() {
          await redis.zrem(key, id);
        },
      };
    },

    /** True when the lease was ended or its holder was declared dead. */
    async isGone(id: string): Promise<boolean> {
      const last = await redis.zscore(key, id);
      return last === null || Number(last) === 0;
    },

    /** Removes the lease of a dead process. Call it when all jobs of the process are free. */
    async remove(id: string): Promise<void> {
      await scripts.removeLease({ keys: [key], args: [id] });
    },
  };
}

export type Leases = ReturnType<typeof createLeases>;
