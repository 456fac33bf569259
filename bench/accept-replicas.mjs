/**
 * The price of ACCEPT_REPLICAS and ACCEPT_REPLICAS_ON_DISK: submits without them and with them in turns, on two groups of
 * servers with Sentinels, one for each appendfsync. The servers are Valkey 9.1, or those of BENCH_WAITAOF_SERVER.
 */
import { join } from "node:path";
import { installedValkey, installValkey } from "../scripts/lib/programs/valkey.mjs";
import { startRedisGroup } from "../scripts/lib/stack/redis-group.mjs";
import { startStack } from "../scripts/lib/stack/stack.mjs";
import { headersOf, INPUT } from "./calls.mjs";
import { describeLoad, inRotation, loadAccepted } from "./load.mjs";

/** All sides of a group are one gateway. */
const KEYS = { VISGATE_API_KEY: "vg-bench-0123456789abcdef", VISGATE_SECRET: "bench-secret-0123456789abcdef" };
const LEVELS = [
  { name: "without replicas", env: {} },
  { name: "ACCEPT_REPLICAS=1", env: { ACCEPT_REPLICAS: "1" } },
  // With everysec the gateway does not start otherwise.
  {
    name: "on disk too",
    env: { ACCEPT_REPLICAS: "1", ACCEPT_REPLICAS_ON_DISK: "true", ALLOW_UNSAFE_REDIS: "true" },
  },
];

/** @typedef {import("../scripts/lib/stack/redis-group.mjs").LastingRedis} LastingRedis */

/** @param {{ dataDir: string, options: { rounds: number, seconds: number } }} bench */
export async function acceptReplicas({ dataDir, options }) {
  const binary = process.env["BENCH_WAITAOF_SERVER"] || installedValkey() || (await installValkey());
  if (binary === undefined) throw new Error("no server that knows WAITAOF: set BENCH_WAITAOF_SERVER to its program");
  /** @type {{ close(): Promise<unknown> }[]} */
  const opened = [];
  /** @type {{ title: string, target: import("./load.mjs").Target }[]} */
  const sides = [];
  try {
    let version = "";
    for (const appendfsync of ["always", "everysec"]) {
      const dir = `${dataDir}-${appendfsync}`;
      const group = await startRedisGroup({ dir, binary, password: "bench-password", conf: { appendfsync } });
      opened.unshift(group);
      version = await versionOf(await group.primary());
      for (const [index, { name, env }] of LEVELS.entries()) {
        const stack = await startStack({
          ...{ dataDir: join(dataDir, `${appendfsync}-${index}`), redis: { url: group.url }, workers: 0 },
          env: { POSTERS: "false", SIMULATOR_RENDER_SECONDS: "1", LOG_LEVEL: "warn", ...KEYS, ...env },
        });
        opened.unshift({ close: stack.stop });
        sides.push({ title: `${appendfsync}, ${name}`, target: targetOf(stack) });
      }
    }
    const { medianOf, ratioOf } = await inRotation(
      sides.map(({ target }) => target),
      { ...options, measure: loadAccepted },
    );
    return [
      `Submits to ${version} with two replicas and three Sentinels, one API, no worker (calls that were answered 202):`,
      ...sides.map(({ title }, index) => {
        const first = index - (index % LEVELS.length);
        const ratio = (/** @type {keyof import("./load.mjs").Load} */ field) => ratioOf(index, first, field).toFixed(2);
        return `  ${title}: ${ratio("perSecond")}x the calls, ${ratio("p50")}x the time of a call (${describeLoad(medianOf(index))})`;
      }),
    ];
  } finally {
    for (const { close } of opened) await close();
  }
}

/** @param {import("./calls.mjs").Stack} stack @returns {import("./load.mjs").Target} */
const targetOf = (stack) => ({
  ...{ url: `${stack.baseUrl}/api/v1/videos/generate`, method: /** @type {const} */ ("POST") },
  ...{ headers: headersOf(stack), body: JSON.stringify(INPUT) },
});

/** @param {LastingRedis} server */
async function versionOf({ command }) {
  const info = String(await command("INFO", "server"));
  const [, name, version] = /(valkey)_version:(\S+)/.exec(info) ?? /(redis)_version:(\S+)/.exec(info) ?? [];
  return `${name} ${version}`;
}
