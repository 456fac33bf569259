#!/usr/bin/env node
/**
 * The capacity model of docs/scale.md: what a number of renders in flight needs.
 * `node bench/capacity.mjs --in-flight 1000000 [--render-seconds 120] [--reported 1] [--status-polls 0.2]
 * [--output-mb 5] [--retention-days 30] [--utilization 0.6]`
 * `--reported`: the share whose end the provider reports; the others are polled. `--status-polls`: by callers, per render
 * in flight and second. `--utilization`: of a core, at most.
 */
import { parseArgs } from "node:util";

/** As `npm run bench -- --only costs,memory,inFlight` printed them on 2026-11-30 (Intel Xeon). Processor times in µs. */
const COSTS = {
  life: { api: 3900, worker: 10_700, redis: 2600 },
  providerPoll: { worker: 1280, redis: 370 },
  statusPoll: { api: 40 },
  bytesInFlight: 3900,
  bytesEnded: 1439,
  workerBytesPerRender: 2500,
  idleMb: { api: 101, worker: 91 },
};
/** A tenth of the age, and 5 s at most for fal: most polls of a long render are 5 s apart. */
const SECONDS_BETWEEN_POLLS = 5;
/** A render that is reported is still polled, in case the report is lost. */
const SECONDS_BETWEEN_SAFETY_POLLS = 120;
/** All renders at one provider together get no more: the limit of fal (packages/providers/src/fal/adapter.ts). */
const MOST_POLLS = 500;
/** Of all queues of a provider and of an organization: a script runs on one core. */
const ONE_SLOT = 1;

const { values } = parseArgs({
  options: {
    "in-flight": { type: "string", default: "10000" },
    "render-seconds": { type: "string", default: "120" },
    reported: { type: "string", default: "1" },
    "status-polls": { type: "string", default: "0.2" },
    "output-mb": { type: "string", default: "5" },
    "retention-days": { type: "string", default: "30" },
    utilization: { type: "string", default: "0.6" },
  },
});
const read = (/** @type {keyof typeof values} */ name, /** @type {[number, number]} */ [least, most]) => {
  const value = Number(values[name]);
  if (value >= least && value <= most) return value;
  process.stderr.write(`--${name}: must be a number from ${least} to ${most}\n`);
  process.exit(1);
};
const inFlight = read("in-flight", [1, 1e9]);
const renderSeconds = read("render-seconds", [1, 86_400]);
const reported = read("reported", [0, 1]);
const statusPolls = inFlight * read("status-polls", [0, 1000]);
const outputMb = read("output-mb", [0, 10_000]);
const retentionDays = read("retention-days", [1, 3650]);
const utilization = read("utilization", [0.05, 1]);

const perSecond = inFlight / renderSeconds;
const wantedPolls =
  inFlight *
  ((1 - reported) / SECONDS_BETWEEN_POLLS + reported / Math.max(renderSeconds, SECONDS_BETWEEN_SAFETY_POLLS));
const providerPolls = Math.min(wantedPolls, MOST_POLLS);
const cores = {
  api: (perSecond * COSTS.life.api + statusPolls * COSTS.statusPoll.api) / 1e6,
  worker: (perSecond * COSTS.life.worker + providerPolls * COSTS.providerPoll.worker) / 1e6,
  redis: (perSecond * COSTS.life.redis + providerPolls * COSTS.providerPoll.redis) / 1e6,
};
const processes = (/** @type {number} */ used) => Math.max(1, Math.ceil(used / utilization));
const gb = (/** @type {number} */ bytes) => `${(bytes / 1e9).toFixed(1)} GB`;
const workers = processes(cores.worker);

const rows = [
  ["submits a second", perSecond.toFixed(1)],
  ["polls of providers a second", providerPolls.toFixed(0)],
  ["status polls a second", statusPolls.toFixed(0)],
  ["API processes", `${processes(cores.api)} (${cores.api.toFixed(2)} cores, ${COSTS.idleMb.api} MB each)`],
  [
    "worker processes",
    `${workers} (${cores.worker.toFixed(2)} cores, ` +
      `${Math.round(COSTS.idleMb.worker + (inFlight * COSTS.workerBytesPerRender) / workers / 1e6)} MB each)`,
  ],
  ["Redis", `${processes(cores.redis)} primaries (${cores.redis.toFixed(2)} cores)`],
  ["Redis memory of what is in flight", gb(inFlight * COSTS.bytesInFlight)],
  ["Redis memory of what has ended", gb(perSecond * 86_400 * retentionDays * COSTS.bytesEnded)],
  ["outputs copied", `${(perSecond * outputMb).toFixed(0)} MB/s, ${gb(perSecond * outputMb * 1e6 * 86_400)} a day`],
];
const width = Math.max(...rows.map(([name = ""]) => name.length));
process.stdout.write(`${rows.map(([name = "", value]) => `${name.padEnd(width)}  ${value}`).join("\n")}\n`);
if (cores.redis > ONE_SLOT * utilization) {
  process.stdout.write(
    "\nOne Redis is not enough: use a cluster. An organization is in one slot, and so is the queue of a provider: what one\n" +
      "of them needs must fit one core.\n",
  );
}
