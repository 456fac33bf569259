/** The messages of one API process: waiting calls are woken by changes instead of polling Redis. */
import type { Redis } from "ioredis";
import type { RequestRef } from "../../request/record.js";
import type { Keys } from "../keys.js";
import { clusterOf } from "./cluster.js";
import { unlessDenied } from "./safety.js";
import { openShardedMessages } from "./sharded-messages.js";

/**
 * Calls `wake` at every change, and after a reconnection, when changes may have been missed. Resolves when no later
 * change can be missed, to the function that stops it. Rejects while Redis is away. When Redis refuses the channel to
 * this user, `wake` is not called, and the caller has to look again by itself.
 */
type Listen<Of> = (of: Of, wake: () => void) => Promise<() => void>;

export interface Subscriber {
  /** Listens to the changes of one request. */
  listen: Listen<RequestRef>;
  /** Listens to the events of an organization. */
  listenToFeed: Listen<string>;
}

/** Where channels are subscribed to. */
export interface Messages {
  /** Resolves when no later message can be missed. Rejects while Redis is away, or when it refuses the channel. */
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): void;
}

/** `wake`: called with the channel of each message, and after a time in which messages may have been missed. */
export type OpenMessages<Connection> = (connection: Connection, wake: (channel: string) => void) => Messages;

interface Channel {
  wakes: Set<() => void>;
  subscribed: Promise<unknown>;
}

export function createSubscriber(redis: Redis, keys: Keys): Subscriber {
  const channels = new Map<string, Channel>();
  const wakeAll = (name: string) => {
    for (const wake of [...(channels.get(name)?.wakes ?? [])]) wake();
  };
  const cluster = clusterOf(redis);
  const messages = cluster === null ? openMessages(redis, wakeAll) : openShardedMessages(cluster, wakeAll);

  function join(name: string): Channel {
    const known = channels.get(name);
    if (known !== undefined) return known;
    const channel = { wakes: new Set<() => void>(), subscribed: unlessDenied(() => messages.subscribe(name)) };
    channels.set(name, channel);
    return channel;
  }

  function leave(name: string, wake: () => void): void {
    const channel = channels.get(name);
    if (channel === undefined || !channel.wakes.delete(wake) || channel.wakes.size > 0) return;
    channels.delete(name);
    messages.unsubscribe(name);
  }

  async function listen(name: string, wake: () => void): Promise<() => void> {
    if (redis.status !== "ready") throw new Error("The subscriber has no connection to Redis.");
    const channel = join(name);
    channel.wakes.add(wake);
    try {
      await channel.subscribed;
    } catch (error) {
      leave(name, wake);
      throw error;
    }
    return () => leave(name, wake);
  }

  return {
    listen: ({ organization, id }, wake) => listen(keys.channel(organization, id), wake),
    listenToFeed: (organization, wake) => listen(keys.feedChannel(organization), wake),
  };
}

/** Of a single server: on one connection. */
const openMessages: OpenMessages<Redis> = (redis, wake) => {
  const channels = new Set<string>();
  redis.on("message", wake);
  redis.on("ready", () => {
    // ioredis subscribes again on its own, but is "ready" before Redis has confirmed it: too early to wake.
    for (const name of channels) {
      redis.subscribe(name).then(
        () => wake(name),
        () => {},
      );
    }
  });
  return {
    subscribe(name) {
      channels.add(name);
      return redis.subscribe(name);
    },
    unsubscribe(name) {
      channels.delete(name);
      redis.unsubscribe(name).catch(() => {});
    },
  };
};
