/** Redis of a run: one server behind links, or a primary with two replicas and three sentinels. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../scripts/lib/processes/ports.mjs";
import { end, eventually, spawnOwned } from "../scripts/lib/processes/processes.mjs";
import { startRedis } from "../scripts/lib/stack/redis.mjs";
import { redisCommand } from "../scripts/lib/stack/resp.mjs";

const PASSWORD = "chaos-password";
const GROUP = "visgate";
const READY_MS = 30_000;
/** Longer than Sentinel takes to promote a replica. */
const PAUSE_MS = 10_000;

/**
 * @typedef {{
 *   urlFor: (linkPort: number) => string, port: number, kill: (downMs: number) => Promise<void>,
 *   freeze: (ms: number) => Promise<void>, cutClients: () => Promise<void>, failOver: () => Promise<void>,
 *   close: () => Promise<void>,
 * }} ChaosRedis
 */

/** @param {{ dir: string, binary: string }} options @returns {Promise<ChaosRedis>} */
export async function openSingleRedis({ dir, binary }) {
  const server = await openServer({ dir, binary });
  return {
    ...server,
    urlFor: (linkPort) => `redis://:${PASSWORD}@127.0.0.1:${linkPort}`,
    cutClients: () => cutClientsOf(server.port),
    failOver: async () => {},
  };
}

/** @param {{ dir: string, binary: string }} options @returns {Promise<ChaosRedis>} */
export async function openSentinelRedis({ dir, binary }) {
  const primary = await openServer({ dir: join(dir, "redis-0"), binary, conf: { masterauth: PASSWORD } });
  const conf = { masterauth: PASSWORD, replicaof: `127.0.0.1 ${primary.port}` };
  const replicas = [];
  for (const n of [1, 2]) replicas.push(await openServer({ dir: join(dir, `redis-${n}`), binary, conf }));
  const servers = [primary, ...replicas];
  const sentinels = await Promise.all(
    [0, 1, 2].map((n) => startSentinel({ dir: join(dir, `sentinel-${n}`), binary, primaryPort: primary.port })),
  );
  const sentinelPorts = sentinels.map(({ port }) => port);
  const primaryPort = async () => {
    for (const port of sentinelPorts) {
      const answer = await redisCommand({ port }, "SENTINEL", "get-master-addr-by-name", GROUP).catch(() => null);
      if (Array.isArray(answer)) return Number(answer[1]);
    }
    throw new Error("no sentinel answers");
  };
  const current = async () => {
    const port = await primaryPort();
    return servers.find((server) => server.port === port) ?? primary;
  };
  /** Two replicas have the primary's data, and all Sentinels name it. Then it may fail: no group survives more. */
  const isWhole = async () => {
    const named = await Promise.all(
      sentinelPorts.map((port) => redisCommand({ port }, "SENTINEL", "get-master-addr-by-name", GROUP)),
    );
    const ports = new Set(named.map((address) => Number(Array.isArray(address) ? address[1] : 0)));
    const [port = 0] = ports;
    const role = await redisCommand({ port, password: PASSWORD }, "ROLE");
    return ports.size === 1 && Array.isArray(role) && role[0] === "master" && role[2]?.length === 2;
  };
  const whenWhole = async (/** @type {() => Promise<void>} */ fault) => {
    if (!(await isWhole().catch(() => false))) throw new Error("left out: the group is not whole");
    await fault();
  };
  await knowEachOther(sentinelPorts);
  return {
    port: primary.port,
    urlFor: () =>
      `redis+sentinel://:${PASSWORD}@${sentinelPorts.map((port) => `127.0.0.1:${port}`).join(",")}/${GROUP}`,
    kill: (downMs) => whenWhole(async () => (await current()).kill(downMs)),
    freeze: (ms) => whenWhole(async () => (await current()).freeze(ms)),
    cutClients: async () => cutClientsOf(await primaryPort()),
    failOver: () =>
      whenWhole(async () => {
        const server = { port: await primaryPort(), password: PASSWORD };
        // As docs/operations.md says: without the pause, what the primary writes meanwhile is lost.
        await redisCommand(server, "CLIENT", "PAUSE", String(PAUSE_MS), "WRITE").catch(() => {});
        await redisCommand({ port: sentinelPorts[0] ?? 0 }, "SENTINEL", "FAILOVER", GROUP).catch(() => {});
      }),
    async close() {
      await Promise.all(sentinels.map(({ owned }) => end(owned, 2000)));
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** One server that starts again after each kill, on its port and with its data. @param {{ dir: string, binary: string, conf?: Record<string, string> }} options */
async function openServer({ dir, binary, conf = {} }) {
  const start = (/** @type {number | undefined} */ port) => startRedis({ binary, dir, password: PASSWORD, conf, port });
  let server = await start(undefined);
  const { port } = server;
  /** @type {Promise<void>} */
  let busy = Promise.resolve();
  const afterOthers = (/** @type {() => Promise<void>} */ work) => {
    busy = busy.then(work);
    return busy;
  };
  return {
    port,
    kill: (/** @type {number} */ downMs) =>
      afterOthers(async () => {
        server.kill();
        await server.exited;
        await sleep(downMs);
        server = await start(port);
      }),
    freeze: (/** @type {number} */ ms) =>
      afterOthers(async () => {
        server.child.kill("SIGSTOP");
        await sleep(ms);
        server.child.kill("SIGCONT");
      }),
    close: () => afterOthers(async () => void (await server.stop())),
  };
}

/** @param {{ dir: string, binary: string, primaryPort: number }} options */
async function startSentinel({ dir, binary, primaryPort }) {
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  const confFile = join(dir, "sentinel.conf");
  // Sentinel rewrites its file.
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir "${dir}"`,
    `sentinel monitor ${GROUP} 127.0.0.1 ${primaryPort} 2`,
    `sentinel auth-pass ${GROUP} ${PASSWORD}`,
    `sentinel down-after-milliseconds ${GROUP} 1000`,
    `sentinel failover-timeout ${GROUP} 6000`,
  ];
  writeFileSync(confFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  const env = { LC_ALL: "C", PATH: process.env["PATH"] ?? "" };
  const owned = spawnOwned(binary, [confFile, "--sentinel"], { env, logFile: join(dir, "sentinel.log"), cwd: dir });
  return { port, owned };
}

/** A failover needs sentinels that know the replicas and each other. @param {number[]} ports */
async function knowEachOther(ports) {
  const isReady = async (/** @type {number} */ port) => {
    const count = async (/** @type {string} */ what) => {
      const answer = await redisCommand({ port }, "SENTINEL", what, GROUP).catch(() => null);
      return Array.isArray(answer) ? answer.length : 0;
    };
    return (await count("replicas")) >= 2 && (await count("sentinels")) >= 2;
  };
  const areReady = async () => (await Promise.all(ports.map(isReady))).every(Boolean);
  if (!(await eventually(areReady, READY_MS))) throw new Error("the sentinels did not find each other");
}

/** @param {number} port */
async function cutClientsOf(port) {
  const server = { port, password: PASSWORD };
  await redisCommand(server, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes").catch(() => {});
  await redisCommand(server, "CLIENT", "KILL", "TYPE", "pubsub").catch(() => {});
}
