#!/usr/bin/env node
/**
 * `npm run chaos -- --minutes N --seed S`: real processes under random faults, and the proof from logs outside the
 * system that no accepted request was lost and none was paid twice. Three acts: one Redis behind failing links, a Sentinel
 * group that fails over, and a cluster that fails over and moves slots. `--act single`, `sentinel` or `cluster` runs one
 * of them. The same seed makes the same plan of calls and faults. `--quick`: half a minute, with a shorter search for lost submits. The logs stay in `--dir`
 * (default: removed after a good run).
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { describeMachine } from "../bench/measurements.mjs";
import { createReport } from "../scripts/lib/progress.mjs";
import { prepare } from "../scripts/lib/stack/prepare.mjs";
import { FAULTS } from "./faults.mjs";
import { openJournals } from "./journal.mjs";
import { runUnderWatch } from "./outside/run-under-watch.mjs";
import { createPlan } from "./plan.mjs";
import { figures, judge, showViolations } from "./verdict.mjs";
import { openWorld } from "./world.mjs";

/** Each act with its title, and its share of the time. */
const ACTS = {
  single: { title: "One Redis", share: 0.5 },
  sentinel: { title: "Sentinel", share: 0.25 },
  cluster: { title: "Cluster", share: 0.25 },
};

/** @typedef {keyof typeof ACTS} Act */

const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    quick: { type: "boolean", default: false },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e6)) },
    act: { type: "string" },
    dir: { type: "string" },
  },
});
const seed = Number(values.seed);
const seconds = Number(values.minutes ?? (values.quick ? 0.4 : 5)) * 60;
const locateSeconds = values.quick ? 20 : 60;
const report = createReport();
const dir = values.dir ?? mkdtempSync(join(tmpdir(), "visgate-chaos-"));

/** @param {Act} act @param {number} seconds @param {string} binary */
async function runAct(act, seconds, binary) {
  const actDir = join(dir, act);
  mkdirSync(actDir, { recursive: true });
  const journals = openJournals(actDir);
  const faults = FAULTS.filter(({ acts }) => acts === undefined || acts.includes(act));
  const plan = createPlan({ seed, seconds, faults });
  const renderCacheDir = join(dir, "renders");
  const world = await openWorld({ dir: actDir, act, binary, renderCacheDir, locateSeconds, journals });
  try {
    const history = await runUnderWatch({ world, calls: plan.calls, seed }, async () => {
      await Promise.all([carryOut(world, plan), changeWeather(world, plan)]);
      await setDisasters(world, []);
    });
    return { act, plan, history, hasRealDisk: world.disk.isReal, hasWrongClock: world.hasWrongClock };
  } finally {
    await world.close();
  }
}

/** @param {import("./world.mjs").World} world @param {import("./plan.mjs").Plan} plan */
async function carryOut(world, { faults }) {
  const began = Date.now();
  const running = faults.map(async ({ atMs, fault: name, target, ms }) => {
    await sleep(began + atMs - Date.now());
    const fault = FAULTS.find((each) => each.name === name);
    const startedAt = Date.now();
    /** @type {unknown} */
    let error;
    await fault?.run(world, { target, ms }).catch((caught) => {
      error = String(caught);
    });
    world.journals.write("faults", { name, target, ms, kills: fault?.kills, startedAt, error });
  });
  await Promise.all(running);
}

/** @param {import("./world.mjs").World} world @param {import("./plan.mjs").Plan} plan */
async function changeWeather(world, { weather }) {
  const began = Date.now();
  for (const { atMs, disasters } of weather) {
    await sleep(Math.max(0, began + atMs - Date.now()));
    await setDisasters(world, disasters);
  }
}

/** The simulator may be dead; then its settings are empty when it is back. @param {import("./world.mjs").World} world @param {object[]} disasters */
async function setDisasters({ simulatorUrl }, disasters) {
  await fetch(`${simulatorUrl}/control/settings`, { method: "PUT", body: JSON.stringify({ disasters }) }).catch(
    () => {},
  );
}

/** @param {Awaited<ReturnType<typeof runAct>>} run */
function show({ act, plan, history, hasRealDisk, hasWrongClock }) {
  const violations = judge(history);
  report.line(`\n${ACTS[act].title}, ${Math.round(plan.seconds)} s, seed ${seed}`);
  for (const [name, value] of figures(history)) report.line(`  ${name}: ${value}`);
  if (!hasWrongClock) report.line("  no worker had a wrong clock: there is no libfaketime for this platform");
  if (!hasRealDisk) report.line("  the disk was never full: only root may mount one");
  for (const line of showViolations(violations)) report.line(line);
  return violations.length;
}

// The programs of the run end with this process.
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.once(signal, () => process.exit(130));
const found = await prepare({ dataDir: dir, env: { ...process.env, REDIS_URL: "" }, report });
report.line(`\n${describeMachine()}`);
let violations = 0;
for (const [act, { share }] of /** @type {[Act, { share: number }][]} */ (Object.entries(ACTS))) {
  if (values.act !== undefined && values.act !== act) continue;
  violations += show(await runAct(act, values.act === undefined ? seconds * share : seconds, found.redisServer ?? ""));
}
if (violations === 0 && values.dir === undefined) rmSync(dir, { recursive: true, force: true });
else report.line(`The logs are in ${dir}.`);
process.exit(violations === 0 ? 0 : 1);
