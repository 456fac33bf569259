#!/usr/bin/env node
/**
 * Many renders in flight at one provider, by the code that decides when a worker polls and a clock of its own: how many
 * polls a second there are, and how late ends are noticed. Renders begin evenly, and last between half and one and a half
 * times what is usual. Needs a build.
 * `node bench/simulate.mjs [--in-flight 1000000] [--render-seconds 600] [--reported 1] [--lost-reports 0.001]
 * [--polls-per-second 500]`
 */
import { parseArgs } from "node:util";
import { IDLE, pollDelay, soonMs } from "@visgate/providers";
import { percentile } from "./measurements.mjs";

const { values } = parseArgs({
  options: {
    "in-flight": { type: "string", default: "1000000" },
    "render-seconds": { type: "string", default: "600" },
    reported: { type: "string", default: "1" },
    "lost-reports": { type: "string", default: "0.001" },
    "polls-per-second": { type: "string", default: "500" },
  },
});
const [inFlight, renderMs] = [Number(values["in-flight"]), Number(values["render-seconds"]) * 1000];
const [reported, lost] = [Number(values.reported), Number(values["lost-reports"])];
const rhythm = { minMs: 500, maxMs: 5000, maxPerSecond: Number(values["polls-per-second"]) };
const TICK_MS = 1000;
/** Until it is settled, and then as long again. */
const TURNS = 3;
const perTick = (inFlight / renderMs) * TICK_MS;

/** @typedef {{ startedAt: number, endsAt: number, awaitsReport: boolean, isLost: boolean, pollAt: number }} Job */

/** What is due in each second. @type {Map<number, Job[]>} */
const wheel = new Map();
const tickOf = (/** @type {number} */ at) => Math.floor(at / TICK_MS);
function sleepUntil(/** @type {Job} */ job, /** @type {number} */ at) {
  const due = wheel.get(tickOf(at)) ?? [];
  wheel.set(tickOf(at), due);
  due.push(job);
}

let seed = 1;
function random() {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}

let load = IDLE;
let sleeping = 0;
let begun = 0;
/** @type {number[]} */
const polls = [];
/** @type {{ reported: number[], polled: number[] }} milliseconds */
const late = { reported: [], polled: [] };

/** Sleeps until the next poll, or until the report. */
function sleepOn(/** @type {Job} */ job, /** @type {number} */ now) {
  const situation = { ageMs: now - job.startedAt, usualMs: renderMs, load, random: random() };
  job.pollAt = now + pollDelay(rhythm, { ...situation, awaitsReport: job.awaitsReport });
  const isReported = job.awaitsReport && !job.isLost;
  sleepUntil(job, isReported ? Math.min(job.pollAt, Math.max(job.endsAt, now + 1)) : job.pollAt);
}

const lastTick = tickOf(TURNS * renderMs);
for (let tick = 0; tick < lastTick; tick += 1) {
  const now = tick * TICK_MS;
  const soon = Math.ceil(soonMs(rhythm, load) / TICK_MS);
  let dueSoon = 0;
  for (let ahead = 0; ahead <= soon; ahead += 1) dueSoon += wheel.get(tick + ahead)?.length ?? 0;
  load = { inFlight: sleeping, dueSoon };
  for (; begun < perTick * (tick + 1); begun += 1) {
    const awaitsReport = random() < reported;
    const endsAt = now + renderMs * (0.5 + random());
    sleeping += 1;
    sleepOn({ startedAt: now, endsAt, awaitsReport, isLost: random() < lost, pollAt: 0 }, now);
  }
  let count = 0;
  for (const job of wheel.get(tick) ?? []) {
    const at = Math.max(now, Math.min(job.pollAt, now + TICK_MS - 1));
    count += 1;
    if (at < job.endsAt && tickOf(job.endsAt) !== tick) {
      sleepOn(job, at);
      continue;
    }
    sleeping -= 1;
    if (!job.awaitsReport || job.isLost)
      late[job.awaitsReport ? "reported" : "polled"].push(Math.max(0, at - job.endsAt));
  }
  wheel.delete(tick);
  polls.push(count);
}

const settled = polls.slice(Math.floor((polls.length * 2) / 3));
const seconds = (/** @type {number[]} */ times) =>
  times.length === 0
    ? "none"
    : `${times.length}, p50 ${(percentile(times, 0.5) / 1000).toFixed(1)} s, p99 ${(percentile(times, 0.99) / 1000).toFixed(1)} s`;
process.stdout.write(
  [
    `${inFlight} renders of ${renderMs / 1000} s in flight, ${Math.round(perTick)} begin a second, ${sleeping} are asleep at the end`,
    `looks a second (polls and reports): ${Math.round(percentile(settled, 0.5))}, p99 ${percentile(settled, 0.99)}`,
    `ends that a poll noticed because the report was lost: ${seconds(late.reported)}`,
    `ends of renders without reports: ${seconds(late.polled)}`,
    "",
  ].join("\n"),
);
