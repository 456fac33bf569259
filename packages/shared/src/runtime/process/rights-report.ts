/** Logs which rights in Redis are missing, whenever that changes. */
import type { Logger } from "../log.js";

/** `line`: what is missing and how to allow it; null when nothing is missing any more. */
export function createRightsReport(log: Logger): (line: string | null) => void {
  return (line) => {
    if (line === null) log.info("Redis allows everything that this program needs");
    else log.error({ redis: line }, "rights in Redis are missing");
  };
}
