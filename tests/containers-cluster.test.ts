/** docker-compose.scale.yml: the commands of its Redis services, run on this machine, make a cluster that Visgate takes. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connectFailFast } from "@visgate/shared/store";
import { expect, onTestFinished, test } from "vitest";
import { judge, readSettings } from "../packages/shared/src/store/connection/safety.js";
import { inRoot } from "../scripts/lib/paths.mjs";
import { freePort, isPortFree } from "../scripts/lib/processes/ports.mjs";
import { findRedisServer } from "../scripts/lib/stack/redis.mjs";
import { runScript, type Service, servicesOf } from "./support/compose.js";
import { until } from "./support/until.js";

const SERVICES = servicesOf("docker-compose.scale.yml");
const NODES = Object.entries(SERVICES).filter(([name]) => /^redis-\d$/.test(name));
const PASSWORD = "0123456789abcdef";
const binary = process.env["REDIS_SERVER"] || (await findRedisServer({ install: false }));
const cli = ["redis-cli", "valkey-cli"].map((name) => join(dirname(binary), name)).find(existsSync);
if (cli === undefined) console.warn("The cluster of docker-compose.scale.yml is not made: there is no redis-cli.");

const scriptOf = ({ command }: Service) => command[2] ?? "";
const addressOf = ({ networks }: Service) => networks.default.ipv4_address;

test("each node has its own volume and its own fixed address", () => {
  expect(NODES.length).toBe(6);
  expect(new Set(NODES.map(([, node]) => addressOf(node))).size).toBe(6);
  for (const [name, node] of NODES) {
    expect(node["volumes"]).toEqual(["./deploy:/etc/visgate:ro", `${name}:/data`]);
    expect(SERVICES["redis-cluster"]?.["depends_on"][name]).toEqual({ condition: "service_healthy" });
  }
});

/** A port with its bus port, which is 10,000 higher. Both below the ports of outgoing connections. */
async function freeNodePort(): Promise<number> {
  const port = await freePort();
  return port + 10_000 < 32_768 && (await isPortFree(port + 10_000)) ? port : freeNodePort();
}

/** The files of /etc/visgate, with the paths of this machine. */
function copySettings(dir: string): string {
  const settings = join(dir, "settings");
  mkdirSync(settings);
  copyFileSync(inRoot("deploy/redis.conf"), join(settings, "redis.conf"));
  const cluster = readFileSync(inRoot("deploy/redis-cluster.conf"), "utf8");
  writeFileSync(join(settings, "redis-cluster.conf"), cluster.replaceAll("/etc/visgate", settings));
  return settings;
}

test.skipIf(cli === undefined)(
  "the nodes unite once, each primary with a replica, and keep every write",
  async () => {
    const dir = mkdtempSync(join(tmpdir(), "visgate-compose-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const settings = copySettings(dir);
    const ports: number[] = [];
    for (const [name, node] of NODES) {
      const [home, port] = [join(dir, name), await freeNodePort()];
      mkdirSync(join(home, "data"), { recursive: true });
      ports.push(port);
      runScript(scriptOf(node), { REDIS_PASSWORD: PASSWORD }, [
        ["/etc/visgate", settings],
        ["/tmp/redis.conf", join(home, "redis.conf")],
        ["/data", join(home, "data")],
        [/exec redis-server (\S+)/g, `cd ${home}/data && exec ${binary} $1 --port ${port} --bind 127.0.0.1`],
      ]);
    }
    const unite = () =>
      runScript(scriptOf(SERVICES["redis-cluster"] as Service), { REDIS_PASSWORD: PASSWORD }, [
        ["redis-cli", cli ?? ""],
        ["-h redis-1 -p 6379", `-h 127.0.0.1 -p ${ports[0]}`],
        ["for n in 1 2 3 4 5 6;", `for n in ${ports.join(" ")};`],
        [/172\.30\.87\.1\$n:6379/g, "127.0.0.1:$n"],
      ]);
    const url = `redis+cluster://:${PASSWORD}@${ports.map((port) => `127.0.0.1:${port}`).join(",")}`;
    const connect = (to: string) => {
      const redis = connectFailFast(to).on("error", () => undefined);
      onTestFinished(() => redis.disconnect());
      return redis;
    };
    const nodes = ports.map((port) => connect(`redis://:${PASSWORD}@127.0.0.1:${port}`));
    for (const node of nodes) await until("a node to answer", () => node.ping().catch(() => false));
    const first = await unite();
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining("All 16384 slots covered") });
    const followers = async () => {
      const roles = (await Promise.all(nodes.map((node) => node.role()))) as [string, number, unknown[]][];
      return roles.map(([role, , following]) => (role === "master" ? following.length : role)).sort();
    };
    const isWhole = async () => `${await followers()}` === "1,1,1,slave,slave,slave";
    await until("each primary to have its replica", isWhole, 60_000);
    expect(await unite()).toEqual({ code: 0, output: "" });

    const redis = connect(url);
    await until("the cluster to take writes", () => redis.set("a", "b").catch(() => false));
    expect(judge(await readSettings(redis))).toMatchObject({ safe: true, message: expect.stringContaining("always") });
    for (const node of nodes) expect(await node.config("GET", "cluster-require-full-coverage")).toContain("no");
  },
  120_000,
);
