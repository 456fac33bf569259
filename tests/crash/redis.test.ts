/** Redis is killed with -9 under load, emptied, and not available when processes start. */
import { readFileSync } from "node:fs";
import { connectPatient, primariesOf, untilReady } from "@visgate/shared/store";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { freePort } from "../../scripts/lib/processes/ports.mjs";
import { startService } from "../../scripts/lib/processes/services.mjs";
import { createCaller, VEO } from "../support/caller.js";
import { startTestRedis } from "../support/redis.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ restart: true });
});
afterAll(() => test.stop());

it("Redis killed while callers submit: every acknowledged request completes, and none is submitted twice", async () => {
  const acknowledged: string[] = [];
  let refused = 0;
  let open = true;
  const submitting = (async () => {
    while (open) {
      const answer = await test.caller.generate(VEO, { prefer: "respond-async" });
      if (answer.status === 202) acknowledged.push(answer.body.id);
      else {
        expect([answer.status, answer.body.error]).toEqual([503, "UNAVAILABLE"]);
        expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
        expect(answer.ms).toBeLessThan(10_000);
        refused += 1;
      }
    }
  })();
  for (let round = 0; round < 3; round += 1) {
    const before = acknowledged.length;
    await until("ten more acknowledged", () => acknowledged.length >= before + 10);
    await test.redis.kill();
  }
  const before = acknowledged.length;
  await until("ten more acknowledged", () => acknowledged.length >= before + 10);
  open = false;
  await submitting;

  const ended = await Promise.all(acknowledged.map((id) => test.caller.finished(id)));
  const failed = ended.filter(({ status }) => status !== "completed");
  expect(failed.map(({ id, error_code, error_message }) => ({ id, error_code, error_message }))).toEqual([]);
  expect(refused).toBeGreaterThan(0);
  const submits = await test.simulator.submits();
  expect(new Set(submits.map((submit) => submit.provider_request_id)).size).toBe(submits.length);
});

it("Redis is emptied while requests render: their ids are not found, no process ends, and new requests complete", async () => {
  await test.simulator.settings({ render_seconds: 1 });
  const forgotten = await Promise.all(Array.from({ length: 5 }, () => test.caller.submit()));
  await until("the renders", async () => (await test.simulator.stats()).jobs.running > 0);
  const { submits } = await test.simulator.stats();
  const redis = connectPatient(test.stack.redisUrl);
  await untilReady(redis);
  onTestFinished(() => redis.disconnect());
  await Promise.all(primariesOf(redis).map((node) => node.flushall()));
  await until("the operator's key to work", async () => (await test.caller.call("GET", "/auth/me")).status === 200);
  const answers = await Promise.all(forgotten.map((id) => test.caller.call("GET", `/requests/${id}`)));
  expect(answers.map(({ status, body }) => [status, body.error])).toEqual(
    forgotten.map(() => [404, "REQUEST_NOT_FOUND"]),
  );
  expect((await test.caller.finished(await test.caller.submit())).status).toBe("completed");
  expect((await test.simulator.stats()).submits).toBe(submits + 1);
  const { apis, workers } = test.stack;
  expect([...apis, ...workers].map(({ restarts }) => restarts)).toEqual([...apis, ...workers].map(() => 0));
});

/** An API and a worker. `services` are not ready yet. */
async function startApart(redisUrl: string) {
  const env = {
    ...{ PATH: process.env["PATH"] ?? "", REDIS_URL: redisUrl },
    ...{ VISGATE_API_KEY: test.stack.apiKey, VISGATE_SECRET: test.stack.secret, DATA_DIR: test.dataDir },
    ...{ FAL_KEY: "simulator", FAL_BASE_URL: `${test.simulator.url}/fal`, SIMULATED_PROVIDERS: "fal" },
  };
  const apiPort = await freePort();
  const logFile = `${test.dataDir}/apart-${apiPort}.log`;
  const start = (name: string, extra: Record<string, string>) =>
    startService({ name, entry: `apps/${name}/bundle/main.js`, env: { ...env, ...extra }, logFile });
  const services = [start("api", { PORT: String(apiPort) }), start("worker", {})];
  onTestFinished(async () => void (await Promise.all(services.map((service) => service.stop()))));
  const caller = createCaller(`http://127.0.0.1:${apiPort}`, test.stack.apiKey);
  return { services, caller, log: () => readFileSync(logFile, "utf8") };
}

it("Redis down when API and worker start: health answers 503, and both work as soon as Redis is up", async () => {
  const redis = await startTestRedis();
  onTestFinished(redis.stop);
  await redis.takeDown();
  const { services, caller } = await startApart(redis.url);
  const health = await until("an API that answers", () => caller.call("GET", "/health").catch(() => null));
  expect([health.status, health.body.status]).toEqual([503, "degraded"]);

  await redis.bringBack();
  await Promise.all(services.map((service) => service.ready));
  expect((await caller.finished(await caller.submit())).status).toBe("completed");
});

it("Redis a read-only replica when API and worker start: both wait, say why, and work after its promotion", async () => {
  const redis = await startTestRedis();
  onTestFinished(redis.stop);
  const admin = new Redis(redis.url);
  onTestFinished(() => admin.disconnect());
  await admin.call("REPLICAOF", "127.0.0.1", "1");
  const { services, caller, log } = await startApart(redis.url);
  const health = await until("a reason", async () => {
    const answer = await caller.call("GET", "/health").catch(() => null);
    return answer?.body.reason?.includes("read-only replica") && answer;
  });
  expect([health.status, health.body.status, health.body.database]).toEqual([503, "degraded", "unavailable"]);
  for (const path of ["/requests", "/auth/me"]) {
    const { status, body } = await caller.call("GET", path);
    expect([status, body.error]).toEqual([503, "UNAVAILABLE"]);
  }
  expect((await caller.generate(VEO, { prefer: "respond-async" })).status).toBe(503);
  const said = () => log().match(/read-only replica/g) ?? [];
  await until("the API and the worker to say why", () => said().length >= 2);

  await admin.call("REPLICAOF", "NO", "ONE");
  await Promise.all(services.map((service) => service.ready));
  expect(said()).toHaveLength(2);
  expect((await caller.finished(await caller.submit())).status).toBe("completed");
  expect((await caller.call("GET", "/health")).status).toBe(200);
});
