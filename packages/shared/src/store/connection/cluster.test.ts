import { once } from "node:events";
import type { Cluster } from "ioredis";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { freePort } from "../../../../../scripts/lib/processes/ports.mjs";
import { NEVER_LATE, pendingRecord } from "../../../../../tests/support/records.js";
import { startTestRedis } from "../../../../../tests/support/redis.js";
import { organizationElsewhere, useTestCluster } from "../../../../../tests/support/redis-cluster.js";
import { contentsOf } from "../../../../../tests/support/redis-contents.js";
import { SCRIPT_SCENARIOS } from "../../../../../tests/support/script-scenarios.js";
import { createTestClock } from "../../../../../tests/support/signals.js";
import { until } from "../../../../../tests/support/until.js";
import { createStore, type Store } from "../store.js";
import { connectFailFast, connectPatient, type Redis, untilReady } from "./connect.js";
import { faultOf } from "./fault.js";
import { createGate } from "./gate.js";
import { createReplicas, NotReplicatedError } from "./replicas.js";

const cluster = useTestCluster({ replicas: 1 });
const ORGANIZATION = "acme";
let redis: Redis;
let store: Store;
beforeEach(async () => {
  redis = connectPatient(cluster.url);
  await untilReady(redis);
  store = createStore({ redis, clock: createTestClock() });
});
afterEach(async () => {
  // A replica refuses it, and follows its primary.
  await Promise.all(cluster.servers.map(({ command }) => command("FLUSHALL").catch(() => {})));
  redis.disconnect();
});

const accept = ({ requests }: Store, record = pendingRecord({ organization: ORGANIZATION })) =>
  requests.accept({ record, idempotency: null, notAfter: NEVER_LATE, encryptedProviderKey: null });

/** They change one key, wherever it is. */
const ONE_KEY = new Set(["beat"]);

test("cluster: scripts whose slot is moving wait before their first write, and run when it has moved", async () => {
  const calls = await Promise.all(
    SCRIPT_SCENARIOS.filter(({ what }) => !ONE_KEY.has(what)).map(async ({ what, prepare }, index) => {
      const own = createStore({ redis, clock: createTestClock(), prefix: `t${index}` });
      for (const organization of ["acme", "globex"]) await own.organizations.ensure(organization, 0);
      const act = await prepare(own);
      return { what, prefix: `t${index}:`, run: () => act(own) };
    }),
  );
  const before = await contentsOf(redis);
  const queues = calls.map(({ prefix }) => `{${prefix.slice(0, -1)}-fal}:outbox`);
  const moves = await movesOf([...before.keys(), ...queues]);
  for (const move of moves) await cluster.beginMove(move);
  const refusals = vi.spyOn(redis as unknown as Cluster, "handleError");
  const running = calls.map(({ run }) => run());
  // Each command has one counter of its tries.
  const refused = () => new Set(refusals.mock.calls.map(([, tries]) => tries)).size;
  await until("Redis to refuse each call", () => refused() >= calls.length);
  const meanwhile = await contentsOf(redis);
  const changed = calls.filter(({ prefix }) => isChanged(prefix, before, meanwhile)).map(({ what }) => what);
  for (const move of moves) await cluster.finishMove(move);
  await Promise.all(running);
  expect(changed).toEqual([]);
});

/** Of the slots of all these keys to another node. */
async function movesOf(keys: string[]) {
  const slots = new Map(await Promise.all(keys.map(async (key) => [await cluster.slotOf(key), key] as const)));
  return Promise.all([...slots.values()].map(cluster.moveOf));
}

function isChanged(prefix: string, one: Map<string, string>, other: Map<string, string>): boolean {
  const own = (contents: Map<string, string>) =>
    [...contents].filter(([name]) => name.startsWith(prefix) || name.startsWith(`{${prefix.slice(0, -1)}-`)).toSorted();
  return JSON.stringify(own(one)) !== JSON.stringify(own(other));
}

