import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startTestRedis, type TestRedis } from "../../../../../tests/support/redis.js";
import { createTestSignal } from "../../../../../tests/support/signals.js";
import { until } from "../../../../../tests/support/until.js";
import { connectFailFast, connectPatient } from "./connect.js";
import type { RedisFault } from "./fault.js";
import { createGate, type Gate, type GateOptions } from "./gate.js";
import type { SafetyVerdict } from "./safety.js";

const MEGABYTE = 1024 * 1024;
let server: TestRedis;
let admin: Redis;
beforeAll(async () => {
  server = await startTestRedis();
  admin = new Redis(server.url);
  admin.on("error", () => {});
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

function openGate(options: GateOptions = {}, connect = connectFailFast): { gate: Gate; redis: Redis } {
  const redis = connect(server.url);
  const gate = createGate(redis, { checkEveryMs: 50, ...options });
  onTestFinished(() => {
    gate.close();
    redis.disconnect();
  });
  return { gate, redis };
}
const used = async () => Number(/used_memory:(\d+)/.exec(await admin.info("memory"))?.[1]);
const setting = (name: string, value: string) => admin.config("SET", name, value);

test("gate: closes above 70 % of the memory, and opens again when there is room", async () => {
  onTestFinished(() => void setting("maxmemory", "0"));
  const { gate } = openGate();
  await gate.untilWritable();
  await setting("maxmemory", String((await used()) + 100 * MEGABYTE));
  expect(gate.whyClosed()).toBeNull();
  await setting("maxmemory", String(Math.round((await used()) / 0.75)));
  await until("the gate to close", () => gate.whyClosed()?.kind === "full");
  await setting("maxmemory", String((await used()) * 4));
  await until("the gate to open", () => gate.whyClosed() === null);
});

test("gate: judges Redis at once, and again at every reconnection", async () => {
  const verdicts: SafetyVerdict[] = [];
  const judged = createTestSignal();
  onTestFinished(() => void setting("maxmemory-policy", "noeviction"));
  openGate({
    onVerdict(verdict) {
      verdicts.push(verdict);
      judged.fire();
    },
  });
  await judged.reached(1);
  await setting("maxmemory-policy", "allkeys-lru");
  await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await judged.reached(2);
  expect(verdicts.map((verdict) => verdict.safe)).toEqual([true, false]);
});

/** What makes Redis refuse writes, and the word by which the message names the cause. */
const REFUSALS = [
  { what: "is full", cause: () => setting("maxmemory", "1"), relief: () => setting("maxmemory", "0"), says: /full/ },
  {
    what: "has too few replicas",
    cause: () => setting("min-replicas-to-write", "1"),
    relief: () => setting("min-replicas-to-write", "0"),
    says: /min-replicas-to-write/,
  },
  {
    what: "is a read-only replica",
    cause: () => admin.call("REPLICAOF", "127.0.0.1", "1"),
    relief: () => admin.call("REPLICAOF", "NO", "ONE"),
    says: /read-only replica.*REDIS_URL/,
  },
  {
    what: "does not allow scripts",
    cause: () => admin.call("ACL", "SETUSER", "default", "-@scripting"),
    relief: () => admin.call("ACL", "SETUSER", "default", "+@all"),
    says: /lacks a right/,
  },
  {
    what: "allows the keys of the store only",
    cause: () => admin.call("ACL", "SETUSER", "default", "resetkeys", "~vg:*"),
    relief: () => admin.call("ACL", "SETUSER", "default", "allkeys"),
    says: /lacks a right/,
  },
] as const;

describe.each(REFUSALS)("gate: while Redis $what", ({ cause, relief, says }) => {
  afterEach(relief);

  test("it is closed and says why; it opens by itself", async () => {
    const { gate } = openGate();
    await gate.untilWritable();
    await cause();
    const fault = await until("the gate to close", () => gate.whyClosed());
    expect(fault.kind).toMatch(/refuses|full/);
    await until("the cause", () => says.test(gate.whyClosed()?.message ?? ""));
    await relief();
    await gate.untilWritable();
    expect(gate.whyClosed()).toBeNull();
  });

  test("a worker's command waits instead of failing, and is not sent again and again", async () => {
    const { gate, redis } = openGate({}, connectPatient);
    await gate.untilWritable();
    await cause();
    let tries = 0;
    const refused = createTestSignal();
    const script = "redis.call('SET', KEYS[1], '1') redis.call('SET', KEYS[2], '1') return 'done'";
    const waiting = gate.untilTaken(async () => {
      tries += 1;
      refused.fire();
      return redis.eval(script, 2, "vg:taken", "{vg-webhooks}:taken");
    });
    await refused.reached(1);
    await until("the gate to close", () => gate.whyClosed());
    await relief();
    expect(await waiting).toBe("done");
    expect(tries).toBeLessThan(10);
  });
});

test("gate: a refused command closes it at once; an error that is a bug does not", async () => {
  const { gate } = openGate();
  await gate.untilWritable();
  expect(gate.report(new Error("WRONGTYPE Operation against a key"))).toBeNull();
  expect(gate.whyClosed()).toBeNull();
  gate.report(new Error("NOPERM this user has no permissions to run the 'eval' command"));
  expect(gate.whyClosed()).toMatchObject({ kind: "refuses" });
  await gate.untilWritable();
  expect(gate.whyClosed()).toBeNull();
});

test("gate: an error that is no refusal reaches the caller of untilTaken", async () => {
  const { gate } = openGate();
  await expect(gate.untilTaken(() => Promise.reject(new Error("a bug")))).rejects.toThrow("a bug");
});

test("gate: is closed while Redis is down, with one cause, and opens when it is back", async () => {
  const faults: RedisFault[] = [];
  const { gate } = openGate({ onFault: (fault) => void faults.push(fault) });
  await gate.untilWritable();
  await server.takeDown();
  await until("the gate to close", () => gate.whyClosed()?.message.includes("Nothing listens"));
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(["away"]));
  await server.bringBack();
  await until("the gate to open", () => gate.whyClosed() === null);
});

test("gate: calls its listeners at once, and after each new connection", async () => {
  const { gate, redis } = openGate();
  await gate.untilWritable();
  const called = createTestSignal();
  gate.onWritable(called.fire);
  expect(called.count()).toBe(1);
  redis.disconnect(true);
  await called.reached(2);
});
