/** A worker whose Redis refuses scripts or writes: it waits, logs one line, and continues when Redis takes writes. */
import { randomUUID } from "node:crypto";
import { createProducer } from "@visgate/shared/queue";
import { createLogger } from "@visgate/shared/runtime";
import { createQueueErrorHandler, createRedisLog } from "@visgate/shared/runtime/process";
import { connectPatient, createGate } from "@visgate/shared/store";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { useTestRedis } from "../../../tests/support/redis.js";
import { createTestSignal } from "../../../tests/support/signals.js";
import { consume, type Process } from "./consume.js";
import { finish } from "./outcome.js";

const server = useTestRedis();
let admin: Redis;
beforeAll(async () => {
  admin = new Redis(server.url);
});
afterAll(async () => {
  admin.disconnect();
});

/** Many checks of the gate: a worker that does not wait gets thousands of errors meanwhile. */
const CHECKS = 20;
const MOST_ERRORS = 400;

/** Counts checks that Redis refuses, at a steady rate, whatever the worker does. */
function countChecks() {
  const redis = connectPatient(server.url);
  const checks = createTestSignal();
  const gate = createGate(redis, { checkEveryMs: 50, onFault: checks.fire });
  const stopChecks = () => {
    gate.close();
    redis.disconnect();
  };
  return { checks, stopChecks };
}

async function startConsumer(concurrency: number, process: Process) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ level: "info", service: "worker", secretNames: [], destination });
  const redis = connectPatient(server.url);
  const gate = createGate(redis, { checkEveryMs: 50, ...createRedisLog(log) });
  await gate.untilWritable();
  const producer = createProducer({ redis, onError: createQueueErrorHandler(gate, log) });
  const options = { redis, gate, log, leaseId: randomUUID(), running: new Map(), now: Date.now };
  const worker = consume("fal", process, { ...options, concurrency, lockDurationMs: 30_000 });
  await worker.waitUntilReady();
  const { checks, stopChecks } = countChecks();
  onTestFinished(async () => {
    stopChecks();
    await worker.close();
    await producer.close();
    gate.close();
    redis.disconnect();
  });
  return { redis, producer, checks, lines };
}

const ref = () => ({ organization: "acme", id: randomUUID() });
const errorReplies = async () => Number(/total_error_replies:(\d+)/.exec(await admin.info("stats"))?.[1]);
const acl = (...rules: string[]) => admin.call("ACL", "SETUSER", "default", ...rules);
const setting = (name: string, value: string) => admin.config("SET", name, value);

describe.each([
  { what: "runs no scripts", cause: () => acl("-@scripting"), relief: () => acl("+@all") },
  { what: "allows the keys of the store only", cause: () => acl("resetkeys", "~vg:*"), relief: () => acl("allkeys") },
  { what: "allows the keys of the queues only", cause: () => acl("resetkeys", "~{vg-*"), relief: () => acl("allkeys") },
  { what: "is full", cause: () => setting("maxmemory", "1"), relief: () => setting("maxmemory", "0") },
  {
    what: "has too few replicas",
    cause: () => setting("min-replicas-to-write", "1"),
    relief: () => setting("min-replicas-to-write", "0"),
  },
])("a worker whose Redis $what", ({ cause, relief }) => {
  test("after the end of a job: does not ask for the next one again and again, and takes it afterwards", async () => {
    const begun = createTestSignal();
    const mayEnd = createTestSignal();
    const ends = mayEnd.reached(1);
    const { producer, checks, lines } = await startConsumer(1, async () => {
      begun.fire();
      await ends;
      return finish;
    });
    await producer.wakeRequest("fal", ref());
    await begun.reached(1);
    const before = await errorReplies();
    await cause();
    mayEnd.fire();
    await checks.reached(CHECKS);
    expect((await errorReplies()) - before).toBeLessThan(MOST_ERRORS);
    expect(lines).toHaveLength(1);
    await relief();
    await producer.wakeRequest("fal", ref());
    await begun.reached(2);
  });

  test("while it runs steps: keeps what they have to write, and continues them afterwards", async () => {
    const begun = createTestSignal();
    const ended = createTestSignal();
    const mayGoOn = createTestSignal();
    const goesOn = mayGoOn.reached(1);
    const looks = new Map<string, number>();
    const { redis, producer, checks, lines } = await startConsumer(5, async ({ id }) => {
      const look = (looks.get(id) ?? 0) + 1;
      if (look === 1) {
        begun.fire();
        await goesOn;
        await redis.eval("return redis.call('SET', KEYS[1], '1')", 1, `vg:{acme}:${id}`);
      }
      looks.set(id, look);
      if (look < 3) return { kind: "sleep", delayMs: 1 };
      ended.fire();
      return finish;
    });
    for (let job = 0; job < 5; job += 1) await producer.wakeRequest("fal", ref());
    await begun.reached(5);
    const before = await errorReplies();
    await cause();
    mayGoOn.fire();
    await checks.reached(CHECKS);
    expect((await errorReplies()) - before).toBeLessThan(MOST_ERRORS);
    expect(lines).toHaveLength(1);
    await relief();
    await ended.reached(5, 15_000);
    expect(lines.filter((line) => line.includes('"level":50'))).toEqual([]);
  });
});
