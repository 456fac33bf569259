import { once } from "node:events";
import type { Cluster } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { organizationElsewhere, useTestCluster } from "../../../../../tests/support/redis-cluster.js";
import { until } from "../../../../../tests/support/until.js";
import { createKeys } from "../keys.js";
import { isElsewhere, nodeOf } from "./cluster.js";
import { connectNodeWatcher, connectPatient, connectReader, type Redis, untilReady } from "./connect.js";
import type { KeyWatch, Watched } from "./key-watch.js";
import { openKeyWatch } from "./open-key-watch.js";
import { aclRules } from "./rights.js";
import { slotOf } from "./slot.js";

type RedisServer = (typeof cluster.servers)[number];

const cluster = useTestCluster({ replicas: 1 });
const keys = createKeys();
const keyOf = (organization: string) => keys.request(organization, "1");
const KEY = keyOf("acme");

const opened: { disconnect(): void }[] = [];
let other: Redis;
beforeEach(async () => {
  other = connectPatient(cluster.url);
  opened.push(other);
  await untilReady(other);
});
afterEach(() => {
  for (const connection of opened.splice(0)) connection.disconnect();
});

interface Opened {
  reader: Redis;
  keyWatch: KeyWatch;
}

async function open(url = cluster.url): Promise<Opened> {
  const reader = connectReader(url).on("error", () => {});
  await untilReady(reader);
  const { keyWatch, close } = openKeyWatch(url, reader, () => {});
  opened.push(reader, { disconnect: close });
  return { reader, keyWatch };
}

const get = (key: string) => (redis: Redis) => redis.get(key);
const untilWatched = ({ keyWatch }: Opened, key = KEY): Promise<Watched> =>
  until("a watched read", async () => {
    const { watched } = await keyWatch.read(key, get(key));
    return watched.isUnchanged() && watched;
  });

/** As a status poll: answers from the process while the key is unchanged. */
function pollerOf({ keyWatch }: Opened) {
  const known = new Map<string, { value: string | null; watched: Watched }>();
  return async (key: string): Promise<string | null> => {
    const before = known.get(key);
    if (before?.watched.isUnchanged()) {
      await before.watched.catchUp();
      if (before.watched.isUnchanged()) return before.value;
    }
    const read = await keyWatch.read(key, get(key));
    known.set(key, read);
    return read.value;
  };
}

/** Of all nodes together. */
async function callsOf(command: string): Promise<number> {
  const stats = await Promise.all(cluster.servers.map((server) => server.command("INFO", "commandstats")));
  const calls = (text: unknown) => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(String(text))?.[1] ?? 0);
  return stats.reduce((sum: number, text) => sum + calls(text), 0);
}

test("cluster key watch: polls of unchanged keys on two nodes are not sent to Redis", async () => {
  const connections = await open();
  const poll = pollerOf(connections);
  const elsewhere = keyOf(await organizationElsewhere(cluster, await cluster.primaryOf(KEY), keys));
  for (const key of [KEY, elsewhere]) {
    await other.set(key, "one");
    await untilWatched(connections, key);
    await poll(key);
  }
  const before = await Promise.all([callsOf("get"), callsOf("exists")]);
  for (let turn = 0; turn < 3; turn += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => poll(n % 2 === 0 ? KEY : elsewhere)));
    expect(new Set(answers)).toEqual(new Set(["one"]));
  }
  const after = await Promise.all([callsOf("get"), callsOf("exists")]);
  // Each turn asks each node once whether it serves its keys.
  expect(after.map((calls, n) => calls - (before[n] ?? 0))).toEqual([0, 6]);
});