test("cluster: a request that is read while its slot moves is found", async () => {
  const record = pendingRecord({ organization: ORGANIZATION });
  await accept(store, record);
  let read: Promise<unknown> = Promise.resolve();
  await cluster.moveSlotOf(store.keys.allRequests(ORGANIZATION), async () => {
    // As if the request had moved already: only the new node has it.
    const key = store.keys.request(ORGANIZATION, record.id);
    const move = await cluster.moveOf(key);
    await move.from.command("MIGRATE", "127.0.0.1", String(move.to.port), key, "0", "5000", "AUTH", "test-password");
    read = store.requests.get(record);
  });
  expect(await read).toMatchObject({ doc: { id: record.id } });
});

test("cluster: a connection that fails fast gives up within its time limit when a slot does not stop moving", async () => {
  const hasty = connectFailFast(cluster.url);
  await untilReady(hasty);
  const began = performance.now();
  await cluster.moveSlotOf(store.keys.allRequests(ORGANIZATION), async () => {
    const failed = accept(createStore({ redis: hasty, clock: createTestClock() }));
    await expect(failed).rejects.toThrow(/timed out|redirections/);
    expect(performance.now() - began).toBeLessThan(15_000);
  });
  hasty.disconnect();
  expect(await store.listing.newest(ORGANIZATION, 0, 10)).toEqual([]);
});

test("cluster: a write counts when the replica of its own node has it", async () => {
  const replicas = createReplicas(redis, 1);
  const writeFor = async (organization: string) => {
    const key = store.keys.allRequests(organization);
    await redis.zadd(key, 1, "a request");
    return replicas.haveAllOf(replicas.connection(key));
  };
  const node = await cluster.primaryOf(store.keys.allRequests(ORGANIZATION));
  const elsewhere = await organizationElsewhere(cluster, node, store.keys);
  expect(await writeFor(ORGANIZATION)).toBe(true);
  const follower = await cluster.replicaOf(node);
  process.kill(follower.pid, "SIGSTOP");
  const [own, other] = await Promise.allSettled([writeFor(ORGANIZATION), writeFor(elsewhere)]);
  process.kill(follower.pid, "SIGCONT");
  expect([own.status === "rejected" && own.reason, other]).toEqual([
    expect.any(NotReplicatedError),
    { status: "fulfilled", value: true },
  ]);
});

test("cluster: the first read after its slot has moved is answered, when replicas must have what it shows", async () => {
  const own = createStore({ redis, clock: createTestClock(), replicas: createReplicas(redis, 1), showsLasting: true });
  const record = pendingRecord({ organization: ORGANIZATION });
  await accept(own, record);
  await cluster.moveSlotOf(store.keys.allRequests(ORGANIZATION));
  expect(await own.requests.get(record)).toMatchObject({ doc: { id: record.id } });
});

const firstError = (connection: Redis) => new Promise<Error>((resolve) => connection.once("error", resolve));

test("cluster: the wrong kind of URL is said in one line", async () => {
  const single = await startTestRedis();
  const asCluster = connectFailFast(single.url.replace("redis:", "redis+cluster:"));
  expect(faultOf(await firstError(asCluster))?.message).toMatch(/not in a cluster. Use redis:/);
  asCluster.disconnect();
  await single.stop();

  const node = cluster.servers[0]?.port;
  const asSingle = connectFailFast(`redis://:test-password@127.0.0.1:${node}`);
  await untilReady(asSingle);
  const keys = Array.from({ length: 10 }, (_, n) => store.keys.probeOf(n));
  const refused = await Promise.all(keys.map((key) => asSingle.get(key))).catch((error: unknown) => error);
  expect(faultOf(refused)?.message).toMatch(/must begin with redis\+cluster:/);
  asSingle.disconnect();
});

