/**
 * Leases: who of the worker processes is alive. What a dead one held goes on elsewhere within seconds, although the
 * locks of its jobs last a minute.
 *
 * Each process beats every BEAT_MS: one script notes the time of the beat and judges the others. All times are those
 * of Redis (`TIME`), so no process's clock decides anything.
 *
 * A silent process is not always a dead one: Redis may have been frozen, the observer stopped, or the clock of Redis
 * set forward, and then everybody seems silent at once. So an observer counts only the time in which Redis was
 * demonstrably answering it: it is "present" since the first of an unbroken row of beats whose answers came, and more
 * than GAP_MS since the last of them breaks the row. (Beats alone would not do: two that wait in the socket of a frozen
 * Redis run one right after the other, and the answer that tells of the gap may come too late to be heard.) A process
 * is judged dead when
 *
 *     now - max(observer present since, last beat of the other) > LIFE_MS
 *
 * - After a freeze, a stop or a clock set forward the observer's own row is broken, so nobody is judged for LIFE_MS,
 *   in which every living process beats several times.
 * - A freeze too short to break the row (GAP_MS at most) makes a living process BEAT_MS + GAP_MS silent at most, which
 *   is less than LIFE_MS.
 * - A clock set back breaks the row too; beats that lie in the future are taken for beats of now.
 * - A dead process is judged by the next beat after LIFE_MS, and by a process that has just started after LIFE_MS.
 *
 * The verdict may still be wrong for a process that is cut off, stopped or busy for LIFE_MS. This costs a second run of
 * its steps and nothing else: what it writes when it comes back is refused by lock token (BullMQ) and by revision
 * (records), and its next beat makes it alive again, under the same id.
 *
 * A verdict is kept (score 0) until all that the dead process held is free. So `isGone` is true before the first of
 * its jobs runs again, and an observer that dies while it frees them leaves the rest to the next one.
 */
import type { Redis } from "./connection.js";
import type { Keys } from "./keys.js";
import type { Scripts } from "./scripts.js";

export const BEAT_MS = 750;
const TIMES = { gapMs: 2 * BEAT_MS, lifeMs: 4 * BEAT_MS };

export interface Beat {
  /** Others judged this process dead since its last beat, and freed what it held. */
  wasJudgedDead: boolean;
  /** Leases of dead processes whose jobs are still to be freed. */
  dead: string[];
}

export interface LeaseHolder {
  readonly id: string;
  /** Renews the lease, or takes it. */
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

    /** Has this lease ended, or was its holder judged dead? */
    async isGone(id: string): Promise<boolean> {
      const last = await redis.zscore(key, id);
      return last === null || Number(last) === 0;
    },

    /** Call when everything that the dead process held is free. */
    async bury(id: string): Promise<void> {
      await scripts.bury({ keys: [key], args: [id] });
    },
  };
}

export type Leases = ReturnType<typeof createLeases>;
