/** Redis with two replicas and three Sentinels, as processes on this machine: for chaos and bench. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../processes/ports.mjs";
import { end, eventually, spawnOwned, THIS_MACHINE } from "../processes/processes.mjs";
import { startRedis } from "./redis.mjs";
import { redisCommand } from "./resp.mjs";

const GROUP = "visgate";
const READY_MS = 30_000;

/** @typedef {Awaited<ReturnType<typeof startLastingRedis>>} LastingRedis */

/**
 * A server that starts again after each kill, on its port and with its data.
 * @param {{
 *   dir: string, binary: string, password: string, conf?: Record<string, string>,
 *   host?: import("../processes/processes.mjs").Host,
 * }} options
 */
export async function startLastingRedis({ dir, binary, password, conf = {}, host = THIS_MACHINE }) {
  const start = (/** @type {number | undefined} */ port) => startRedis({ binary, dir, password, conf, port, host });
  let server = await start(undefined);
  const { port } = server;
  /** @type {Promise<void>} */
  let busy = Promise.resolve();
  const afterOthers = (/** @type {() => Promise<void>} */ work) => {
    busy = busy.then(work);
    return busy;
  };
  return {
    ...{ host: host.address, port },
    get pid() {
      return server.pid;
    },
    /** Ends it at once, and starts it again after `downMs`. */
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
    command: (/** @type {string[]} */ ...words) => redisCommand({ host: host.address, port, password }, ...words),
    close: () => afterOthers(async () => void (await server.stop())),
  };
}

/** @param {{ dir: string, binary: string, password: string, conf?: Record<string, string> }} options */
export async function startRedisGroup({ dir, binary, password, conf = {} }) {
  const settings = { masterauth: password, ...conf };
  const open = (/** @type {number} */ n) =>
    startLastingRedis({ dir: join(dir, `redis-${n}`), binary, password, conf: settings });
  const [first, ...others] = [await open(0), await open(1), await open(2)];
  const servers = [first, ...others];
  // Not in their settings: a primary that was killed starts as a primary, until the Sentinels command it.
  for (const { command } of others) await command("REPLICAOF", "127.0.0.1", String(first.port));
  const sentinels = await Promise.all(
    [0, 1, 2].map((n) => startSentinel({ dir: join(dir, `sentinel-${n}`), binary, password, primaryPort: first.port })),
  );

  const primaryPorts = async () => {
    const asked = sentinels.map(({ ask }) => ask("get-master-addr-by-name").catch(() => null));
    return (await Promise.all(asked)).flatMap((address) => (Array.isArray(address) ? [Number(address[1])] : []));
  };
  /** The primary, as the first Sentinel that answers names it. */
  const primary = async () => {
    const [port] = await primaryPorts();
    const found = servers.find((server) => server.port === port);
    if (found === undefined) throw new Error("no Sentinel names a primary");
    return found;
  };
  /** All Sentinels name the same primary, and two replicas follow it: one server may fail. */
  const isWhole = async () => {
    const ports = await primaryPorts();
    const role = await (await primary()).command("ROLE");
    const isAgreed = ports.length === sentinels.length && new Set(ports).size === 1;
    const [kind, , following] = Array.isArray(role) ? role : [];
    const count = Array.isArray(following) ? following.length : 0;
    return isAgreed && kind === "master" && count === servers.length - 1;
  };

  const knowsAll = async (/** @type {typeof sentinels[number]} */ { ask }) => {
    const counts = await Promise.all(["replicas", "sentinels"].map(async (what) => (await ask(what))?.length));
    return counts.every((count) => count === 2);
  };
  const areReady = async () => {
    const ready = sentinels.map((each) => knowsAll(each).catch(() => false));
    return (await Promise.all(ready)).every(Boolean) && (await isWhole().catch(() => false));
  };
  if (!(await eventually(areReady, READY_MS))) throw new Error("the Sentinels did not find each other");
  return {
    url: `redis+sentinel://:${password}@${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",")}/${GROUP}`,
    ...{ servers, primary, isWhole },
    /** Asks for a failover, as an administrator does. */
    failOver: async () => void (await sentinels[0]?.ask("failover")),
    async close() {
      await Promise.all(sentinels.map(({ owned }) => end(owned, 2000)));
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/**
 * @param {{
 *   dir: string, binary: string, password: string, primaryPort: number, name?: string, quorum?: number,
 *   downAfterMs?: number,
 * }} options
 */
export async function startSentinel(options) {
  const { dir, binary, password, primaryPort, name = GROUP, quorum = 2, downAfterMs = 1000 } = options;
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  const confFile = join(dir, "sentinel.conf");
  // Sentinel rewrites its file.
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir "${dir}"`,
    `sentinel monitor ${name} 127.0.0.1 ${primaryPort} ${quorum}`,
    `sentinel auth-pass ${name} ${password}`,
    `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
    `sentinel failover-timeout ${name} ${6 * downAfterMs}`,
  ];
  writeFileSync(confFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  const env = { LC_ALL: "C", PATH: process.env["PATH"] ?? "" };
  const owned = spawnOwned(binary, [confFile, "--sentinel"], { env, logFile: join(dir, "sentinel.log"), cwd: dir });
  return {
    port,
    owned,
    ask: async (/** @type {string} */ what) =>
      /** @type {any} */ (await redisCommand({ port }, "SENTINEL", what, name)),
  };
}
