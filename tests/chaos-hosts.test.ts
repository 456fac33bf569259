/** The table of `npm run chaos:hosts`: what a row says of a host that was cut off. */
import { expect, it } from "vitest";
import { type Cut, rowOf } from "../chaos/hosts/table.mjs";
import { promptOf } from "../chaos/outside/caller.mjs";

const CUT: Cut = {
  ...{ host: "api-1", kind: "api", address: "10.88.0.5" },
  ...{ startedAt: 10_000, healedAt: 40_000, joinedAt: 41_500 },
};
const ONE = "http://10.88.0.5:8787";
const OTHER = "http://10.88.0.6:8787";

const LOGS = {
  answers: [
    { at: 9000, baseUrl: ONE, status: 202 },
    { at: 14_000, baseUrl: OTHER, status: 202 },
    { at: 18_000, baseUrl: ONE, status: null },
    { at: 26_000, baseUrl: OTHER, status: 503 },
    { at: 39_000, baseUrl: OTHER, status: 202 },
    { at: 39_500, baseUrl: OTHER, status: null },
    { at: 40_700, baseUrl: ONE, status: 202 },
  ],
  acknowledged: [
    { at: 9000, id: "before", call: 1 },
    { at: 14_000, id: "first", call: 2 },
    { at: 39_000, id: "second", call: 3 },
  ],
  webhooks: [
    { at: 17_000, id: "first", from: "10.88.0.8" },
    { at: 17_500, id: "first", from: "10.88.0.9" },
    { at: 43_000, id: "second", from: "10.88.0.8" },
  ],
  feed: [
    { at: 42_000, id: "second", type: "request.processing" },
    { at: 60_000, id: "before", type: "request.completed" },
  ],
  ends: [{ at: 44_000, id: "second" }],
  submits: [{ at: 40_100, provider_request_id: null }],
  jobs: [1, 2, 3].map((call) => ({ id: `job-${call}`, prompt: promptOf(7, call), billed: true })),
};

it("row of a host: counts its time alone, the other API's longest pause, and the slowest end of what was accepted then", () => {
  expect(rowOf(CUT, LOGS)).toEqual(["api-1", "2", "1", "1, 1", "0, 0", "25.0", "0.7", "4.0"]);
});

it("row of a host: works again at an API's 202, a worker's webhook, a provider's job, or when Redis is whole", () => {
  const again = (kind: Cut["kind"], address: string) => rowOf({ ...CUT, kind, address }, LOGS)[6];
  expect(again("redis", "10.88.0.2")).toBe("1.5");
  expect(again("worker", "10.88.0.8")).toBe("3.0");
  expect(again("worker", "10.88.0.9")).toBe("–");
  expect(again("simulator", "10.88.0.10")).toBe("–");
});

it("row of a host: counts what was accepted meanwhile and has not ended, and what was billed twice", () => {
  const lost = { at: 20_000, id: "lost", call: 4 };
  const again = { id: "job-4", prompt: promptOf(7, 2), billed: true };
  const logs = { ...LOGS, acknowledged: [...LOGS.acknowledged, lost], jobs: [...LOGS.jobs, again] };
  expect(rowOf(CUT, logs)[4]).toBe("1, 1");
});
