/** The verdict of `npm run chaos`: a good history has no violation, and each kind of damage is found and named. */
import { expect, it } from "vitest";
import { promptOf } from "../chaos/outside/caller.mjs";
import { type History, judge } from "../chaos/verdict.mjs";

const SEED = 7;

/** Two calls: the first completed after one repetition, the second failed. */
function goodHistory(): History {
  const acknowledged = { at: 10, keyed: true, hook: true };
  const webhook = { status: 200, signed: true };
  return {
    acknowledged: [
      { ...acknowledged, call: 1, id: "a", model: "fal-ai/flux/schnell" },
      { ...acknowledged, call: 2, id: "b", model: "runway/gen4_image" },
    ],
    answers: [
      { at: 5, call: 1, baseUrl: "http://one", status: 503, ms: 3 },
      { at: 10, call: 1, baseUrl: "http://two", status: 202, ms: 3 },
      { at: 10, call: 2, baseUrl: "http://one", status: 202, ms: 3 },
    ],
    statuses: [
      { id: "a", status: "pending" },
      { id: "a", status: "processing" },
      { id: "a", status: "completed" },
      { id: "b", status: "pending" },
      { id: "b", status: "failed" },
    ],
    ends: [
      { id: "a", request: { status: "completed", provider: "fal", error_code: null }, output: { whole: true } },
      { id: "b", request: { status: "failed", provider: "runway", error_code: "SUBMIT_UNKNOWN" }, output: null },
    ],
    webhooks: [
      { ...webhook, webhookId: "msg_a", type: "request.completed", id: "a", ended: "completed" },
      { ...webhook, webhookId: "msg_b", type: "request.failed", id: "b", ended: "failed", status: 500 },
      { ...webhook, webhookId: "msg_b", type: "request.failed", id: "b", ended: "failed" },
    ],
    feed: [
      { sequence: 1, type: "request.processing", id: "a" },
      { sequence: 2, type: "request.completed", id: "a" },
      { sequence: 3, type: "request.failed", id: "b" },
    ],
    stops: [],
    resources: [{ name: "api-1", megabytes: 150, files: 60 }],
    faults: [{ name: "kill a worker", kills: true, startedAt: 8 }],
    submits: [],
    jobs: [
      { id: "job-1", provider: "fal", prompt: promptOf(SEED, 1), billed: true },
      { id: "job-2", provider: "runway", prompt: promptOf(SEED, 2), billed: true },
    ],
    leaks: [],
  };
}

const rulesBroken = (history: History) => [...new Set(judge(history).map(({ rule }) => rule))];

it("good history: no violation", () => {
  expect(judge(goodHistory())).toEqual([]);
});

const DAMAGES: { damage: string; make: (history: History) => void; rules: string[] }[] = [
  {
    damage: "a request never ends",
    make: (history) => void history.ends.shift(),
    rules: ["lost: an acknowledged request has not ended"],
  },
  {
    damage: "the provider bills two jobs of one call",
    make: ({ jobs }) => void jobs.push({ id: "job-3", provider: "fal", prompt: promptOf(SEED, 1), billed: true }),
    rules: [
      "doubled: a call was billed more than once",
      "doubled: a request was submitted again after the provider had accepted it",
    ],
  },
  {
    damage: "a second job that is not billed",
    make: ({ jobs }) => void jobs.push({ id: "job-3", provider: "fal", prompt: promptOf(SEED, 1), billed: false }),
    rules: ["doubled: a request was submitted again after the provider had accepted it"],
  },
  {
    damage: "a status goes back to pending",
    make: ({ statuses }) => void statuses.push({ id: "a", status: "pending" }),
    rules: ["a status went back"],
  },
  {
    damage: "a request that was acknowledged is missing",
    make: ({ statuses }) => void statuses.push({ id: "a", status: "missing" }),
    rules: ["a status went back"],
  },
  {
    damage: "one key has two requests",
    make: ({ acknowledged, ends, feed }) => {
      acknowledged.push({ at: 20, call: 1, id: "c", keyed: true, hook: false, model: "fal-ai/flux/schnell" });
      ends.push({ id: "c", request: { status: "failed" }, output: null });
      feed.push({ sequence: 4, type: "request.failed", id: "c" });
    },
    rules: ["one key led to two requests"],
  },
  {
    damage: "a second end in the feed",
    make: ({ feed }) => void feed.push({ sequence: 4, type: "request.failed", id: "a" }),
    rules: ["a request ended twice"],
  },
  {
    damage: "webhooks say that a request completed, and that it failed",
    make: ({ webhooks }) =>
      void webhooks.push({
        ...{ webhookId: "msg_a", type: "request.failed", id: "a" },
        ...{ ended: "failed", status: 200, signed: true },
      }),
    rules: ["a request ended twice"],
  },
  {
    damage: "a webhook never arrives",
    make: ({ webhooks }) => void webhooks.shift(),
    rules: ["a webhook is missing"],
  },
  {
    damage: "a webhook is only refused",
    make: ({ webhooks }) => void webhooks.pop(),
    rules: ["a webhook is missing"],
  },
  {
    damage: "a repeated webhook has another id",
    make: ({ webhooks }) =>
      void webhooks.push({
        ...{ webhookId: "msg_other", type: "request.completed", id: "a" },
        ...{ ended: "completed", status: 200, signed: true },
      }),
    rules: ["the webhooks of a request have different ids"],
  },
  {
    damage: "a webhook with a wrong signature",
    make: ({ webhooks }) => void Object.assign(webhooks[0] ?? {}, { signed: false }),
    rules: ["a webhook is not signed"],
  },
  {
    damage: "a process that keeps connections open",
    make: ({ resources }) => void resources.push({ name: "worker-1", megabytes: 150, files: 5000 }),
    rules: ["a process uses too much memory or too many files"],
  },
  {
    damage: "an event is missing in the feed",
    make: ({ feed }) => void feed.shift(),
    rules: ["the feed has a gap"],
  },
  {
    damage: "the feed does not have an end",
    make: ({ feed }) => void feed.pop(),
    rules: ["an end is not in the feed"],
  },
  {
    damage: "an output is cut off",
    make: ({ ends }) => void Object.assign(ends[0]?.output, { whole: false }),
    rules: ["an output is missing or cut"],
  },
  {
    damage: "fal has the job of a request that ended SUBMIT_UNKNOWN",
    make: ({ ends }) => void Object.assign(ends[1]?.request, { provider: "fal" }),
    rules: ["a provider that can be searched has a job that its request does not know"],
  },
  {
    damage: "an API that was not stopped answers after 8 s",
    make: ({ answers }) => void Object.assign(answers[0] ?? {}, { at: 20_000, ms: 8000 }),
    rules: ["an answer took too long"],
  },
  {
    damage: "a valid call is answered 500",
    make: ({ answers }) => void Object.assign(answers[0] ?? {}, { status: 500 }),
    rules: ["a call was refused"],
  },
  {
    damage: "a log holds a secret",
    make: ({ leaks }) => void leaks.push("api-1.log"),
    rules: ["a secret is in a log"],
  },
];

it.each(DAMAGES)("$damage: named", ({ make, rules }) => {
  const history = goodHistory();
  make(history);
  expect(rulesBroken(history)).toEqual(rules);
});

it("an API that was stopped may answer late", () => {
  const history = goodHistory();
  Object.assign(history.answers[0] ?? {}, { at: 20_000, ms: 8000 });
  history.stops.push({ at: 14_000, name: "api-1", ms: 4000 });
  expect(judge(history)).toEqual([]);
});
