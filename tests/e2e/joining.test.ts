/** Equal requests in flight: the first one leads and is submitted, the others follow and share its output. */
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

let prompts = 0;
const bodyOf = (prompt = `joined video ${++prompts}`) => ({ model: "fal-ai/veo3", prompt, duration_seconds: 4 });
const api = (n: number) => test.callers[n % 2] ?? test.caller;
const submitsOf = async (prompt: string) =>
  (await test.simulator.submits()).filter(({ body }) => body["prompt"] === prompt);

/** A leader whose job the provider has, and `count` followers. */
async function leaderAndFollowers(count: number, body: object) {
  const leader = await test.caller.submit(body);
  const followers = await Promise.all(Array.from({ length: count }, (_, n) => api(n).submit(body)));
  await until("the leader is processing", async () => (await test.caller.status(leader)).status === "processing");
  return { leader, followers };
}
const allEnded = (ids: string[]) => Promise.all(ids.map((id) => test.caller.finished(id)));
const timeline = async (id: string) =>
  (await test.caller.call("GET", `/requests/${id}?include=timeline`)).body.timeline.map(
    ({ name }: { name: string }) => name,
  );

describe("leader and followers", () => {
  it("leader fails: one follower becomes the leader, all 19 complete, with two submits and one charge", async () => {
    const body = bodyOf();
    await test.simulator.settings({ disasters: [{ name: "fail", times: 1 }] });
    const { leader, followers } = await leaderAndFollowers(19, body);
    expect((await test.caller.finished(leader)).status).toBe("failed");
    const records = await allEnded(followers);
    expect(countBy(records, ({ status }) => status)).toEqual({ completed: 19 });
    expect(countBy(records, ({ cache_reason }) => cache_reason)).toEqual({ miss: 1, joined: 18 });
    expect(records.filter(({ cost }) => cost > 0)).toHaveLength(1);
    expect(await submitsOf(body.prompt)).toHaveLength(2);
    const promoted = records.find(({ cache_reason }) => cache_reason === "miss");
    expect(await timeline(promoted.id)).toEqual(expect.arrayContaining(["joined", "promoted", "submitted"]));
  });

  it("leader is cancelled: its job is cancelled at the provider, and a follower becomes the leader", async () => {
    const body = bodyOf();
    await test.simulator.settings({ render_seconds: 3 });
    const { leader, followers } = await leaderAndFollowers(5, body);
    await test.simulator.settings({ render_seconds: 0.5 });
    expect((await test.caller.call("POST", `/requests/${leader}/cancel`)).status).toBe(202);
    expect(await test.caller.finished(leader)).toMatchObject({ error_code: "CANCELLED" });
    expect(countBy(await allEnded(followers), ({ status }) => status)).toEqual({ completed: 5 });
    expect((await test.simulator.stats()).cancels).toBe(1);
    expect(await submitsOf(body.prompt)).toHaveLength(2);
  });

  it("leader is refused by the content policy: its followers fail too, and none of them is submitted", async () => {
    const body = bodyOf(`content policy test ${prompts}`);
    const ids = await Promise.all(Array.from({ length: 5 }, (_, n) => api(n).submit(body)));
    const records = await allEnded(ids);
    expect(new Set(records.map(({ error_code }) => error_code))).toEqual(new Set(["CONTENT_POLICY_VIOLATION"]));
    const submits = (await submitsOf(body.prompt)).length;
    expect(submits).toBe(records.filter(({ cache_reason }) => cache_reason === "miss").length);
    expect(submits).toBeLessThan(5);
  });

  it("follower is cancelled: costs nothing, and the leader and the other follower complete", async () => {
    const body = bodyOf();
    const { leader, followers } = await leaderAndFollowers(2, body);
    const [one = "", other = ""] = followers;
    expect((await test.caller.call("POST", `/requests/${one}/cancel`)).body.charge_state).toBe("none");
    expect(await test.caller.finished(one)).toMatchObject({ error_code: "CANCELLED", charge_state: "none", cost: 0 });
    expect(await test.caller.finished(other)).toMatchObject({ status: "completed", cost: 0 });
    expect(await test.caller.finished(leader)).toMatchObject({ status: "completed", charge_state: "charged" });
    expect(await submitsOf(body.prompt)).toHaveLength(1);
  });

  it("all workers are killed during the render: leader and followers complete, with one submit", async () => {
    const body = bodyOf();
    await test.simulator.settings({ render_seconds: 2 });
    const { leader, followers } = await leaderAndFollowers(10, body);
    for (const worker of test.stack.workers) worker.kill();
    const records = await allEnded([leader, ...followers]);
    expect(countBy(records, ({ status }) => status)).toEqual({ completed: 11 });
    expect(await submitsOf(body.prompt)).toHaveLength(1);
    expect(records.filter(({ cost }) => cost > 0)).toHaveLength(1);
  });
});

describe("joining at the same time", () => {
  it("as the leader fails, 100 rounds: one of the two later requests is submitted, and both complete", async () => {
    await test.simulator.settings({ render_seconds: 3, disasters: [{ name: "fail", times: 100 }] });
    // The seeds make the bodies of the rounds different. The simulator draws one video for all, by the prompt.
    const rounds = Array.from({ length: 100 }, (_, seed) => ({ ...bodyOf("a race"), params: { seed } }));
    const leaders = await Promise.all(rounds.map((body, round) => api(round).submit(body)));
    await until("100 submits", async () => (await test.simulator.stats()).submits === 100);
    // The later ones render longer than a busy machine needs to submit the last of them.
    await test.simulator.settings({ render_seconds: 10, disasters: [] });
    const early = await Promise.all(rounds.map((body, round) => api(round + 1).submit(body)));
    const late = await Promise.all(
      rounds.map(async (body, round) => {
        await api(round).finished(leaders[round] ?? "");
        return api(round).submit(body);
      }),
    );
    const records = await Promise.all([leaders, early, late].map(allEnded));
    const [firsts = [], earlies = [], lates = []] = records;
    expect(countBy(firsts, ({ status }) => status)).toEqual({ failed: 100 });
    expect(countBy([...earlies, ...lates], ({ status }) => status)).toEqual({ completed: 200 });
    // In each round, one of the two later requests became the leader, and the other one was not submitted.
    expect((await test.simulator.stats()).submits).toBe(200);
    for (const [round, one] of earlies.entries()) {
      const reasons = [one.cache_reason, lates[round].cache_reason];
      expect(
        reasons.filter((reason) => reason === "miss"),
        `round ${round}: ${reasons}`,
      ).toHaveLength(1);
      expect([one, lates[round]].filter(({ cost }) => cost > 0)).toHaveLength(1);
    }
  });

  it("as the cache entry expires: each request renders, joins or hits the cache; one charge per render", async () => {
    const body = bodyOf();
    await test.simulator.settings({ render_seconds: 0.4 });
    const ids: string[] = [];
    for (const end = Date.now() + 8000; Date.now() < end; ) {
      ids.push(...(await Promise.all([api(0).submit(body), api(1).submit(body)])));
    }
    const records = await allEnded(ids);
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
