/** Equal requests in flight, when something happens to the one that leads. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestStack, type TestStack } from "../support/stack.js";
import { countBy } from "../support/store-bench.js";
import { until } from "../support/until.js";

let test: TestStack;
beforeAll(async () => {
  test = await startTestStack({ apis: 2, workers: 2, env: { CACHE_TTL_SECONDS: "1" }, restart: true });
});
afterAll(() => test.stop());
beforeEach(() => test.simulator.reset());

let made = 0;
const wish = (prompt = `joined film ${++made}`) => ({ model: "fal-ai/veo3", prompt, duration_seconds: 4 });
const api = (n: number) => test.callers[n % 2] ?? test.caller;
const submitsOf = async (prompt: string) =>
  (await test.simulator.submits()).filter(({ body }) => body["prompt"] === prompt);

/** A leader that the provider has, and `count` followers. */
async function leaderAndFollowers(count: number, body: object) {
  const leader = await test.caller.submit(body);
  const followers = await Promise.all(Array.from({ length: count }, (_, n) => api(n).submit(body)));
  await until("the leader is processing", async () => (await test.caller.status(leader)).status === "processing");
  return { leader, followers };
}
const ended = (ids: string[]) => Promise.all(ids.map((id) => test.caller.finished(id)));
const timeline = async (id: string) =>
  (await test.caller.call("GET", `/requests/${id}?include=timeline`)).body.timeline.map(
    ({ name }: { name: string }) => name,
  );

describe("the leader", () => {
  it("fails: one follower takes over, the others follow that one; 2 submits, 1 failed, 19 completed, 1 billed", async () => {
    const body = wish();
    await test.simulator.settings({ disasters: [{ name: "fail", times: 1 }] });
    const { leader, followers } = await leaderAndFollowers(19, body);
    expect((await test.caller.finished(leader)).status).toBe("failed");
    const records = await ended(followers);
    expect(countBy(records, ({ status }) => status)).toEqual({ completed: 19 });
    expect(countBy(records, ({ cache_reason }) => cache_reason)).toEqual({ miss: 1, joined: 18 });
    expect(records.filter(({ cost }) => cost > 0)).toHaveLength(1);
    expect(await submitsOf(body.prompt)).toHaveLength(2);
    const promoted = records.find(({ cache_reason }) => cache_reason === "miss");
    expect(await timeline(promoted.id)).toEqual(expect.arrayContaining(["joined", "promoted", "submitted"]));
  });

  it("is cancelled: the same, and the provider was told to stop the first", async () => {
    const body = wish();
    await test.simulator.settings({ render_seconds: 3 });
    const { leader, followers } = await leaderAndFollowers(5, body);
    await test.simulator.settings({ render_seconds: 0.5 });
    expect((await test.caller.call("POST", `/requests/${leader}/cancel`)).status).toBe(202);
    expect(await test.caller.finished(leader)).toMatchObject({ error_code: "CANCELLED" });
    expect(countBy(await ended(followers), ({ status }) => status)).toEqual({ completed: 5 });
    expect((await test.simulator.stats()).cancels).toBe(1);
    expect(await submitsOf(body.prompt)).toHaveLength(2);
  });

  it("breaks the content policy: the followers too, and nobody asks the provider again", async () => {
    const body = wish(`content policy test ${made}`);
    const ids = await Promise.all(Array.from({ length: 5 }, (_, n) => api(n).submit(body)));
    const records = await ended(ids);
    expect(new Set(records.map(({ error_code }) => error_code))).toEqual(new Set(["CONTENT_POLICY_VIOLATION"]));
    const submits = (await submitsOf(body.prompt)).length;
    expect(submits).toBe(records.filter(({ cache_reason }) => cache_reason === "miss").length);
    expect(submits).toBeLessThan(5);
  });

  it("a follower that is cancelled costs nothing and disturbs nobody", async () => {
    const body = wish();
    const { leader, followers } = await leaderAndFollowers(2, body);
    const [one = "", other = ""] = followers;
    expect((await test.caller.call("POST", `/requests/${one}/cancel`)).body.charge_state).toBe("none");
    expect(await test.caller.finished(one)).toMatchObject({ error_code: "CANCELLED", charge_state: "none", cost: 0 });
    expect(await test.caller.finished(other)).toMatchObject({ status: "completed", cost: 0 });
    expect(await test.caller.finished(leader)).toMatchObject({ status: "completed", charge_state: "charged" });
    expect(await submitsOf(body.prompt)).toHaveLength(1);
  });

  it("its worker is killed in mid-render: all complete, with one submit", async () => {
    const body = wish();
    await test.simulator.settings({ render_seconds: 2 });
    const { leader, followers } = await leaderAndFollowers(10, body);
    for (const worker of test.stack.workers) worker.kill();
    const records = await ended([leader, ...followers]);
    expect(countBy(records, ({ status }) => status)).toEqual({ completed: 11 });
    expect(await submitsOf(body.prompt)).toHaveLength(1);
    expect(records.filter(({ cost }) => cost > 0)).toHaveLength(1);
  });
});

