/** A Redis user with exactly the documented rights, and one that loses the right to publish. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { aclRules } from "../../packages/shared/src/store/connection/rights.js";
import { createKeys } from "../../packages/shared/src/store/keys.js";
import { type Stack, startStack } from "../../scripts/lib/stack/stack.mjs";
import { type Caller, createCaller, createSimulatorControl, type SimulatorControl, VEO } from "../support/caller.js";
import { type Receiver, startReceiver } from "../support/receiver.js";
import { startTestRedis, type TestRedis } from "../support/redis.js";
import { RENDER_CACHE_DIR } from "../support/render-cache.js";
import { until } from "../support/until.js";
import { eventsReceived } from "../support/webhooks.js";

const RULES = aclRules(createKeys());
/** Without these a program still works; it asks once what Redis shows. */
const OPTIONAL = /^(config\|get|client\|(setinfo|setname|list|info|id|tracking)|acl\|.*)$/;

/** Of one process, for one right that is missing for some seconds. */
const MAX_LINES = 40;
const lineCount = (text: string) => text.split("\n").length;

let server: TestRedis;
let admin: Redis;
let stack: Stack;
let caller: Caller;
let simulator: SimulatorControl;
let receiver: Receiver;
let dataDir: string;
beforeAll(async () => {
  server = await startTestRedis();
  admin = new Redis(server.url);
  await admin.call("ACL", "SETUSER", "gateway", "on", ">secret", ...RULES);
  dataDir = mkdtempSync(join(tmpdir(), "visgate-rights-"));
  stack = await startStack({
    dataDir,
    redis: { url: server.url.replace("//:test-password", "//gateway:secret") },
    port: 0,
    workers: 2,
    restart: false,
    env: {
      ...{ SIMULATOR_RENDER_SECONDS: "0.5", SIMULATOR_RENDER_CACHE_DIR: RENDER_CACHE_DIR },
      ...{ ALLOW_PRIVATE_URLS: "true", LOCK_DURATION_MS: "3000", WEBHOOK_RETRY_SECONDS: "0.2" },
    },
  });
  caller = createCaller(stack.baseUrl, stack.apiKey);
  simulator = createSimulatorControl(stack.simulatorUrl ?? "");
  // The second webhook is refused once, so that it is sent again.
  receiver = await startReceiver([200, 500]);
});
afterAll(async () => {
  await receiver.close();
  await stack.stop();
  admin.disconnect();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Of the API and the living worker. */
const logs = () =>
  ["api", stack.workers.at(-1)?.name].map((name) => readFileSync(join(stack.logDir, `${name}.log`), "utf8"));

/** What Redis refused to the user, except what is optional. */
async function refused(): Promise<string[]> {
  const entries = (await admin.call("ACL", "LOG", "128")) as unknown[][];
  const fields = entries.map((entry) => Object.fromEntries(pairs(entry)));
  const names = fields.map((entry) => String(entry["object"]).toLowerCase());
  return [...new Set(names)].filter((name) => !OPTIONAL.test(name));
}
const pairs = (flat: unknown[]): [string, unknown][] =>
  Array.from({ length: flat.length / 2 }, (_, at) => [String(flat[2 * at]), flat[2 * at + 1]]);

it("with exactly the documented rights: requests, waits, streams, cancels, cache, webhooks, take-over and deletion work", async () => {
  const body = { ...VEO, cache: "use", webhook_url: receiver.url };
  const first = await caller.generate(body, { "idempotency-key": "k" });
  expect(first.status).toBe(200);
  expect((await caller.generate(body, { "idempotency-key": "k" })).body.id).toBe(first.body.id);
  expect((await caller.generate(body)).body.cache_hit).toBe(true);
  await eventsReceived(receiver, first.body.id, 1);
  // A worker that is killed while it polls holds jobs, which the other one takes over.
  await simulator.settings({ render_seconds: 30, disasters: [{ name: "poll_hang" }] });
  const { polls: earlierPolls } = await simulator.stats();
  const [joining, follower, cancelled] = await Promise.all([
    caller.submit({ ...body, prompt: "joined" }),
    caller.submit({ ...body, prompt: "joined" }),
    caller.submit({ ...body, prompt: "cancelled" }),
  ]);
  for (const id of [joining, cancelled])
    await until("the render", async () => (await caller.status(id)).status === "processing");
  await until("the polls", async () => (await simulator.stats()).polls > earlierPolls + 1);
  const [worker] = stack.workers;
  worker?.kill();
  await worker?.current.exited;
  await simulator.settings({ render_seconds: 30 });
  for (const id of [cancelled, joining, follower]) {
    expect((await caller.call("POST", `/requests/${id}/cancel`)).status).toBe(202);
    expect((await caller.finished(id)).status).toBe("failed");
    expect((await caller.call("GET", `/requests/${id}/events`)).body).toContain("event: status");
  }
  for (const path of ["/requests", "/events", "/diagnostics", "/models", "/health"])
    expect([path, (await caller.call("GET", path)).status]).toEqual([path, 200]);
  expect((await caller.call("DELETE", `/requests/${cancelled}`)).status).toBeLessThan(300);
  expect(await refused()).toEqual([]);
});

it("when Redis refuses messages: the requests, their webhooks and events are complete, and one line says what to do", async () => {
  await simulator.reset();
  await admin.call("ACL", "SETUSER", "gateway", "resetchannels");
  await admin.call("CLIENT", "KILL", "USER", "gateway"); // the rights are checked at each new connection
  await until("the new connections", async () => (await caller.call("GET", "/health")).status === 200);
  const id = await caller.submit({ ...VEO, webhook_url: receiver.url });
  await until("the end", async () => (await caller.status(id)).status === "completed");
  const [delivered] = await eventsReceived(receiver, id, 1);
  const feed = (await caller.call("GET", "/events?limit=100")).body.events as {
    request_id: string;
    sequence: number;
  }[];
  expect(feed.filter(({ request_id }) => request_id === id).map(({ sequence }) => sequence)).toContain(
    delivered?.event.sequence,
  );
  const line =
    "Redis refuses PUBLISH, SUBSCRIBE on vg:* to this user. Allow it: ACL SETUSER gateway &vg:* +publish +subscribe";
  await until("the line", () => logs().every((text) => text.includes(line)), 15_000);
  await admin.call("ACL", "SETUSER", "gateway", "&vg:*");
  await until("the all-clear", () => logs().every((text) => text.includes("Redis allows everything")), 15_000);
  for (const text of logs()) expect(text.split(line)).toHaveLength(2);
});

it.each(["bzpopmin", "hset"])(
  "%s alone is taken away while it renders, and given back: one render, one webhook, few log lines",
  async (command) => {
    await simulator.reset();
    await simulator.settings({ render_seconds: 3 });
    const id = await caller.submit({ ...VEO, webhook_url: receiver.url });
    await until("the render", async () => (await caller.status(id)).status === "processing");
    const before = logs().map(lineCount);
    await admin.call("ACL", "SETUSER", "gateway", `-${command}`);
    const line = `Redis refuses ${command.toUpperCase()} on vg:* and {vg-*`;
    await until("the line", () => logs().every((text) => text.includes(line)), 15_000);
    const { status, body } = await caller.call("GET", "/health");
    expect([status, body.reason]).toEqual([503, expect.stringContaining("lacks")]);
    await admin.call("ACL", "SETUSER", "gateway", `+${command}`);
    expect((await caller.finished(id)).status).toBe("completed");
    await until("health", async () => (await caller.call("GET", "/health")).status === 200);
    expect(await eventsReceived(receiver, id, 1)).toHaveLength(1);
    expect((await simulator.stats()).submits).toBe(1);
    logs().forEach((text, index) => {
      expect(lineCount(text) - (before[index] ?? 0)).toBeLessThan(MAX_LINES);
    });
  },
);

it("a worker that lacks a right at its start says so, and takes jobs when it has the right", async () => {
  await admin.call("ACL", "SETUSER", "gateway", "-zpopmin");
  let isReady = false;
  const starting = stack.addWorker().finally(() => {
    isReady = true;
  });
  const log = join(stack.logDir, "worker-3.log");
  const line = "Allow it: ACL SETUSER gateway +zpopmin";
  await until("the line", () => existsSync(log) && readFileSync(log, "utf8").includes(line));
  expect(isReady).toBe(false);
  await admin.call("ACL", "SETUSER", "gateway", "+zpopmin");
  await starting;
});
