/** Explains why a connection to Redis fails. Some causes show only in the moment at which it breaks. */
import type { Redis } from "ioredis";
import { optionsOf } from "./cluster.js";
import { CLOSED_EARLY, faultOf, NO_PRIMARY, type RedisFault, SILENT, SILENT_TLS, UNKNOWN_OUTAGE } from "./fault.js";

export interface ConnectionEvents {
  onReady(): void;
  onClose(): void;
  onFault(fault: RedisFault): void;
}

/** `connected`: there is a connection, over which Redis has not answered yet. */
type Phase = "connecting" | "connected" | "ready" | "explained";

export function watchConnection(redis: Redis, { onReady, onClose, onFault }: ConnectionEvents): void {
  let phase: Phase = redis.status === "ready" ? "ready" : "connecting";
  redis.on("connecting", () => {
    phase = "connecting";
  });
  redis.on("connect", () => {
    phase = "connected";
  });
  redis.on("ready", () => {
    phase = "ready";
    onReady();
  });
  redis.on("error", (error: Error) => {
    const fault = faultOf(error) ?? UNKNOWN_OUTAGE;
    if (fault === SILENT && phase === "connected") return; // "close" follows
    onFault(fault === SILENT && phase === "connecting" && optionsOf(redis).tls ? SILENT_TLS : fault);
    phase = "explained";
  });
  redis.on("close", () => {
    onClose();
    if (phase === "connected") onFault(closedEarly(redis));
  });
}

function closedEarly(redis: Redis): RedisFault {
  const options = optionsOf(redis);
  // ioredis leaves a server that a Sentinel names and that is a replica.
  if (options.sentinels) return NO_PRIMARY;
  return options.tls ? SILENT : CLOSED_EARLY;
}
