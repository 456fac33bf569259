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
export class GroupConnector extends SentinelConnector {
  /** The primary that a Sentinel named for the newest connection. */
  primary: string | null = null;

  constructor(options: unknown) {
    super(options as ConstructorParameters<typeof SentinelConnector>[0]);
    const connect: (...args: unknown[]) => Redis = Reflect.get(this, "connectToSentinel");
    Reflect.set(this, "connectToSentinel", (...args: unknown[]) => connect.apply(this, args).on("error", () => {}));
    const resolve: (...args: unknown[]) => Promise<Found> = Reflect.get(this, "resolve");
    Reflect.set(this, "resolve", async (...args: unknown[]) => {
      const found = await resolve.apply(this, args);
      this.primary = found === null ? null : `${found.host}:${found.port}`;
      return found;
    });
  }
}

type Found = { host: string; port: number } | null;

export const SENTINEL_OPTIONS = {
  Connector: GroupConnector,
  sentinelCommandTimeout: ANSWER_MS,
  sentinelReconnectStrategy: () => RECONNECT_MS,
  // Sentinels announce a failover: the connection is replaced at once, also when the earlier primary hangs.
  failoverDetector: true,
};
