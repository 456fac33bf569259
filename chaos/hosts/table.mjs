/** What a run says of each host that was cut off, from the logs of those outside. */
import { callOf } from "../outside/caller.mjs";

/** @typedef {import("../journal.mjs").Entry} Entry */
/**
 * @typedef {Record<"acknowledged" | "answers" | "webhooks" | "feed" | "ends" | "submits", Entry[]> &
 *   { jobs: { id: string, prompt: string, billed: boolean }[] }} Logs
 */
/**
 * @typedef {{
 *   host: string, kind: import("./world.mjs").Kind, address: string, startedAt: number, healedAt: number,
 *   joinedAt: number,
 * }} Cut `joinedAt`: when all nodes of Redis followed each other again
 */

/** When each request had ended, as a webhook, the feed or a look at it tells first. @param {Pick<Logs, "webhooks" | "feed" | "ends">} history */
export function endTimes({ webhooks, feed, ends }) {
  /** @type {Map<string, number>} */
  const times = new Map();
  const told = feed.filter(({ type }) => /completed|failed/.test(type));
  for (const { id, at } of [...webhooks, ...told, ...ends]) times.set(id, Math.min(at, times.get(id) ?? at));
  return times;
}

const HEAD = [
  "host",
  "202",
  "503",
  "no answer: by it, by others",
  "lost, doubled",
  "longest without a 202 elsewhere (s)",
  "heal to work (s)",
  "slowest end (s)",
];

/** Markdown. @param {readonly Cut[]} cuts @param {Logs} history @returns {string[]} */
export function tableOf(cuts, history) {
  const rows = cuts.map((cut) => rowOf(cut, history));
  return [HEAD, HEAD.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
}

/** @param {Cut} cut @param {Logs} history @returns {string[]} */
export function rowOf(cut, history) {
  const { host, address, startedAt, healedAt } = cut;
  const isMeanwhile = (/** @type {{ at: number }} */ { at }) => at >= startedAt && at <= healedAt;
  const answers = history.answers.filter(isMeanwhile);
  const count = (/** @type {number | null} */ status) => answers.filter((answer) => answer.status === status).length;
  const isOfHost = isOf(address);
  const silent = answers.filter(({ status }) => status === null);
  const ends = endTimes(history);
  const accepted = history.acknowledged.filter(isMeanwhile);
  const lost = accepted.filter(({ id }) => !ends.has(id)).length;
  const delays = accepted.map(({ id, at }) => (ends.get(id) ?? at) - at);
  const fromHost = silent.filter(isOfHost).length;
  const elsewhere = answers.filter((answer) => !isOfHost(answer));
  return [
    ...[host, count(202), count(503), `${fromHost}, ${silent.length - fromHost}`].map(String),
    `${lost}, ${doubledOf(accepted, history)}`,
    seconds(longestGap(elsewhere, cut)),
    seconds(worksAgain(cut, history)),
    seconds(delays.length === 0 ? null : Math.max(...delays)),
  ];
}

/** How many of these calls were billed more than once. @param {Entry[]} accepted @param {Logs} history */
function doubledOf(accepted, { jobs }) {
  const billed = jobs.filter((job) => job.billed).map(({ prompt }) => callOf(prompt));
  return accepted.filter(({ call }) => billed.filter((other) => other === call).length > 1).length;
}

/** @param {string} address @returns {(answer: Entry) => boolean} */
const isOf =
  (address) =>
  ({ baseUrl }) =>
    new URL(baseUrl).hostname === address;

/** Of each API by itself. @param {Logs["answers"]} answers @param {Cut} cut */
function longestGap(answers, { startedAt, healedAt }) {
  const apis = [...new Set(answers.map(({ baseUrl }) => baseUrl))];
  const gaps = apis.flatMap((api) => {
    const accepted = answers.filter(({ baseUrl, status }) => baseUrl === api && status === 202).map(({ at }) => at);
    const times = [startedAt, ...accepted, healedAt];
    return times.slice(1).map((time, index) => time - (times[index] ?? time));
  });
  return gaps.length === 0 ? null : Math.max(...gaps);
}

/**
 * From the heal to the host's first work: an API's 202, a worker's webhook, a job of a provider, a cluster that is whole.
 * @param {Cut} cut @param {Logs} history
 */
function worksAgain({ kind, address, healedAt, joinedAt }, { answers, webhooks, submits }) {
  const works = {
    redis: [{ at: joinedAt }],
    api: answers.filter((answer) => answer.status === 202 && isOf(address)(answer)),
    worker: webhooks.filter(({ from }) => from === address),
    simulator: submits.filter(({ provider_request_id: id }) => id !== null),
  };
  const first = Math.min(...works[kind].map(({ at }) => at).filter((at) => at > healedAt));
  return Number.isFinite(first) ? first - healedAt : null;
}

/** @param {number | null} ms */
const seconds = (ms) => (ms === null ? "–" : (ms / 1000).toFixed(1));
