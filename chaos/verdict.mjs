/**
 * Judges a run by the logs of the callers, the watchers, the webhook receiver and the simulated providers. The system
 * under test is never asked about itself.
 */
import { percentile } from "../bench/measurements.mjs";
import { callOf } from "./outside/caller.mjs";

/** An API answers within this time, if only 503, whatever happens to Redis. Generous: all programs share two cores. */
const ANSWER_WITHIN_MS = 7000;
/** Of each API and worker. An idle one has about 130 MB and 40 files. */
const MAX_MEGABYTES = 600;
const MAX_FILES = 1000;

/**
 * @typedef {{
 *   acknowledged: { at: number, call: number, id: string, keyed: boolean, hook: boolean, model: string }[],
 *   answers: { at: number, call: number, baseUrl: string, status: number | null, ms: number }[],
 *   statuses: { id: string, status: string }[],
 *   ends: { id: string, request: any, output: any }[],
 *   webhooks: { webhookId: string, type: string, id: string, ended: string, status: number | null, signed: boolean }[],
 *   feed: { sequence: number, type: string, id: string }[],
 *   stops: { at: number, name: string, ms: number }[],
 *   submits: { at: number, provider: string, provider_request_id: string | null, body: any }[],
 *   jobs: { id: string, provider: string, prompt: string, billed: boolean }[],
 *   faults: { name: string, kills: boolean, startedAt: number, error?: string }[],
 *   resources: { name: string, megabytes: number, files: number }[],
 *   leaks: string[],
 * }} History
 * @typedef {{ rule: string, what: string }} Violation
 */

/** Every violation of the invariants; none in a good run. @param {History} history @returns {Violation[]} */
export function judge(history) {
  return Object.entries(RULES).flatMap(([rule, find]) => find(history).map((what) => ({ rule, what })));
}

const isTerminal = (/** @type {string} */ status) => status === "completed" || status === "failed";
const TERMINAL_EVENTS = new Set(["request.completed", "request.failed"]);

/** @type {Record<string, (history: History) => string[]>} */
const RULES = {
  "lost: an acknowledged request has not ended": ({ acknowledged, ends }) => {
    const ended = new Set(ends.map(({ id }) => id));
    return acknowledged.filter(({ id }) => !ended.has(id)).map(({ id, call }) => `call ${call}, request ${id}`);
  },
  "doubled: a call was billed more than once": ({ jobs }) =>
    moreThanOne(jobs.filter(({ billed }) => billed).map(({ id, prompt }) => [callOf(prompt), id])),
  "doubled: a request was submitted again after the provider had accepted it": ({ jobs, acknowledged }) => {
    const keyed = new Set(acknowledged.filter((one) => one.keyed).map(({ call }) => call));
    const made = jobs.map(({ id, prompt }) => /** @type {const} */ ([callOf(prompt), id]));
    return moreThanOne(made.filter(([call]) => call !== null && keyed.has(call)));
  },
  "a status went back": ({ statuses }) => {
    const order = ["pending", "processing", "completed", "failed"];
    return [...groupBy(statuses, ({ id }) => id)].flatMap(([id, seen]) => {
      const ranks = seen.map(({ status }) => Math.min(order.indexOf(status), 2));
      const goesBack = ranks.some((rank, index) => rank < 0 || rank < (ranks[index - 1] ?? 0));
      return goesBack ? [`${id}: ${seen.map(({ status }) => status).join(", ")}`] : [];
    });
  },
  "one key led to two requests": ({ acknowledged }) =>
    moreThanOne(acknowledged.filter(({ keyed }) => keyed).map(({ call, id }) => [call, id])),
  "a request ended twice": ({ feed, webhooks }) => {
    const events = feed.filter(({ type }) => TERMINAL_EVENTS.has(type));
    return [
      ...[...groupBy(events, ({ id }) => id)].filter(([, ends]) => ends.length > 1).map(([id]) => `${id} in the feed`),
      ...moreThanOne(webhooks.map(({ id, ended }) => [id, ended])),
    ];
  },
  "a webhook is missing": ({ acknowledged, webhooks }) => {
    const arrived = new Set(webhooks.filter(({ status }) => status === 200).map(({ id }) => id));
    return acknowledged.filter(({ hook, id }) => hook && !arrived.has(id)).map(({ id }) => id);
  },
  "the webhooks of a request have different ids": ({ webhooks }) =>
    moreThanOne(webhooks.map(({ id, webhookId }) => [id, webhookId])),
  "a webhook is not signed": ({ webhooks }) =>
    webhooks.filter(({ signed }) => !signed).map(({ webhookId }) => webhookId),
  "the feed has a gap": ({ feed }) => {
    const numbers = feed.map(({ sequence }) => sequence);
    return numbers
      .flatMap((number, index) => (number === index + 1 ? [] : [`event ${index + 1} has number ${number}`]))
      .slice(0, 1);
  },
  "an end is not in the feed": ({ ends, feed }) => {
    const told = new Set(feed.filter(({ type }) => TERMINAL_EVENTS.has(type)).map(({ id }) => id));
    return ends.filter(({ id, request }) => isTerminal(request.status) && !told.has(id)).map(({ id }) => id);
  },
  "an output is missing or cut": ({ ends }) =>
    ends
      .filter(({ request, output }) => request.status === "completed" && output?.whole !== true)
      .map(({ id, output }) => `${id}: ${JSON.stringify(output)}`),
  "a provider that can be searched has a job that its request does not know": ({ ends, jobs, acknowledged }) => {
    const unknown = unknownEnds({ ends, jobs, acknowledged }).filter(
      ({ taken, provider }) => taken && provider !== "runway",
    );
    return unknown.map(({ id, provider }) => `${provider}, request ${id}`);
  },
  "an answer took too long": ({ answers, stops }) =>
    answers
      .filter(({ ms, status }) => status !== null && ms > ANSWER_WITHIN_MS)
      .filter(({ at, ms }) => !stops.some((stop) => stop.at - stop.ms < at && at - ms < stop.at + stop.ms))
      .map(({ call, status, ms }) => `call ${call}: ${status} after ${ms} ms`),
  "a call was refused": ({ answers }) =>
    answers
      .filter(({ status }) => status !== null && status !== 202 && status !== 503)
      .map(({ call, status }) => `call ${call}: ${status}`),
  "a process uses too much memory or too many files": ({ resources }) =>
    resources
      .filter(({ name }) => name !== "simulator")
      .filter(({ megabytes, files }) => megabytes > MAX_MEGABYTES || files > MAX_FILES)
      .map(({ name, megabytes, files }) => `${name}: ${megabytes} MB, ${files} files`)
      .slice(0, 1),
  "a secret is in a log": ({ leaks }) => leaks,
};

