/** What happens when, decided by the seed alone before the run starts. */
import { createRandom } from "./random.mjs";

/**
 * @typedef {{ atMs: number, target: number, ms: number }} Moment `target` in [0, 1) chooses the process
 * @typedef {Moment & { fault: string }} PlannedFault
 * @typedef {{ atMs: number, disasters: object[] }} Weather
 * @typedef {{
 *   call: number, atMs: number, model: string, media: "image" | "video", inputs: object, keyed: boolean, hook: boolean,
 * }} Call
 * @typedef {{ seconds: number, faults: PlannedFault[], weather: Weather[], calls: Call[] }} Plan
 */

/** Time between two kills, and between two other faults. */
const KILL_EVERY_MS = [2200, 4200];
const FAULT_EVERY_MS = [3500, 8000];
const WEATHER_EVERY_MS = [4000, 9000];
const CALLS_PER_SECOND = 4;

const SMALL = { width: 256, height: 256 };
const FILM = { duration_seconds: 4 };

/**
 * Mostly small pictures: the simulator draws every output, which takes the processors from the programs under test.
 * `inputs` are fields of the call.
 */
const MODELS = /** @type {const} */ ([
  { weight: 45, model: "fal-ai/flux/schnell", media: "image", inputs: SMALL },
  { weight: 40, model: "replicate/black-forest-labs/flux-1.1-pro", media: "image", inputs: SMALL },
  { weight: 12, model: "runway/gen4_image", media: "image", inputs: { ratio: "720:720" } },
  { weight: 1, model: "fal-ai/veo3", media: "video", inputs: FILM },
  { weight: 1, model: "replicate/google/veo-3", media: "video", inputs: FILM },
  { weight: 1, model: "runway/gen4.5", media: "video", inputs: FILM },
]);

/** The simulator's disasters that a request survives, or of which it says how it ended. */
const DISASTERS = [
  { name: "submit_503_before_accept" },
  { name: "submit_429", retry_after: 1 },
  { name: "submit_500_html" },
  { name: "submit_503_after_accept" },
  { name: "submit_500_html_after_accept" },
  { name: "submit_drop_after_accept" },
  { name: "submit_hang" },
  { name: "submit_slow", seconds: 2 },
  { name: "submit_no_id" },
  { name: "list_late", seconds: 3 },
  { name: "poll_429", retry_after: 1 },
  { name: "poll_500" },
  { name: "poll_html" },
  { name: "poll_unknown_status" },
  { name: "poll_hang" },
  { name: "fail" },
  { name: "late_moderation" },
  { name: "progress_backwards" },
  { name: "output_expiring" },
  { name: "output_truncated" },
  { name: "output_empty" },
  { name: "output_wrong_type" },
  { name: "webhook_duplicate" },
  { name: "webhook_never" },
  { name: "webhook_late", seconds: 4 },
  { name: "webhook_forged" },
  { name: "webhook_stale" },
];

/**
 * @param {{ seed: number, seconds: number, faults: readonly import("./faults.mjs").Fault[] }} options
 * @returns {Plan}
 */
export function createPlan({ seed, seconds, faults }) {
  // A generator for each part, so that a new kind of fault does not change the calls of a seed.
  const [killing, failing, weather] = [1, 2, 3].map((part) => createRandom(seed * 10 + part));
  const endMs = seconds * 1000;
  const named = (/** @type {boolean} */ kills) => faults.filter((fault) => fault.kills === kills);
  return {
    seconds,
    faults: [
      ...moments(killing, KILL_EVERY_MS, endMs, (at, random) => plannedFault(at, random, named(true))),
      ...moments(failing, FAULT_EVERY_MS, endMs, (at, random) => plannedFault(at, random, named(false))),
    ].toSorted((a, b) => a.atMs - b.atMs),
    weather: moments(weather, WEATHER_EVERY_MS, endMs, (atMs, random) => ({ atMs, disasters: someDisasters(random) })),
    calls: planCalls({ seed, seconds }),
  };
}

/** @param {{ seed: number, seconds: number }} options @returns {Call[]} */
export function planCalls({ seed, seconds }) {
  const calls = moments(createRandom(seed * 10 + 4), [0, 2000 / CALLS_PER_SECOND], seconds * 1000, plannedCall);
  return calls.map((call, index) => ({ ...call, call: index + 1 }));
}

/**
 * @template T @param {import("./random.mjs").Random | undefined} random @param {number[]} everyMs shortest and longest
 * @param {number} endMs @param {(atMs: number, random: import("./random.mjs").Random) => T} make
 */
function moments(random, [min = 0, max = 0], endMs, make) {
  const made = [];
  if (random === undefined) return [];
  for (let atMs = random.between(min, max); atMs < endMs; atMs += random.between(min, max))
    made.push(make(atMs, random));
  return made;
}

/**
 * @param {number} atMs @param {import("./random.mjs").Random} random
 * @param {readonly import("./faults.mjs").Fault[]} faults
 */
function plannedFault(atMs, random, faults) {
  const { name, ms = [0, 0] } = random.pickWeighted(faults);
  return { atMs, fault: name, target: random.next(), ms: Math.round(random.between(ms[0], ms[1])) };
}

/** @param {import("./random.mjs").Random} random */
function someDisasters(random) {
  const count = Math.floor(random.between(0, 5));
  return Array.from({ length: count }, () => ({ ...random.pick(DISASTERS), times: Math.ceil(random.between(0, 4)) }));
}

/** @param {number} atMs @param {import("./random.mjs").Random} random */
function plannedCall(atMs, random) {
  const { model, media, inputs } = random.pickWeighted(MODELS);
  return { atMs, model, media, inputs, keyed: random.chance(0.6), hook: random.chance(0.8) };
}