test("cluster: a wrong password is named, and a node that is away at the start does not matter", async () => {
  const hasty = connectFailFast(cluster.url.replace("test-password", "wrong"));
  expect(faultOf(await firstError(hasty))?.message).toMatch(/refuses the user or the password/);
  hasty.disconnect();

  const away = `127.0.0.1:${await freePort()}`;
  const other = connectFailFast(cluster.url.replace(/127[^,]*/, away));
  await untilReady(other);
  expect(await other.set(store.keys.probe(), "")).toBe("OK");
  other.disconnect();
});

test("cluster: a patient command to a node that is silent is answered by the node that replaced it, not after 15 s", async () => {
  const key = store.keys.allRequests(ORGANIZATION);
  const silent = await cluster.primaryOf(key);
  process.kill(silent.pid, "SIGSTOP");
  onTestFinished(async () => {
    process.kill(silent.pid, "SIGCONT");
    await until("the cluster to be whole", cluster.isWhole);
  });
  const answered = redis.zadd(key, 1, "a request");
  await until("another node to take its place", async () => (await cluster.primaryOf(key)) !== silent);
  const replacedAt = performance.now();
  await answered;
  expect(performance.now() - replacedAt).toBeLessThan(12_000);
});

test("cluster: a connection that is made again while the cluster is down resolves, so that BullMQ takes jobs again", async () => {
  const again = connectPatient(cluster.url);
  onTestFinished(() => again.disconnect());
  await untilReady(again);
  again.disconnect();
  await once(again, "end");
  const roles = await Promise.all(cluster.servers.map(async ({ command }) => String(await command("ROLE"))));
  const [kept, ...stopped] = cluster.servers.filter((_, n) => roles[n]?.startsWith("master"));
  const signal = (name: NodeJS.Signals) => {
    for (const { pid } of stopped) process.kill(pid, name);
  };
  signal("SIGSTOP");
  const info = async () => String(await kept?.command("CLUSTER", "INFO"));
  await until("the cluster to be down", async () => (await info()).includes("cluster_state:fail"));
  const connected = again.connect();
  await until("the connection to find out", () => again.status !== "connecting");
  signal("SIGCONT");
  await until("the cluster to be whole", cluster.isWhole);
  await connected;
  expect(await again.ping()).toBe("PONG");
});

test("cluster: when a node hangs, what is on the others goes on, and the gate stays open", async () => {
  const hasty = connectFailFast(cluster.url);
  await untilReady(hasty);
  const faults: string[] = [];
  const gate = createGate(hasty, { checkEveryMs: 100, onFault: ({ message }) => void faults.push(message) });
  const own = createStore({ redis: hasty, clock: createTestClock() });
  const acceptFor = (organization: string) => accept(own, pendingRecord({ organization }));
  const down = await cluster.primaryOf(own.keys.allRequests(ORGANIZATION));
  const elsewhere = await organizationElsewhere(cluster, down, own.keys);
  process.kill(down.pid, "SIGSTOP");
  const writes = vi.spyOn(hasty, "eval");
  const refused = acceptFor(ORGANIZATION);
  await expect(acceptFor(elsewhere)).resolves.toMatchObject({ kind: "new" });
  // As of a worker that starts meanwhile.
  const patient = createGate(redis, { checkEveryMs: 100 });
  const opened = patient.untilWritable().then(() => "it opens");
  expect(await Promise.race([opened, refused.catch(() => "the call fails")])).toBe("it opens");
  patient.close();
  await expect(refused).rejects.toThrow();
  // A check sends sixteen writes, and the next one begins when it has ended.
  await until("a check to end", () => writes.mock.calls.length > 16);
  gate.report(new Error("MISCONF one of its nodes cannot write to its disk"));
  expect([gate.whyClosed(), faults]).toEqual([null, []]);
  process.kill(down.pid, "SIGCONT");
  await until("the node", () => acceptFor(ORGANIZATION).catch(() => false));
  await until("the cluster to be whole", cluster.isWhole);
  gate.close();
  hasty.disconnect();
});