/** Requests that ended SUBMIT_UNKNOWN. `taken`: the provider has a job for the call. @param {Pick<History, "ends" | "jobs" | "acknowledged">} history */
function unknownEnds({ ends, jobs, acknowledged }) {
  const calls = new Map(acknowledged.map(({ id, call }) => [id, call]));
  const taken = new Set(jobs.map(({ prompt }) => callOf(prompt)));
  return ends
    .filter(({ request }) => request.error_code === "SUBMIT_UNKNOWN")
    .map(({ id, request }) => ({ id, provider: request.provider, taken: taken.has(calls.get(id) ?? null) }));
}

/** At most forty of them, after the count of each rule. @param {Violation[]} violations @returns {string[]} */
export function showViolations(violations) {
  const counts = [...groupBy(violations, ({ rule }) => rule)].map(([rule, all]) => ({ rule, count: all.length }));
  return [
    ...counts.map(({ rule, count }) => `  VIOLATED ${count} times: ${rule}`),
    ...violations.slice(0, 40).map(({ rule, what }) => `    ${rule}: ${what}`),
    `  ${violations.length} violations`,
  ];
}

/** The figures of a run. @param {History} history @returns {[string, string | number][]} */
export function figures(history) {
  const { acknowledged, answers, ends, webhooks, submits, jobs, faults } = history;
  const programs = history.resources.filter(({ name }) => name !== "simulator");
  const most = (/** @type {"megabytes" | "files"} */ what) => Math.max(0, ...programs.map((sample) => sample[what]));
  const made = faults.filter(({ error }) => error === undefined);
  const unknown = unknownEnds(history);
  const completed = ends.filter(({ request }) => request.status === "completed").length;
  const [p50, p99, max] = seconds(refusedSpans(answers));
  const [late50, late99, lateMax] = seconds(ends.map(({ request }) => request.latency_ms ?? 0));
  return [
    ["kills (-9)", made.filter(({ kills }) => kills).length],
    ["other faults", made.filter(({ kills }) => !kills).length],
    ["faults left out, since another one was not over", faults.length - made.length],
    ["calls acknowledged", acknowledged.length],
    ["answers of 503, connections cut or timed out", answers.filter(({ status }) => status !== 202).length],
    ["requests completed, failed", `${completed}, ${ends.length - completed}`],
    ["submits seen by the providers, jobs made", `${submits.length}, ${jobs.length}`],
    [
      "submits with an unknown end: taken, not taken",
      `${unknown.filter(({ taken }) => taken).length}, ${unknown.filter(({ taken }) => !taken).length}`,
    ],
    ["webhooks received, of how many requests", `${webhooks.length}, ${new Set(webhooks.map(({ id }) => id)).size}`],
    ["no call accepted by an API, p50 / p99 / max", `${p50} / ${p99} / ${max}`],
    ["most memory and most open files of an API or worker", `${most("megabytes")} MB, ${most("files")}`],
    ["from acceptance to the end, p50 / p99 / max", `${late50} / ${late99} / ${lateMax}`],
  ];
}

/** For each time in which calls failed: from the first failed answer to the next 202, in milliseconds. @param {History["answers"]} answers */
function refusedSpans(answers) {
  const spans = [];
  let since = null;
  for (const { at, ms, status } of answers.toSorted((a, b) => a.at - b.at)) {
    if (status === 202) {
      if (since !== null) spans.push(at - since);
      since = null;
    } else since ??= at - ms;
  }
  return spans;
}

/** @param {number[]} values in milliseconds */
const seconds = (values) =>
  [0.5, 0.99, 1].map((share) =>
    values.length === 0 ? "–" : `${(percentile(values, share === 1 ? 0.999999 : share) / 1000).toFixed(1)} s`,
  );

/** @param {(readonly [unknown, unknown])[]} pairs @returns {string[]} the keys with more than one value */
function moreThanOne(pairs) {
  const found = [];
  for (const [key, group] of groupBy(pairs, ([key]) => key)) {
    const values = new Set(group.map(([, value]) => value));
    if (key !== null && values.size > 1) found.push(`${key}: ${[...values].join(", ")}`);
  }
  return found;
}

/** @template T, K @param {readonly T[]} items @param {(item: T) => K} keyOf @returns {Map<K, T[]>} */
function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
