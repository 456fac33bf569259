/** Dockerfile and docker-compose.yml. No container engine is needed: they are read, and Redis's command is run. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { judge, readSettings } from "../packages/shared/src/store/connection/safety.js";
import { inRoot } from "../scripts/lib/paths.mjs";
import { freePort } from "../scripts/lib/processes/ports.mjs";
import { findRedisServer } from "../scripts/lib/stack/redis.mjs";
import { until } from "./support/until.js";

const read = (file: string) => readFileSync(inRoot(file), "utf8");
const COMPOSE = read("docker-compose.yml");

/** The lines below `name:`, which stands behind `indent` spaces. */
function below(name: string, indent = 0): string {
  const start = " ".repeat(indent);
  const block = new RegExp(`^${start}${name}:.*\\n((?:${start} .*\\n|\\n)*)`, "m").exec(COMPOSE);
  if (block === null) throw new Error(`docker-compose.yml has no ${name}`);
  return block[1] ?? "";
}

const SERVICES = [...below("services").matchAll(/^ {2}([\w-]+):/gm)].map(([, name = ""]) => name);

test("every image of others has an exact version and a digest", () => {
  const images = [
    ...[...COMPOSE.matchAll(/^ +image: (\S+)/gm)].map(([, image = ""]) => image),
    ...[...read("Dockerfile").matchAll(/^FROM (\S+)/gm)].map(([, image = ""]) => image),
  ].filter((image) => image !== "visgate" && image !== "base");
  expect(images.length).toBe(2);
  for (const image of images) expect(image).toMatch(/^\w+:\d+\.\d+\.\d+-[\w.-]+@sha256:[\da-f]{64}$/);
});

test.each(SERVICES)("%s: writes only to its volume and /tmp, without privileges and within limits", (service) => {
  const block = below(service, 2);
  const own = block.includes("<<: *service") ? block + below("x-service") : block;
  expect(own).toContain("<<: *contained");
  const all = own + below("x-contained");
  for (const setting of [/^ +read_only: true$/m, /^ +- \/tmp:size=/m, /cap_drop:\n +- ALL$/m])
    expect(all).toMatch(setting);
  expect(all).toMatch(/^ +- no-new-privileges:true$/m);
  for (const limit of [/^ +mem_limit: /m, /^ +cpus: /m, /^ +pids_limit: /m]) expect(all).toMatch(limit);
});

test("the programs of the image do not run as root, and their folder is only for their user", () => {
  const dockerfile = read("Dockerfile");
  expect(dockerfile).toMatch(/^USER 1000:1000$/m);
  expect(dockerfile).toMatch(/^RUN install -d -o node -g node -m 700 \/data$/m);
  expect(below("redis", 2)).toMatch(/^ +user: "999:1000"/m);
});

test("Redis: every process gets the password, which is required", () => {
  expect(below("x-environment")).toMatch(/REDIS_URL: redis:\/\/:\$\{REDIS_PASSWORD\}@redis:6379$/m);
  expect(below("redis", 2)).toMatch(/REDIS_PASSWORD: \$\{REDIS_PASSWORD:\?/);
});

test("Redis: its command asks for the password, keeps every write on disk, and keeps its files for its user", async () => {
  const dir = mkdtempSync(join(tmpdir(), "visgate-compose-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, "data"), { mode: 0o755 });
  const port = await freePort();
  const [, script = ""] = /- sh\n +- -c\n +- \|\n((?: {8}.*\n)+)/.exec(below("redis", 2)) ?? [];
  const binary = process.env["REDIS_SERVER"] ?? (await findRedisServer({ install: false }));
  // As in the container, with the paths of this machine.
  const command = script
    .replaceAll("$$", "$")
    .replaceAll("/etc/visgate/redis.conf", inRoot("deploy/redis.conf"))
    .replaceAll("/tmp/redis.conf", join(dir, "redis.conf"))
    .replaceAll("/data", join(dir, "data"))
    .replace(/exec redis-server (\S+)/, `cd ${dir}/data && exec ${binary} $1 --port ${port} --bind 127.0.0.1`);
  const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C", REDIS_PASSWORD: "0123456789abcdef" };
  const server = spawn("sh", ["-c", command], { env, stdio: "ignore" });
  const exited = once(server, "exit");
  onTestFinished(async () => {
    server.kill("SIGTERM");
    await exited;
  });
  const client = (password?: string) => {
    const redis = new Redis({ port, host: "127.0.0.1", ...(password !== undefined && { password }) });
    redis.on("error", () => undefined);
    onTestFinished(() => redis.disconnect());
    return redis;
  };
  const owner = client(env.REDIS_PASSWORD);
  await until("Redis to answer", () =>
    owner.ping().then(
      (answer) => answer === "PONG",
      () => false,
    ),
  );
  await expect(client().get("a")).rejects.toThrow(/NOAUTH/);
  await owner.set("a", "b");
  expect(judge(await readSettings(owner))).toMatchObject({ safe: true, message: expect.stringContaining("always") });
  const written = readdirSync(dir, { recursive: true }) as string[];
  expect(written.some((name) => name.endsWith(".aof"))).toBe(true);
  const modes = written.map((name) => (statSync(join(dir, name)).mode & 0o777).toString(8));
  expect(new Set(modes)).toEqual(new Set(["600", "700"]));
});
