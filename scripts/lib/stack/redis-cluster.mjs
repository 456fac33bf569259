/** A Redis Cluster of three primaries with replicas, as processes on this machine or on hosts: for tests, chaos and bench. */
import { join } from "node:path";
import { freePort } from "../processes/ports.mjs";
import { eventually, THIS_MACHINE } from "../processes/processes.mjs";
import { startLastingRedis } from "./redis-group.mjs";

const PRIMARIES = 3;
const SLOTS = 16_384;
const READY_MS = 30_000;
/** How soon a node that does not answer counts as failed. */
const NODE_TIMEOUT_MS = 2500;

/** @typedef {{ server: import("./redis-group.mjs").LastingRedis, busPort: number }} Node */
/** @typedef {Awaited<ReturnType<typeof startRedisCluster>>} RedisCluster */
/** @typedef {{ slot: number, from: Node["server"], to: Node["server"] }} Move of a slot to another primary */

/**
 * `replicas`: for each primary. With three `hosts`, each has one primary, and replicas of the others.
 * @param {{
 *   dir: string, binary: string, password: string, replicas?: number, conf?: Record<string, string>,
 *   hosts?: readonly import("../processes/processes.mjs").Host[],
 * }} options
 */
export async function startRedisCluster({ dir, binary, password, replicas = 1, conf = {}, hosts = [THIS_MACHINE] }) {
  const hostOf = (/** @type {number} */ n) => hosts[(n + Math.floor(n / PRIMARIES)) % hosts.length] ?? THIS_MACHINE;
  const nodes = await Promise.all(
    Array.from({ length: PRIMARIES * (1 + replicas) }, async (_, n) => {
      const busPort = await freePort();
      const settings = clusterSettings({ password, busPort });
      const place = { dir: join(dir, `node-${n}`), binary, password, host: hostOf(n) };
      return { server: await startLastingRedis({ ...place, conf: { ...settings, ...conf } }), busPort };
    }),
  );
  const servers = nodes.map(({ server }) => server);
  await unite(nodes);
  const isWhole = () => isComplete(servers).catch(() => false);
  if (!(await eventually(isWhole, READY_MS))) throw new Error("the nodes of the cluster did not unite");
  /** The node that serves the slot of a key now. @param {string} key */
  async function primaryOf(key) {
    const slot = await slotOf(key);
    const ranges = /** @type {any[]} */ (await askAny(servers, "CLUSTER", "SLOTS"));
    const [, , [host, port] = []] = ranges.find(([first, last]) => slot >= first && slot <= last) ?? [];
    const found = servers.find((server) => server.host === host && server.port === port);
    if (found === undefined) throw new Error(`no node serves slot ${slot}`);
    return found;
  }
  const slotOf = async (/** @type {string} */ key) => Number(await askAny(servers, "CLUSTER", "KEYSLOT", key));
  /** @param {Node["server"]} primary */
  async function replicaOf(primary) {
    for (const server of servers) {
      const [role, host, port] = /** @type {any[]} */ (await server.command("ROLE"));
      if (role === "slave" && host === primary.host && port === primary.port) return server;
    }
    throw new Error(`no replica follows the node at ${primary.port}`);
  }
  /** To the next primary. @param {string} key @returns {Promise<Move>} */
  async function moveOf(key) {
    const from = await primaryOf(key);
    const roles = await Promise.all(servers.map(({ command }) => command("ROLE").catch(() => null)));
    const to = servers.find((server, n) => server !== from && Array.isArray(roles[n]) && roles[n][0] === "master");
    if (to === undefined) throw new Error("there is no other primary");
    return { slot: await slotOf(key), from, to };
  }
  return {
    url: `redis+cluster://:${password}@${servers.map(({ host, port }) => `${host}:${port}`).join(",")}`,
    servers,
    isWhole,
    isAgreed: () => isAgreed(servers).catch(() => false),
    primaryOf,
    slotOf,
    beginMove,
    finishMove: (/** @type {Move} */ move) => finishMove(servers, move, password),
    /** Moves the slot of a key to another primary, and calls `meanwhile` when it is on both. */
    async moveSlotOf(/** @type {string} */ key, meanwhile = async () => {}) {
      const move = await moveOf(key);
      await beginMove(move);
      await meanwhile();
      await finishMove(servers, move, password);
    },
    moveOf,
    replicaOf,
    /** A replica of the node that serves the key takes its place, as an administrator asks for it. */
    failOver: async (/** @type {string} */ key) =>
      void (await (await replicaOf(await primaryOf(key))).command("CLUSTER", "FAILOVER")),
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  };
}

