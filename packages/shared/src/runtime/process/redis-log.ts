/** Says in the log, once for each cause, that Redis cannot serve, and once that it can again. */
import type { RedisFault } from "../../store/connection/fault.js";
import type { Gate } from "../../store/connection/gate.js";
import type { Logger } from "../log.js";

/** A fault that returns sooner is still the same one. */
const QUIET_MS = 3000;

const TITLES: Record<RedisFault["kind"], string> = {
  away: "Redis cannot be reached",
  refuses: "Redis takes no writes",
  full: "Redis is nearly full",
};

export interface RedisLog {
  onFault(fault: RedisFault): void;
  onWritable(): void;
}

export function createRedisLog(log: Logger): RedisLog {
  const told = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tellEnd = () => {
    timer = undefined;
    told.clear();
    log.info("Redis takes writes again");
  };
  return {
    onFault({ kind, message }) {
      clearTimeout(timer);
      timer = undefined;
      if (told.has(message)) return;
      told.add(message);
      log.warn({ redis: message }, TITLES[kind]);
    },
    onWritable() {
      if (told.size > 0) timer ??= setTimeout(tellEnd, QUIET_MS).unref();
    },
  };
}

/** For BullMQ's errors: what the gate knows is logged once. */
export function createQueueErrorHandler(gate: Pick<Gate, "report">, log: Logger): (error: Error) => void {
  return (error) => {
    if (gate.report(error) === null) log.warn({ queue: error.message }, "queue error");
  };
}
