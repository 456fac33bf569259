/** The run, inside its own network (main.mjs). Prints the table, and exits with 1 when something was violated. */
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../scripts/lib/processes/processes.mjs";
import { createReport } from "../../scripts/lib/progress.mjs";
import { openJournals } from "../journal.mjs";
import { runUnderWatch } from "../outside/run-under-watch.mjs";
import { planCalls } from "../plan.mjs";
import { figures, judge, showViolations } from "../verdict.mjs";
import { OUTSIDE_ADDRESS } from "./network.mjs";
import { endTimes, tableOf } from "./table.mjs";
import { openHosts } from "./world.mjs";

/** Before the first cut, and between two. */
const CALM_MS = 5000;
/** Within this time, all that was accepted during a cut must have ended, or the verdict says so. */
const CATCH_UP_MS = 120_000;
/** The logs are long, and their readers share the processors with the programs under test. */
const LOOK_EVERY_MS = 1000;

const { dir, binary, s3Program, seed, seconds, locateSeconds, only } = JSON.parse(process.argv[2] ?? "{}");
// The process that made this network ends it. Without it nobody would.
process.on("disconnect", () => process.exit(1));
const report = createReport();
const journals = openJournals(dir);

/** @param {import("./world.mjs").Hosts} world @returns {Promise<import("./table.mjs").Cut[]>} */
async function cutEachOff(world) {
  const cuts = [];
  await sleep(CALM_MS);
  for (const host of world.hosts) {
    if (only.length > 0 && !only.includes(host.name)) continue;
    const cut = await report.step(`${host.name} is cut off`, () => cutOff(world, host));
    journals.write("faults", { name: `cut off ${host.name}`, kills: false, ...cut });
    cuts.push(cut);
    await eventually(() => hasCaughtUp(cut.healedAt), CATCH_UP_MS, LOOK_EVERY_MS);
    await sleep(CALM_MS);
  }
  return cuts;
}

/** @param {import("./world.mjs").Hosts} world @param {import("./world.mjs").Hosts["hosts"][number]} host */
async function cutOff(world, { name, kind, address, cutOff, heal }) {
  const startedAt = Date.now();
  // What an API answered before, its callers may get after the heal.
  if (kind === "api") journals.write("stops", { name, ms: seconds * 1000 });
  cutOff();
  await sleep(seconds * 1000);
  heal();
  const healedAt = Date.now();
  const joinedAt = await world.makeWhole();
  return { host: name, kind, address, startedAt, healedAt, joinedAt };
}

/** @param {number} before */
function hasCaughtUp(before) {
  const [webhooks, feed, ends] = ["webhooks", "feed", "ends"].map((name) => journals.read(name));
  const ended = endTimes(/** @type {any} */ ({ webhooks, feed, ends }));
  return journals.read("acknowledged").every(({ id, at }) => at > before || ended.has(id));
}

const world = await openHosts({ dir, binary, s3Program, renderCacheDir: `${dir}/renders`, locateSeconds, journals });
// More calls than the run has time for. The webhook of each says when its request has ended.
const calls = planCalls({ seed, seconds: 3600 }).map((call) => ({ ...call, hook: true }));
/** @type {import("./table.mjs").Cut[]} */
let cuts = [];
const watched = { world, calls, seed, address: OUTSIDE_ADDRESS, stopCalls: true };
const history = await runUnderWatch(watched, async () => {
  cuts = await cutEachOff(world);
});
const violations = judge(history);
for (const line of ["", ...tableOf(cuts, history), ""]) report.line(line);
for (const [name, value] of figures(history)) report.line(`  ${name}: ${value}`);
for (const { name, code, signal } of history.exits) report.line(`  ${name} ended by itself: ${code ?? signal}`);
for (const line of showViolations(violations)) report.line(line);
await world.close();
process.exit(violations.length === 0 ? 0 : 1);