/** @param {{ password: string, busPort: number }} options @returns {Record<string, string>} */
const clusterSettings = ({ password, busPort }) => ({
  "cluster-enabled": "yes",
  "cluster-config-file": "nodes.conf",
  "cluster-port": String(busPort),
  "cluster-node-timeout": String(NODE_TIMEOUT_MS),
  // Slots that are up go on when others are down.
  "cluster-require-full-coverage": "no",
  masterauth: password,
});

/** @param {Node[]} nodes */
async function unite(nodes) {
  const [first, ...others] = nodes;
  if (first === undefined) return;
  // Two nodes with equal epochs would each claim to be right.
  await Promise.all(nodes.map(({ server }, n) => server.command("CLUSTER", "SET-CONFIG-EPOCH", String(n + 1))));
  for (const { server, busPort } of others) {
    await first.server.command("CLUSTER", "MEET", server.host, String(server.port), String(busPort));
  }
  const servers = nodes.map(({ server }) => server);
  const primaries = servers.slice(0, PRIMARIES);
  for (const [n, { command }] of primaries.entries()) {
    const [from, to] = [Math.ceil((n * SLOTS) / PRIMARIES), Math.ceil(((n + 1) * SLOTS) / PRIMARIES) - 1];
    await command("CLUSTER", "ADDSLOTSRANGE", String(from), String(to));
  }
  const ids = await Promise.all(primaries.map(async ({ command }) => String(await command("CLUSTER", "MYID"))));
  for (const [n, { command }] of servers.slice(PRIMARIES).entries()) {
    const id = ids[n % PRIMARIES] ?? "";
    const follow = () => command("CLUSTER", "REPLICATE", id).then((answer) => answer === "OK");
    if (!(await eventually(() => follow().catch(() => false), READY_MS))) throw new Error("a replica found no primary");
  }
}

/** Every node sees all slots served, and every primary has its replicas. @param {Node["server"][]} nodes */
async function isComplete(nodes) {
  const states = await Promise.all(
    nodes.map(async ({ command }) => {
      const info = String(await command("CLUSTER", "INFO"));
      const [role, , following] = /** @type {any[]} */ (await command("ROLE"));
      const isOk = /cluster_state:ok/.test(info) && new RegExp(`cluster_known_nodes:${nodes.length}\\b`).test(info);
      return { isOk, followers: role === "master" ? following.length : null };
    }),
  );
  const primaries = states.filter(({ followers }) => followers !== null);
  return (
    states.every(({ isOk }) => isOk) &&
    primaries.length === PRIMARIES &&
    primaries.every(({ followers }) => followers === nodes.length / PRIMARIES - 1)
  );
}

/**
 * Every node knows the last change of slots. Two changes at once might get the same epoch, and each node would believe
 * its own. @param {Node["server"][]} nodes
 */
async function isAgreed(nodes) {
  const infos = await Promise.all(nodes.map(({ command }) => command("CLUSTER", "INFO")));
  return new Set(infos.map((info) => /cluster_current_epoch:(\d+)/.exec(String(info))?.[1])).size === 1;
}

const idOf = async (/** @type {Node["server"]} */ { command }) => String(await command("CLUSTER", "MYID"));

/** From now on, the new node takes the keys of the slot. @param {Move} move */
async function beginMove({ slot, from, to }) {
  await to.command("CLUSTER", "SETSLOT", String(slot), "IMPORTING", await idOf(from));
  await from.command("CLUSTER", "SETSLOT", String(slot), "MIGRATING", await idOf(to));
}

/** Moves the keys, then the slot. @param {Node["server"][]} servers @param {Move} move @param {string} password */
async function finishMove(servers, { slot, from, to }, password) {
  for (;;) {
    const keys = /** @type {string[]} */ (await from.command("CLUSTER", "GETKEYSINSLOT", String(slot), "100"));
    if (keys.length === 0) break;
    const target = [to.host, String(to.port), "", "0", "5000"];
    await from.command("MIGRATE", ...target, "AUTH", password, "KEYS", ...keys);
  }
  const id = await idOf(to);
  const others = servers.filter((server) => server !== from && server !== to);
  for (const { command } of [to, from, ...others]) {
    await command("CLUSTER", "SETSLOT", String(slot), "NODE", id).catch(() => {}); // a replica learns it from its primary
  }
}

/** Of the first node that answers. @param {Node["server"][]} servers @param {string[]} words */
async function askAny(servers, ...words) {
  for (const { command } of servers) {
    const answer = await command(...words).catch(() => null);
    if (answer !== null) return answer;
  }
  throw new Error("no node of the cluster answers");
}