test("cluster key watch: polls show each change at once, also while their slot moves to another node", async () => {
  const poll = pollerOf(await open());
  let isMoving = true;
  const moving = (async () => {
    for (let move = 0; move < 4; move += 1) {
      await cluster.moveSlotOf(KEY);
      await until("the nodes to agree", cluster.isAgreed);
    }
    isMoving = false;
  })();
  for (let round = 0; isMoving || round % 50 !== 0; round += 1) {
    await other.set(KEY, String(round));
    expect(await poll(KEY)).toBe(String(round));
    expect(await poll(KEY)).toBe(String(round));
  }
  await moving;
});

test.each([
  ["", async () => {}],
  [
    " again, after its watch was lost",
    async (node: RedisServer, watched: Watched) => {
      await node.command("CLIENT", "KILL", "TYPE", "pubsub");
      await until("the loss", () => !watched.isUnchanged());
    },
  ],
])(
  "cluster key watch: a slot that leaves its node without any key makes its keys be read%s",
  async (title, prepare) => {
    const connections = await open();
    const node = await cluster.primaryOf(KEY);
    const names = Array.from({ length: 30 }, (_, n) => keyOf(`absent-${title.length}-${n}`));
    const nodes = await Promise.all(names.map((name) => cluster.primaryOf(name)));
    const absent = names[nodes.indexOf(node)] ?? "";
    await prepare(node, await untilWatched(connections, absent));
    const [kept, moved] = [await untilWatched(connections), await untilWatched(connections, absent)];
    await cluster.moveSlotOf(absent);
    await other.set(absent, "there now");
    // The node is asked for the key that it still has.
    await Promise.all([kept.catchUp(), moved.catchUp()]);
    expect(moved.isUnchanged()).toBe(false);
  },
);

test("cluster key watch: a subscription that was lost with its connection is not sent before the new one is tracked", async () => {
  const { reader } = await open();
  const node = nodeOf(reader as unknown as Cluster, slotOf(KEY)) ?? reader;
  await reader.get(KEY);
  const watcher = connectNodeWatcher(node);
  opened.push(watcher);
  await untilReady(watcher);
  const { pid } = await cluster.primaryOf(KEY);
  process.kill(pid, "SIGSTOP");
  const lost = watcher.ssubscribe(KEY).catch(() => "lost");
  watcher.disconnect(true);
  await once(watcher, "close");
  process.kill(pid, "SIGCONT");
  const [id] = await Promise.all([once(watcher, "ready").then(() => watcher.call("CLIENT", "ID")), lost]);
  expect(id).toEqual(expect.any(Number));
});

test("cluster key watch: after a failover polls show the new state, although the old node is connected and stale", async () => {
  const connections = await open();
  const poll = pollerOf(connections);
  await other.set(KEY, "before");
  await untilWatched(connections);
  expect([await poll(KEY), await poll(KEY)]).toEqual(["before", "before"]);
  const old = await cluster.primaryOf(KEY);
  // It cannot follow the new primary.
  await old.command("CONFIG", "SET", "masterauth", "wrong");
  await cluster.failOver(KEY);
  const isReplaced = () => cluster.primaryOf(KEY).then((node) => node !== old);
  // For a moment, no node has the slot.
  await until("the failover", () => isReplaced().catch(() => false));
  await other.set(KEY, "after");
  expect(await poll(KEY)).toBe("after");
  await old.command("CONFIG", "SET", "masterauth", "test-password");
  await until("the cluster to be whole", cluster.isWhole);
});

test("cluster key watch: a node that refuses reads since its cluster is down answers no poll from the process", async () => {
  const connections = await open();
  const node = await cluster.primaryOf(KEY);
  const watched = await untilWatched(connections);
  const ranges = (await node.command("CLUSTER", "SHARDS")) as unknown[][];
  const own = ranges.find((shard) => JSON.stringify(shard).includes(`"port",${node.port}`))?.[1] as number[];
  const spare = own.find((slot) => slot !== slotOf(KEY)) ?? 0;
  await node.command("CONFIG", "SET", "cluster-require-full-coverage", "yes");
  await node.command("CLUSTER", "DELSLOTS", String(spare));
  await until("the node to refuse", async () => /state:fail/.test(String(await node.command("CLUSTER", "INFO"))));
  expect(watched.isUnchanged()).toBe(true);
  await watched.catchUp();
  expect(watched.isUnchanged()).toBe(false);
  await node.command("CLUSTER", "ADDSLOTS", String(spare));
  await node.command("CONFIG", "SET", "cluster-require-full-coverage", "no");
  await until("the cluster to be whole", cluster.isWhole);
});

