/**
 * Redis of a run: one server behind links, a primary with two replicas and three Sentinels, or a cluster of three
 * primaries with a replica each.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { PROVIDERS } from "../scripts/lib/stack/providers.mjs";
import { startRedisCluster } from "../scripts/lib/stack/redis-cluster.mjs";
import { startLastingRedis, startRedisGroup } from "../scripts/lib/stack/redis-group.mjs";

const PASSWORD = "chaos-password";

/**
 * @typedef {{
 *   urlFor: (linkPort: number) => string, port: number, kill: (downMs: number) => Promise<void>,
 *   freeze: (ms: number) => Promise<void>, cutClients: () => Promise<void>, failOver: () => Promise<void>,
 *   moveSlots: () => Promise<void>, close: () => Promise<void>,
 * }} ChaosRedis
 */

/** @param {{ dir: string, binary: string }} options @returns {Promise<ChaosRedis>} */
export async function openSingleRedis({ dir, binary }) {
  const server = await startLastingRedis({ dir, binary, password: PASSWORD });
  return {
    ...server,
    urlFor: (linkPort) => `redis://:${PASSWORD}@127.0.0.1:${linkPort}`,
    cutClients: () => cutClientsOf(server),
    failOver: async () => {},
    moveSlots: async () => {},
  };
}

/** @param {{ dir: string, binary: string }} options @returns {Promise<ChaosRedis>} */
export async function openSentinelRedis({ dir, binary }) {
  const group = await startRedisGroup({ dir, binary, password: PASSWORD });
  /** No group of three survives that a second server fails before the first one is back. */
  const whenWhole = async (/** @type {() => Promise<void>} */ fault) => {
    if (!(await group.isWhole().catch(() => false))) throw new Error("left out: the group is not whole");
    await fault();
  };
  return {
    port: group.servers[0]?.port ?? 0,
    urlFor: () => group.url,
    kill: (downMs) => whenWhole(async () => (await group.primary()).kill(downMs)),
    freeze: (ms) => whenWhole(async () => (await group.primary()).freeze(ms)),
    cutClients: async () => cutClientsOf(await group.primary()),
    failOver: () => whenWhole(group.failOver),
    moveSlots: async () => {},
    close: group.close,
  };
}

/** The keys of the organization that all calls are of, and of the queues of its providers. */
const BUSY_KEYS = ["vg:{default}:requests", ...PROVIDERS.map(({ name }) => `{vg-${name}}:${name}:wait`)];
/** How long each of the busy slots is on two nodes. */
const MOVING_MS = 300;

/** @param {{ dir: string, binary: string }} options @returns {Promise<ChaosRedis>} */
export async function openClusterRedis({ dir, binary }) {
  const cluster = await startRedisCluster({ dir, binary, password: PASSWORD });
  const whenWhole = async (/** @type {() => Promise<void>} */ fault) => {
    if (!(await cluster.isWhole())) throw new Error("left out: the cluster is not whole");
    await fault();
  };
  const primary = () => cluster.primaryOf(BUSY_KEYS[0] ?? "");
  return {
    port: cluster.servers[0]?.port ?? 0,
    urlFor: () => cluster.url,
    kill: (downMs) => whenWhole(async () => (await primary()).kill(downMs)),
    freeze: (ms) => whenWhole(async () => (await primary()).freeze(ms)),
    cutClients: async () => void (await Promise.all(cluster.servers.map(cutClientsOf))),
    failOver: () => whenWhole(() => cluster.failOver(BUSY_KEYS[0] ?? "")),
    moveSlots: () =>
      whenWhole(async () => {
        for (const key of BUSY_KEYS) await cluster.moveSlotOf(key, () => sleep(MOVING_MS));
      }),
    close: cluster.close,
  };
}

/** @param {import("../scripts/lib/stack/redis-group.mjs").LastingRedis} server */
async function cutClientsOf({ command }) {
  await command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes").catch(() => {});
  await command("CLIENT", "KILL", "TYPE", "pubsub").catch(() => {});
}