describe("races", () => {
  it("join × leader failure, 100 rounds: every submit has its request, every request its end", async () => {
    await test.simulator.settings({ render_seconds: 3, disasters: [{ name: "fail", times: 100 }] });
    // The seed makes each round's wish its own, and the film the same.
    const rounds = Array.from({ length: 100 }, (_, seed) => ({ ...wish("a race"), params: { seed } }));
    const leaders = await Promise.all(rounds.map((body, round) => api(round).submit(body)));
    await until("100 submits", async () => (await test.simulator.stats()).submits === 100);
    await test.simulator.settings({ render_seconds: 0.5, disasters: [] });
    const early = await Promise.all(rounds.map((body, round) => api(round + 1).submit(body)));
    const late = await Promise.all(
      rounds.map(async (body, round) => {
        await api(round).finished(leaders[round] ?? "");
        return api(round).submit(body);
      }),
    );
    const records = await Promise.all([leaders, early, late].map(ended));
    const [led = [], followed = [], came = []] = records;
    expect(countBy(led, ({ status }) => status)).toEqual({ failed: 100 });
    expect(countBy([...followed, ...came], ({ status }) => status)).toEqual({ completed: 200 });
    // One of each round's other two took over, and the third was not submitted.
    expect((await test.simulator.stats()).submits).toBe(200);
    for (const [round, one] of followed.entries()) {
      const reasons = [one.cache_reason, came[round].cache_reason];
      expect(
        reasons.filter((reason) => reason === "miss"),
        `round ${round}: ${reasons}`,
      ).toHaveLength(1);
      expect([one, came[round]].filter(({ cost }) => cost > 0)).toHaveLength(1);
    }
  });

  it("an entry that expires while equal requests come: each is made, joined or found, none is lost or paid twice", async () => {
    const body = wish();
    await test.simulator.settings({ render_seconds: 0.4 });
    const ids: string[] = [];
    for (const end = Date.now() + 8000; Date.now() < end; ) {
      ids.push(...(await Promise.all([api(0).submit(body), api(1).submit(body)])));
    }
    const records = await ended(ids);
    expect(countBy(records, ({ status }) => status)).toEqual({ completed: ids.length });
    const reasons = countBy(records, ({ cache_reason }) => cache_reason);
    const submits = (await submitsOf(body.prompt)).length;
    expect(reasons["miss"]).toBe(submits);
    expect(records.filter(({ cost }) => cost > 0)).toHaveLength(submits);
    expect(submits).toBeGreaterThanOrEqual(3);
    expect(reasons["joined"]).toBeGreaterThan(0);
    expect(reasons["exact"]).toBeGreaterThan(0);
  });
});