test("cluster key watch: when another node has taken over, the old one is not asked, even if it does not know", async () => {
  const connections = await open();
  const { slots } = connections.reader as unknown as Cluster;
  const [slot, { from, to }] = [slotOf(KEY), await cluster.moveOf(KEY)];
  const takeOver = (node: { port: number }) => {
    slots[slot] = [`127.0.0.1:${node.port}`];
  };
  const watched = await untilWatched(connections);
  takeOver(to);
  expect(watched.isUnchanged()).toBe(false);
  takeOver(from);
  expect(watched.isUnchanged()).toBe(true);
  let reads = 0;
  await connections.keyWatch.read(KEY, async (redis) => {
    reads += 1;
    const value = await redis.get(KEY);
    takeOver(to);
    return value;
  });
  expect(reads).toBe(2);
});

test("cluster key watch: when one node's watch is lost, its keys are read again, and those of others are not", async () => {
  const connections = await open();
  const node = await cluster.primaryOf(KEY);
  const elsewhere = keyOf(await organizationElsewhere(cluster, node, keys));
  const [lost, kept] = [await untilWatched(connections), await untilWatched(connections, elsewhere)];
  await node.command("CLIENT", "KILL", "TYPE", "pubsub");
  await until("the loss", () => !lost.isUnchanged());
  expect(kept.isUnchanged()).toBe(true);
  await untilWatched(connections);
});

test("cluster key watch: the documented rights are enough", async () => {
  const extra = [
    "+cluster|slots",
    "+cluster|info",
    "+client|id",
    "+client|tracking",
    "&__redis__:invalidate",
    "+subscribe",
  ];
  const rules = ["on", ">secret", ...aclRules({ prefix: keys.prefix, isCluster: true }), ...extra];
  await Promise.all(cluster.servers.map(({ command }) => command("ACL", "SETUSER", "watching", ...rules)));
  const connections = await open(cluster.url.replace("//:test-password", "//watching:secret"));
  await (await untilWatched(connections)).catchUp();
});

test("cluster key watch: without the right for SSUBSCRIBE nothing counts as unchanged, and reads work", async () => {
  const rules = ["on", ">secret", "~*", "&*", "+@all", "-ssubscribe"];
  await Promise.all(cluster.servers.map(({ command }) => command("ACL", "SETUSER", "limited", ...rules)));
  const connections = await open(cluster.url.replace("//:test-password", "//limited:secret"));
  await other.set(KEY, "one");
  const node = await cluster.primaryOf(KEY);
  const read = () => connections.keyWatch.read(KEY, get(KEY));
  const refusals = async () => JSON.stringify(await node.command("ACL", "LOG")).split("ssubscribe").length - 1;
  await until("the refusal", async () => (await read()) && (await refusals()));
  await node.command("ACL", "LOG", "RESET");
  for (let round = 0; round < 10; round += 1) {
    const { value, watched } = await read();
    expect([value, watched.isUnchanged()]).toEqual(["one", false]);
  }
  expect(await refusals()).toBe(0);
});

test.each([
  ["MOVED 1 127.0.0.1:7000", true],
  ["CLUSTERDOWN The cluster is down", true],
  ["Connection is closed.", true],
  ["Command timed out", false],
])("a read that fails with %j is sent by the cluster's own connection: %s", (message, expected) => {
  expect(isElsewhere(new Error(message))).toBe(expected);
});
