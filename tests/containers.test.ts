/** Dockerfile and the compose files. No container engine is needed: they are read, and Redis's command is run. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROVIDERS } from "@visgate/providers";
import { parseConfig } from "@visgate/shared/runtime";
import { DRAIN_DEADLINE_MS } from "@visgate/shared/runtime/process";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { judge, readSettings } from "../packages/shared/src/store/connection/safety.js";
import { inRoot } from "../scripts/lib/paths.mjs";
import { freePort } from "../scripts/lib/processes/ports.mjs";
import { findRedisServer } from "../scripts/lib/stack/redis.mjs";
import { COMPOSE_FILES, interpolate, runScript, servicesOf } from "./support/compose.js";
import { until } from "./support/until.js";

const read = (file: string) => readFileSync(inRoot(file), "utf8");
const DOCKERFILE = read("Dockerfile");
const PINNED = /^\w+:\d+\.\d+\.\d+-[\w.-]+@sha256:[\da-f]{64}$/;
const SECRETS = {
  VISGATE_API_KEY: "vg-0123456789abcdef",
  VISGATE_SECRET: "0123456789abcdef",
  REDIS_PASSWORD: "password",
};

const imagesOf = (file: string) => new Set(Object.values(servicesOf(file)).map(({ image }) => image));

test("every image of others has an exact version and a digest", () => {
  const bases = [...DOCKERFILE.matchAll(/^FROM (\S+)/gm)].map(([, image = ""]) => image);
  const images = [...bases, ...COMPOSE_FILES.flatMap((file) => [...imagesOf(file)])];
  const others = images.filter((image) => image !== "visgate" && image !== "base");
  expect(others.length).toBe(3);
  for (const image of others) expect(image).toMatch(PINNED);
});

test("all compose files use the same images", () => {
  const [first, ...others] = COMPOSE_FILES.map(imagesOf);
  for (const images of others) expect(images).toEqual(first);
});

test("the programs of the image do not run as root, and their folder is only for their user", () => {
  expect(DOCKERFILE).toMatch(/^USER 1000:1000$/m);
  expect(DOCKERFILE).toMatch(/^RUN install -d -o node -g node -m 700 \/data$/m);
});

const everyService = COMPOSE_FILES.flatMap((file) =>
  Object.entries(servicesOf(file)).map(([name, service]) => ({ file, name, service })),
);

describe.each(everyService)("$file: $name", ({ service }) => {
  test("writes only to its volume and /tmp, without privileges and within limits", () => {
    expect(service).toMatchObject({ init: true, read_only: true, cap_drop: ["ALL"], pids_limit: 200 });
    expect(service["security_opt"]).toEqual(["no-new-privileges:true"]);
    expect(service.tmpfs[0]).toMatch(/^\/tmp:size=\d+m,mode=1777,noexec,nosuid,nodev$/);
    for (const limit of ["mem_limit", "cpus"]) expect(service[limit]).toBeTruthy();
    for (const expanding of ["privileged", "cap_add", "devices", "network_mode", "pid"])
      expect(service).not.toHaveProperty(expanding);
  });

  test("publishes ports on loopback only", () => {
    for (const port of service["ports"] ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  if (service.image === "visgate") {
    test("gets settings that it accepts, with the password of Redis", () => {
      const known = { ...SECRETS, S3_BUCKET: "outputs", PUBLIC_URL: "https://visgate.example.com" };
      const given = Object.entries(service.environment).map(([name, value]) => [name, interpolate(value, known)]);
      const config = parseConfig(Object.fromEntries(given), PROVIDERS);
      expect(config.REDIS_URL).toMatch(/^redis(\+cluster)?:\/\/:password@redis/);
      expect(config).toMatchObject({ PORT: 8787, VISGATE_API_KEY: SECRETS.VISGATE_API_KEY });
    });

    test("has more time to end than its drain takes", () => {
      expect(Number.parseInt(service["stop_grace_period"], 10)).toBeGreaterThan(DRAIN_DEADLINE_MS / 1000 + 3);
    });
  } else {
    test("runs as the user of Redis and requires its password", () => {
      expect(service.user).toBe("999:1000");
      expect(service.environment["REDIS_PASSWORD"]).toMatch(/^\$\{REDIS_PASSWORD:\?/);
    });
  }
});

test("Redis: its command asks for the password, keeps every write on disk, and keeps its files for its user", async () => {
  const dir = mkdtempSync(join(tmpdir(), "visgate-compose-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, "data"), { mode: 0o755 });
  const port = await freePort();
  const binary = process.env["REDIS_SERVER"] || (await findRedisServer({ install: false }));
  const [, , script = ""] = servicesOf("docker-compose.yml")["redis"]?.command ?? [];
  runScript(script, { REDIS_PASSWORD: SECRETS.REDIS_PASSWORD }, [
    ["/etc/visgate/redis.conf", inRoot("deploy/redis.conf")],
    ["/tmp/redis.conf", join(dir, "redis.conf")],
    ["/data", join(dir, "data")],
    [/exec redis-server (\S+)/g, `cd ${dir}/data && exec ${binary} $1 --port ${port} --bind 127.0.0.1`],
  ]);
  const client = (password?: string) => {
    const redis = new Redis({ port, host: "127.0.0.1", ...(password !== undefined && { password }) });
    redis.on("error", () => undefined);
    onTestFinished(() => redis.disconnect());
    return redis;
  };
  const owner = client(SECRETS.REDIS_PASSWORD);
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
