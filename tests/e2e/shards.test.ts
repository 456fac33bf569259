/** QUEUE_SHARDS: the jobs of a provider in several queues, also while their number is changed. */
import { connectPatient, createKeys } from "@visgate/shared/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../scripts/lib/processes/ports.mjs";
import { type Caller, createCaller, VEO } from "../support/caller.js";
import { startTestStack, type TestStack } from "../support/stack.js";
import { until } from "../support/until.js";

const ADMIN_KEY = "admin-key-of-the-operator-0123456789";
const REQUESTS = 24;
const ENDLESS = "a render without an end";
const shardsOf = (queue: string, count: number) => [
  queue,
  ...Array.from({ length: count - 1 }, (_, index) => `${queue}.${index + 1}`),
];

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ env: { QUEUE_SHARDS: "6", VISGATE_ADMIN_KEY: ADMIN_KEY } });
});
afterAll(() => test.stop());

async function addApi(shards: number): Promise<[baseUrl: string, caller: Caller]> {
  const port = await freePort();
  await test.stack.addApi(port, { QUEUE_SHARDS: String(shards) });
  const baseUrl = test.stack.baseUrl.replace(/:\d+/, `:${port}`);
  return [baseUrl, createCaller(baseUrl, test.stack.apiKey)];
}

interface Report {
  shards: number;
  other_numbers: number[];
  queues: Record<string, { shard: string; waiting: number; active: number; delayed: number }[]>;
}

async function reportOf(baseUrl: string): Promise<Report> {
  const admin = { headers: { "x-visgate-admin-key": ADMIN_KEY } };
  return (await createCaller(baseUrl, test.stack.apiKey).call("GET", "/admin/shards", admin)).body;
}

const asleep = async () => (await reportOf(test.stack.baseUrl)).queues["fal"]?.map(({ delayed }) => delayed) ?? [];

it("while their number is changed from 6 to 4, every request ends, and each is submitted once", async () => {
  await test.simulator.settings({ render_seconds: 8, disasters: [{ name: "never_finish", match_prompt: ENDLESS }] });
  const bodies = Array.from({ length: REQUESTS }, (_, index) => (index === 0 ? { ...VEO, prompt: ENDLESS } : VEO));
  const old = await Promise.all(bodies.map((body) => test.caller.submit(body)));
  await until("all to sleep", async () => (await asleep()).reduce((sum, one) => sum + one, 0) === REQUESTS, 20_000);
  const counts = await asleep();
  expect(counts).toHaveLength(6);
  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(3);

  const { apis, workers } = test.stack;
  const [formerApi, formerWorker] = [apis[0]?.current, workers[0]?.current];
  await test.stack.addWorker({ QUEUE_SHARDS: "4" });
  const [newUrl, caller] = await addApi(4);
  // One that is nudged by the API of the new number, where it is in a shard of the old one.
  const cancelled = old[0] ?? "";
  await caller.call("POST", `/requests/${cancelled}/cancel`);
  await test.simulator.settings({ render_seconds: 0.5 });
  await formerWorker?.stop();
  const fresh = await Promise.all(Array.from({ length: REQUESTS }, () => caller.submit()));
  const ended = await Promise.all([...old, ...fresh].map((id) => caller.finished(id, 60_000)));
  expect(ended.filter(({ status, request_id }) => status !== "completed" && request_id !== cancelled)).toEqual([]);
  expect(ended[0]).toMatchObject({ status: "failed", error_code: "CANCELLED" });
  const submits = (await test.simulator.submits()).map(({ provider_request_id }) => provider_request_id);
  expect(submits).toHaveLength(2 * REQUESTS);
  expect(new Set(submits).size).toBe(2 * REQUESTS);

  const report = await reportOf(newUrl);
  expect([report.shards, report.other_numbers]).toEqual([4, [6]]);
  expect(report.queues["fal"]?.map(({ shard }) => shard)).toEqual(shardsOf("fal", 6));
  expect(report.queues["webhooks"]?.map(({ shard }) => shard)).toEqual(shardsOf("webhooks", 6));
  await formerApi?.stop();
});

it("a worker that began with fewer shards takes jobs from those that come later", async () => {
  await test.stack.addWorker({ QUEUE_SHARDS: "1", WORKER_QUEUES: "fal,webhooks,maintenance" });
  await Promise.all(test.stack.workers.slice(0, -1).map(({ current }) => current.stop()));
  const [, caller] = await addApi(9);
  const ids = await Promise.all(Array.from({ length: REQUESTS }, () => caller.submit()));
  for (const id of ids) expect(await caller.finished(id, 60_000)).toMatchObject({ status: "completed" });
  const redis = connectPatient(test.stack.redisUrl);
  const { outbox } = createKeys();
  const left = await Promise.all(shardsOf("fal", 9).map((shard) => redis.llen(outbox(shard))));
  redis.disconnect();
  expect(left).toEqual(Array(9).fill(0));
});
