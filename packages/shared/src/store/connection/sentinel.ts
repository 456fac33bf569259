/** How a connection finds its primary by Sentinels, and how it learns of a failover. */
import { type Redis, SentinelConnector } from "ioredis";

/** A Sentinel that is frozen is left for the next one after this time. */
const ANSWER_MS = 2000;
/** How soon a Sentinel that was away is listened to again. */
const RECONNECT_MS = 5000;

/**
 * ioredis listens for announcements over connections whose errors nobody handles, and prints each with its stack. A
 * Sentinel that is away is no fault as long as another one answers.
 */
class QuietSentinelConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as ConstructorParameters<typeof SentinelConnector>[0]);
    const connect: (...args: unknown[]) => Redis = Reflect.get(this, "connectToSentinel");
    Reflect.set(this, "connectToSentinel", (...args: unknown[]) => connect.apply(this, args).on("error", () => {}));
  }
}

export const SENTINEL_OPTIONS = {
  Connector: QuietSentinelConnector,
  sentinelCommandTimeout: ANSWER_MS,
  sentinelReconnectStrategy: () => RECONNECT_MS,
  // Sentinels announce a failover: the connection is replaced at once, also when the earlier primary hangs.
  failoverDetector: true,
};
