/**
 * Nine hosts: three with Redis, each with a primary of a cluster and a replica of each other primary; two with an API,
 * three with a worker, and one with the simulated providers and the bucket of the outputs.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ENTRIES, inRoot } from "../../scripts/lib/paths.mjs";
import { eventually } from "../../scripts/lib/processes/processes.mjs";
import { startS3Server } from "../../scripts/lib/programs/s3-server.mjs";
import { startRedisCluster } from "../../scripts/lib/stack/redis-cluster.mjs";
import { keepRunning } from "../keep-running.mjs";
import { BASE_ENV, programEnv, simulatorEnv } from "../world.mjs";
import { openNetwork } from "./network.mjs";

const NAMES = {
  redis: ["redis-1", "redis-2", "redis-3"],
  api: ["api-1", "api-2"],
  worker: ["worker-1", "worker-2", "worker-3"],
  simulator: ["simulator"],
};
const PASSWORD = "chaos-password";
const BUCKET = "outputs";
const API_PORT = 8787;
const SIMULATOR_PORT = 8790;
/** A node that was away for long loads everything from its new primary. */
const WHOLE_MS = 120_000;
/** Redis gives up a failover after 5 s, for example when its nodes are not all connected again. */
const FAILOVER_MS = 6000;

/** A replica that followed another primary for good would leave one host without a copy of its data. */
const STAY = { "cluster-allow-replica-migration": "no" };

/** @typedef {Awaited<ReturnType<typeof openHosts>>} Hosts */
/** @typedef {keyof typeof NAMES} Kind */

/**
 * @param {{
 *   dir: string, binary: string, s3Program: string, renderCacheDir: string, locateSeconds: number,
 *   journals: import("../journal.mjs").Journals,
 * }} options
 */
export async function openHosts({ dir, binary, s3Program, renderCacheDir, locateSeconds, journals }) {
  const logDir = join(dir, "logs");
  mkdirSync(logDir, { recursive: true });
  const network = openNetwork(Object.values(NAMES).flat());
  const hostsOf = (/** @type {Kind} */ kind) => network.filter(({ name }) => NAMES[kind].includes(name));
  const [simulator] = hostsOf("simulator");
  if (simulator === undefined) throw new Error("there is no host for the simulator");

  const hosts = hostsOf("redis");
  const place = { dir: join(dir, "redis"), binary, password: PASSWORD, hosts };
  const cluster = await startRedisCluster({ ...place, replicas: 2, conf: STAY });
  const s3 = await startS3Server({ program: s3Program, dir: join(dir, "s3"), host: simulator });
  await s3.createBucket(BUCKET);

  const simulatorUrl = `http://${simulator.address}:${SIMULATOR_PORT}`;
  const baseUrls = hostsOf("api").map(({ address }) => `http://${address}:${API_PORT}`);
  /** @param {import("./network.mjs").NetworkHost} host */
  const envOf = ({ name, address }) => ({
    ...programEnv({ dir: join(dir, name), simulatorUrl, publicUrl: baseUrls[0] ?? "", locateSeconds }),
    ...{ HOST: address, PORT: String(API_PORT), REDIS_URL: cluster.url, ACCEPT_REPLICAS: "1" },
    ...{ OUTPUT_STORE: "s3", S3_BUCKET: BUCKET, S3_ENDPOINT: s3.endpoint },
    ...{ AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey },
  });
  /** @type {import("../keep-running.mjs").Kept[]} */
  const processes = [];
  const add = async (/** @type {Omit<Parameters<typeof keepRunning>[0], "logDir" | "journals">} */ what) =>
    void processes.push(await keepRunning({ ...what, logDir, journals }));
  await add({
    ...{ kind: "simulator", name: "simulator", entry: ENTRIES.simulator, host: simulator },
    env: { ...simulatorEnv({ dir, port: SIMULATOR_PORT, renderCacheDir }), PUBLIC_SIMULATOR_URL: simulatorUrl },
  });
  await add({
    ...{ kind: "simulator", name: "forwarder", entry: inRoot("chaos/hosts/forward.mjs"), host: simulator },
    env: { ...BASE_ENV, FORWARD_ADDRESS: simulator.address, FORWARD_PORT: String(SIMULATOR_PORT) },
  });
  for (const kind of /** @type {const} */ (["api", "worker"])) {
    for (const host of hostsOf(kind)) {
      await add({ kind, name: host.name, entry: ENTRIES[kind], env: envOf(host), host });
    }
  }
  return {
    ...{ journals, baseUrls, simulatorUrl, logDir, processes },
    hosts: network.map((host) => ({ ...host, kind: kindOf(host.name) })),
    /** Resolves when every host has its primary again, and all replicas follow. */
    async makeWhole() {
      const isWhole = () => eventually(cluster.isWhole, WHOLE_MS);
      if (!(await isWhole())) throw new Error("the cluster did not become whole");
      const joinedAt = Date.now();
      await putPrimariesBack(cluster);
      if (!(await isWhole())) throw new Error("the cluster did not become whole after its primaries were put back");
      return joinedAt;
    },
    async close() {
      await Promise.all(processes.filter(({ kind }) => kind !== "simulator").map((each) => each.end()));
      await Promise.all(processes.map((each) => each.end()));
      await Promise.all([cluster.close(), s3.stop()]);
    },
  };
}

/** @param {string} name @returns {Kind} */
function kindOf(name) {
  const [kind] = Object.entries(NAMES).find(([, names]) => names.includes(name)) ?? [];
  return /** @type {Kind} */ (kind);
}

/**
 * As an operator does after a failover: most primaries must agree to the next one, so none of the hosts may have two.
 * @param {import("../../scripts/lib/stack/redis-cluster.mjs").RedisCluster} cluster
 */
async function putPrimariesBack({ servers }) {
  for (const { command } of servers.slice(0, NAMES.redis.length)) {
    const isPrimary = async () => /** @type {any[]} */ (await command("ROLE"))[0] === "master";
    const until = Date.now() + WHOLE_MS;
    while (!(await isPrimary())) {
      if (Date.now() > until) throw new Error("a primary could not be put back");
      await command("CLUSTER", "FAILOVER");
      await eventually(isPrimary, FAILOVER_MS);
    }
  }
}
