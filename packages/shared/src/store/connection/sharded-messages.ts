/**
 * The messages of a cluster: a channel has a slot, and its messages stay with the nodes that have the slot. So there is
 * a connection to each of these nodes. When a slot leaves its node, the node ends the subscription; when the connection
 * breaks, all of them end. Lost channels are subscribed to again where the slot is now, and then woken.
 */
import type { Cluster, Redis } from "ioredis";
import { addressOf, FAIL_FAST_RETRIES, isElsewhere, nodeOf, RETRY_MS } from "./cluster.js";
import { connectNodeSubscriber, gatherWrites } from "./connect.js";
import { slotOf } from "./slot.js";
import type { OpenMessages } from "./subscriber.js";

/** A connection to one node. */
interface Link {
  redis: Redis;
  /** Whether its subscriptions are about to be checked. */
  isChecking: boolean;
}

interface Channel {
  slot: number;
  /** Where the subscription is, or was refused to this user; null: nowhere. */
  link: Link | null;
  isTrying: boolean;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, RETRY_MS));

export const openShardedMessages: OpenMessages<Cluster> = (cluster, wake) => {
  const channels = new Map<string, Channel>();
  const links = new Map<string, Link>();
  const lost = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;

  function openLink(node: Redis): Link {
    const address = addressOf(node);
    const link: Link = { redis: connectNodeSubscriber(node), isChecking: false };
    const { redis } = link;
    links.set(address, link);
    redis.on("smessage", wake);
    redis.on("moved", () => checkSoon(link));
    redis.on("error", () => {}); // "close" follows
    redis.on("close", () => {
      links.delete(address);
      lose(link, new Set());
    });
    return link;
  }

  /**
   * In a failover each channel is ended by a message of its own. They are looked at together, and after a confirmation
   * that came just before.
   */
  function checkSoon(link: Link): void {
    if (link.isChecking) return;
    link.isChecking = true;
    setImmediate(() => {
      link.isChecking = false;
      lose(link, subscriptionsOf(link.redis));
    });
  }

  /** `kept`: the channels that are still subscribed to there. */
  function lose(link: Link, kept: ReadonlySet<string>): void {
    for (const [name, channel] of channels) {
      if (channel.link !== link || kept.has(name)) continue;
      channel.link = null;
      lost.add(name);
    }
    if (timer === null) recover();
  }

  /** Tries again and again, since a cluster needs some time to agree where a slot is. */
  function recover(): void {
    timer = null;
    if (lost.size === 0 || isClosed) return;
    cluster.refreshSlotsCache(() => {
      for (const name of lost) void recoverOne(name);
    });
    timer = setTimeout(recover, RETRY_MS).unref();
  }

  async function recoverOne(name: string): Promise<void> {
    const channel = channels.get(name);
    if (channel === undefined) return void lost.delete(name);
    if (channel.isTrying) return;
    channel.isTrying = true;
    const isDone = await place(name, channel).catch(isRefusal);
    channel.isTrying = false;
    if (!isDone || channels.get(name) !== channel) return;
    lost.delete(name);
    wake(name);
  }

  /** Returns false when it must be tried again, perhaps at another node. Rejects when the channel is refused. */
  async function place(name: string, channel: Channel): Promise<boolean> {
    const node = nodeOf(cluster, channel.slot);
    if (node === null || isClosed) return false;
    const link = links.get(addressOf(node)) ?? openLink(node);
    try {
      gatherWrites(link.redis);
      // A replica takes the subscription too, but hears nothing until its new primary knows it. It refuses keys.
      await Promise.all([link.redis.ssubscribe(name), link.redis.exists(name)]);
    } catch (error) {
      if (isElsewhere(error)) {
        if ((channels.get(name) ?? channel) === channel) end(name, link);
        return false;
      }
      if (isRefusal(error)) channel.link = link;
      throw error;
    }
    channel.link = link;
    if (!channels.has(name)) end(name, link);
    return true;
  }

  function end(name: string, { redis }: Link): void {
    if (redis.status === "ready") redis.sunsubscribe(name).catch(() => {});
  }

  cluster.once("end", () => {
    isClosed = true;
    for (const { redis } of links.values()) redis.disconnect();
  });

  return {
    async subscribe(name) {
      const channel: Channel = { slot: slotOf(name), link: null, isTrying: false };
      channels.set(name, channel);
      for (let tries = 1; !(await place(name, channel)); tries += 1) {
        if (tries === FAIL_FAST_RETRIES) throw new Error("The subscriber has no connection to Redis.");
        await Promise.all([pause(), refresh()]);
      }
    },
    unsubscribe(name) {
      const link = channels.get(name)?.link ?? null;
      channels.delete(name);
      if (link !== null) end(name, link);
    },
  };

  function refresh(): Promise<void> {
    return new Promise((resolve) => cluster.refreshSlotsCache(() => resolve()));
  }
};

/** A refused channel stays silent; its listeners look again by themselves. */
const isRefusal = (error: unknown): boolean => error instanceof Error && error.message.startsWith("NOPERM");

function subscriptionsOf({ condition }: Redis): ReadonlySet<string> {
  const set = condition?.subscriber;
  return new Set(typeof set === "object" ? set.channels("ssubscribe") : []);
}
