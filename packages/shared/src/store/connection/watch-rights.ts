/** Watches whether Redis still allows everything that the programs need. */
import type { Redis } from "ioredis";
import { optionsOf } from "./cluster.js";
import { isRedisAway } from "./connect.js";
import { findMissingRights, isMessage, type MissingRight, missingRightsLine, type Needs } from "./rights.js";

const CHECK_EVERY_MS = 10_000;
/** While a right is missing. */
const CHECK_AGAIN_MS = 1000;

export interface RightsWatch {
  /** The line about missing rights without which no request can be accepted; null when there are none. */
  refusal(): string | null;
  /** Resolves as soon as `refusal` is null. */
  granted(): Promise<void>;
  close(): void;
}

/**
 * Checks the rights at each new connection and regularly, since they can be changed at any time. `onChange` gets the
 * line for the log when other rights are missing than before, and null when none is missing any more.
 */
export function watchRights(redis: Redis, needs: Needs, onChange: (line: string | null) => void): RightsWatch {
  const user = optionsOf(redis).username ?? "default";
  let line: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const waiting: (() => void)[] = [];
  let refusal: string | null = null;
  let isGranted = false;

  function found(missing: readonly MissingRight[]): void {
    const now = missing.length === 0 ? null : missingRightsLine(missing, user);
    // Without messages, waiting callers are only woken later.
    isGranted = missing.every(({ command }) => isMessage(command));
    refusal = isGranted ? null : now;
    if (now !== line) onChange(now);
    line = now;
    if (!isGranted) return;
    for (const resolve of waiting.splice(0)) resolve();
  }

  /** A Redis that cannot be asked must not stop a program that may well have all rights. */
  function unknown(error: unknown): void {
    if (!isRedisAway(error)) found([]);
  }

  async function check(): Promise<void> {
    clearTimeout(timer);
    if (redis.status === "ready") await findMissingRights(redis, needs).then(found, unknown);
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(check, line === null ? CHECK_EVERY_MS : CHECK_AGAIN_MS).unref();
  }

  redis.on("ready", check);
  void check();
  return {
    refusal: () => refusal,
    granted: () => (isGranted ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
