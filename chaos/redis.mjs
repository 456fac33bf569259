/** Redis of a run: one server behind links, or a primary with two replicas and three Sentinels. */
import { startLastingRedis, startRedisGroup } from "../scripts/lib/stack/redis-group.mjs";

const PASSWORD = "chaos-password";

/**
 * @typedef {{
 *   urlFor: (linkPort: number) => string, port: number, kill: (downMs: number) => Promise<void>,
 *   freeze: (ms: number) => Promise<void>, cutClients: () => Promise<void>, failOver: () => Promise<void>,
 *   close: () => Promise<void>,
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
    close: group.close,
  };
}

/** @param {import("../scripts/lib/stack/redis-group.mjs").LastingRedis} server */
async function cutClientsOf({ command }) {
  await command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes").catch(() => {});
  await command("CLIENT", "KILL", "TYPE", "pubsub").catch(() => {});
}
