/**
 * How many replicas have everything that their primary has: `WAIT`, or `WAITAOF` when they must have it on disk.
 *
 * Both cover the last write of their own connection, and what any connection wrote before it. Since Redis 7.2, and in
 * Valkey, a command that writes nothing does not count as one. After a read, or a script that changed nothing, they would
 * answer for an older write, or at once. So the connection writes a mark first.
 */
import type { Redis } from "ioredis";
import { createKeys } from "../keys.js";

/** The connection runs nothing else meanwhile, so all waits together are below the 2 s of a fail-fast command. */
const LIMIT_MS = 1000;

/**
 * A replica says what it has when the primary asks, once for each wait, and otherwise once a second. When it is asked
 * while it writes to its disk, it names what was there before. The answer to WAIT leaves it after that write, so WAITAOF
 * after WAIT is answered at once. A replica whose disk is slower is asked some times more.
 */
const MEMORY_MS = 200;
const DISK_MS = 200;
const DISK_WAITS = 5;

/**
 * PEXPIRE also runs when Redis is full. Without WAITAOF the append-only file need not have it; with it, Redis 7.2 would
 * wait for an fsync that nothing causes.
 */
const MARK = `
if ARGV[1] == 'memory' then pcall(redis.set_repl, redis.REPL_REPLICA) end
if redis.call('PEXPIRE', KEYS[1], 86400000) == 0 then redis.call('SET', KEYS[1], '', 'PX', 86400000) end`;

/** Keys to look at before there seem to be none that this server serves. */
const MANY = 10_000;
/** The slot of the key is on another node, or about to be. */
const MOVED = /^(?:MOVED|ASK|TRYAGAIN|CLUSTERDOWN)/;
const MAX_TRIES = 3;

export interface ConfirmationOptions {
  /** Whether the primary and the replicas must have it on disk. */
  onDisk: boolean;
  /** Whether this server serves the key. */
  serves(key: string): boolean;
}

/**
 * Waits until so many replicas have everything, or some time is over. Returns how many have it; 0 when it must be on
 * disk and the primary itself does not have it there.
 */
export type Confirm = (needed: number) => Promise<number>;

export function createConfirm(redis: Redis, { onDisk, serves }: ConfirmationOptions): Confirm {
  const { mark } = createKeys();
  let place = 0;

  function markKey(): string {
    for (let tries = 0; tries < MANY; tries += 1, place += 1) if (serves(mark(place))) return mark(place);
    throw new Error("this server serves no slot");
  }

  async function ask(needed: number): Promise<number> {
    const marked = redis.eval(MARK, 1, markKey(), onDisk ? "disk" : "memory");
    const [, reached] = await Promise.all([
      marked,
      onDisk ? waitForDisks(redis, needed) : redis.wait(needed, LIMIT_MS),
    ]);
    return reached;
  }

  return async (needed) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await ask(needed);
      } catch (error) {
        if (tries === MAX_TRIES || !(error instanceof Error && MOVED.test(error.message))) throw error;
        place += 1;
      }
    }
  };
}

/** They are sent together, so that no other command of this connection comes between and moves what they wait for. */
async function waitForDisks(redis: Redis, needed: number): Promise<number> {
  const inMemory = redis.wait(needed, MEMORY_MS);
  const onDisks = Array.from({ length: DISK_WAITS }, () => redis.call("WAITAOF", 1, needed, DISK_MS));
  const [, ...answers] = await Promise.all([inMemory, ...onDisks]);
  const [local = 0, replicas = 0] = answers.at(-1) as number[];
  return local === 0 ? 0 : replicas;
}
