/** Which replicas must have a write, in a group that a Sentinel watches, so that no failover loses it. */
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Group, type Member, startGroup } from "../../../../../tests/support/redis-failover.js";
import { until } from "../../../../../tests/support/until.js";
import { connectFailFast } from "./connect.js";
import { createReplicas, NotReplicatedError, type Replicas } from "./replicas.js";
import { countNeeded, type ListedReplica, type SentinelAnswer } from "./sentinel-group.js";

let group: Group;
let redis: Redis;
let replicas: Replicas;
const stop = (member: Member) => process.kill(member.server.pid, "SIGSTOP");
const go = (member: Member) => process.kill(member.server.pid, "SIGCONT");

describe("with servers", () => {
  beforeEach(async () => {
    group = await startGroup();
    redis = connectFailFast(group.url);
    redis.on("error", () => {});
    await new Promise((resolve) => redis.once("ready", resolve));
    replicas = createReplicas(redis, 1);
    await until("the Sentinels to be asked", isReplicated);
  });
  afterEach(async () => {
    for (const member of [group.primary, ...group.replicas]) go(member);
    replicas.close();
    redis.disconnect();
    await group.stop();
  });

  async function isReplicated(): Promise<boolean> {
    try {
      return await replicas.haveAllOf(replicas.connection("any"));
    } catch (error) {
      if (error instanceof NotReplicatedError) return false;
      throw error;
    }
  }

  /** Resolves with what the group has confirmed of a write. */
  async function write(): Promise<boolean> {
    await redis.set("written", Date.now());
    return isReplicated();
  }

  test("both replicas follow: both have the write when the wait ends", async () => {
    const readers = group.replicas.map(({ server }) => new Redis(server.url));
    for (let n = 0; n < 20; n += 1) {
      await redis.set("written", n);
      await until("the replicas to have it", isReplicated);
      expect(await Promise.all(readers.map((reader) => reader.get("written")))).toEqual([String(n), String(n)]);
    }
    for (const reader of readers) reader.disconnect();
  });

  test.each([
    { how: "hangs", takeAway: async () => stop(group.primary), bringBack: async () => go(group.primary) },
    {
      how: "is killed",
      takeAway: (): Promise<unknown> => group.primary.server.takeDown(),
      bringBack: (): Promise<unknown> => group.primary.server.bringBack(),
    },
  ])("the primary $how, and is back before the Sentinel names the new one: what counted is kept", async (fault) => {
    await fault.takeAway();
    const promoted = await until("the promotion", async () => {
      const roles = await Promise.all(group.replicas.map(({ admin }) => admin.role()));
      return group.replicas.find((_, index) => roles[index]?.[0] === "master");
    });
    await fault.bringBack();
    const counted: string[] = [];
    await until("a write that counts at the new primary", async () => {
      const key = `written:${performance.now()}`;
      await redis.set(key, "").catch(() => {});
      if (!(await isReplicated())) return false;
      counted.push(key);
      return (await promoted.admin.exists(key)) === 1;
    });
    expect(await promoted.admin.exists(...counted)).toBe(counted.length);
  });

  test("a replica hangs: writes count without it when the Sentinel sees that it is down", async () => {
    const [hanging] = group.replicas;
    stop(hanging);
    await until("a write without the replica", write);
    expect(JSON.stringify(await group.sentinel.ask("replicas"))).toContain("s_down");
    go(hanging);
    await until("the replica to count again", async () => {
      await write();
      return (await hanging.admin.get("written")) === (await redis.get("written"));
    });
  });

  test("no Sentinel answers: nothing is confirmed, since one may be promoting a replica", async () => {
    group.sentinel.stopAnswering();
    expect(await write()).toBe(false);
    group.sentinel.answerAgain();
    await until("a write", write);
  });

  test("the primary hangs and is replaced: writes are confirmed again at the new one", async () => {
    stop(group.primary);
    await until("a write to the new primary", () => write().catch(() => false));
    go(group.primary);
    const [one, other] = await Promise.all(group.replicas.map(({ admin }) => admin.get("written")));
    expect(await redis.get("written")).toBe(one);
    expect(other).toBe(one);
  });
});

test("one of two replicas hangs, and the Sentinel does not call it down yet: a write does not count", async () => {
  const slow = await startGroup(60_000);
  const connection = connectFailFast(slow.url).on("error", () => {});
  const own = createReplicas(connection, 1);
  const counts = () => own.haveAllOf(own.connection("any")).catch(() => false);
  await until("the Sentinel to be asked", counts);
  stop(slow.replicas[0]);
  await connection.set("written", 1);
  expect(await counts()).toBe(false);
  go(slow.replicas[0]);
  await until("a write that counts", counts);
  own.close();
  connection.disconnect();
  await slow.stop();
});

describe("countNeeded", () => {
  const replica = (address: string, state: Partial<ListedReplica> = {}): ListedReplica => ({
    ...{ address, isDown: false, mayBePromoted: true, isFollowing: true },
    ...state,
  });
  const answer = (replicas: ListedReplica[], state: Partial<SentinelAnswer> = {}): SentinelAnswer => ({
    ...{ primary: "p", isPromoting: false, sentinelCount: 3, replicas },
    ...state,
  });
  const both = answer([replica("a"), replica("b")]);
  const oneSyncs = answer([replica("a"), replica("b", { isFollowing: false })]);
  const oneIsDown = answer([replica("a"), replica("b", { isDown: true })]);
  const oneIsPassive = answer([replica("a"), replica("b", { mayBePromoted: false })]);

  test.each<{ what: string; answers: (SentinelAnswer | null)[]; followers?: string[]; needed: number | null }>([
    { what: "both replicas follow", answers: [both, both, both], needed: 2 },
    { what: "no Sentinel answers", answers: [null, null, null], needed: null },
    { what: "one of three answers", answers: [both, null, null], needed: null },
    { what: "one Sentinel names another primary", answers: [both, answer([], { primary: "a" }), both], needed: null },
    { what: "one Sentinel promotes a replica", answers: [both, answer([], { isPromoting: true }), both], needed: null },
    { what: "a replica does not follow", answers: [oneSyncs, oneSyncs, oneSyncs], followers: ["a"], needed: 1 },
    { what: "one Sentinel says that it does", answers: [oneSyncs, both, oneSyncs], followers: ["a"], needed: 2 },
    { what: "the primary says that it does", answers: [oneSyncs, oneSyncs, oneSyncs], needed: 2 },
    { what: "it does not, and a Sentinel is silent", answers: [oneSyncs, oneSyncs, null], followers: ["a"], needed: 2 },
    { what: "it does not, and REDIS_URL lacks a Sentinel", answers: [oneSyncs, oneSyncs], followers: ["a"], needed: 2 },
    { what: "a replica is down", answers: [oneIsDown, oneIsDown, oneIsDown], followers: ["a"], needed: 1 },
    { what: "it hangs, and its connection is still open", answers: [oneIsDown, oneIsDown, oneIsDown], needed: 1 },
    { what: "one Sentinel sees it alive", answers: [oneIsDown, both, oneIsDown], needed: 2 },
    {
      what: "a replica is never promoted, and is away",
      answers: [oneIsPassive, oneIsPassive, oneIsPassive],
      followers: ["a"],
      needed: 1,
    },
    { what: "the Sentinels do not know a follower yet", answers: [answer([]), answer([]), answer([])], needed: 2 },
  ])("$what: $needed", ({ answers, followers = ["a", "b"], needed }) => {
    expect(countNeeded({ primary: "p", followers, answers })).toBe(needed);
  });
});
