/** Says once in the log that the clock of this machine is off, and once that it is right again. */
import type { Logger } from "../log.js";

const OFF_MS = 2000;
/** Below this it is right again. Less than OFF_MS, so that a clock at the limit is not reported again and again. */
const RIGHT_MS = 1000;

/** Returns what is called with each measurement of Redis's clock. `ownNow`: the clock of this machine. */
export function createClockReport(log: Logger, ownNow: () => number): (redisMs: number, uncertainMs: number) => void {
  let isOff = false;
  return (redisMs, uncertainMs) => {
    const aheadMs = Math.round(ownNow() - redisMs);
    const offMs = Math.abs(aheadMs);
    if (!isOff && offMs > OFF_MS + uncertainMs) {
      isOff = true;
      const what = "the clock of this machine differs from Redis's; this process goes by Redis's. Set both by NTP";
      log.warn({ aheadMs }, what);
    } else if (isOff && offMs + uncertainMs < RIGHT_MS) {
      isOff = false;
      log.info({ aheadMs }, "the clock of this machine agrees with Redis's again");
    }
  };
}
