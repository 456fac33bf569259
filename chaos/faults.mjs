/** The faults of a run. Each ends by itself: `run` resolves when everything is healed. */
import { setTimeout as sleep } from "node:timers/promises";

/**
 * `kills`: it ends a process at once. `ms`: shortest and longest duration. `acts`: where it makes sense; default all.
 * @typedef {{
 *   name: string, weight: number, kills: boolean, ms?: [number, number], acts?: ("single" | "sentinel" | "cluster")[],
 *   run: (world: import("./world.mjs").World, moment: { target: number, ms: number }) => Promise<void>,
 * }} Fault
 */

/** @param {import("./world.mjs").World} world @param {"api" | "worker" | "simulator"} kind @param {number} target */
function choose(world, kind, target) {
  const processes = world.processes.filter((each) => each.kind === kind);
  const chosen = processes[Math.floor(target * processes.length)];
  if (chosen === undefined) throw new Error(`there is no ${kind}`);
  return chosen;
}

/** @param {"api" | "worker" | "simulator"} kind @returns {Fault["run"]} */
const kill =
  (kind) =>
  async (world, { target }) =>
    choose(world, kind, target).kill();

/** SIGSTOP for a while. @param {"api" | "worker"} kind @returns {Fault["run"]} */
const stop =
  (kind) =>
  async (world, { target, ms }) => {
    const { current, name } = choose(world, kind, target);
    current.child.kill("SIGSTOP");
    world.journals.write("stops", { name, ms });
    await sleep(ms);
    current.child.kill("SIGCONT");
  };

/** @param {"silence" | "refuse" | "loseAnswers" | "cut"} how @returns {Fault["run"]} */
const spoilLink =
  (how) =>
  async (world, { target, ms }) => {
    const link = world.links[Math.floor(target * world.links.length)];
    link?.[how]();
    await sleep(ms);
    link?.heal();
  };

/** @type {readonly Fault[]} */
export const FAULTS = [
  { name: "kill a worker", weight: 50, kills: true, run: kill("worker") },
  { name: "kill an API", weight: 30, kills: true, run: kill("api") },
  { name: "kill the provider", weight: 5, kills: true, run: kill("simulator") },
  {
    ...{ name: "kill Redis", weight: 15, kills: true, acts: ["single"], ms: [0, 3000] },
    run: (world, { ms }) => world.redis.kill(ms),
  },
  {
    ...{ name: "kill the primary", weight: 8, kills: true, acts: ["sentinel", "cluster"], ms: [8000, 10_000] },
    run: (world, { ms }) => world.redis.kill(ms),
  },
  {
    ...{
      name: "kill the primary for a moment",
      weight: 8,
      kills: true,
      acts: ["sentinel", "cluster"],
      ms: [600, 2200],
    },
    run: (world, { ms }) => world.redis.kill(ms),
  },
  {
    ...{ name: "restart a process (SIGTERM)", weight: 20, kills: false },
    async run(world, { target }) {
      const processes = world.processes.filter(({ kind }) => kind !== "simulator");
      await processes[Math.floor(target * processes.length)]?.restart();
    },
  },
  {
    ...{ name: "rolling restart", weight: 4, kills: false },
    async run(world) {
      for (const each of world.processes) if (each.kind !== "simulator") await each.restart();
    },
  },
  { name: "stop a worker", weight: 15, kills: false, ms: [1000, 8000], run: stop("worker") },
  { name: "stop an API", weight: 10, kills: false, ms: [500, 4000], run: stop("api") },
  {
    ...{ name: "freeze Redis", weight: 10, kills: false, ms: [500, 6000] },
    run: (world, { ms }) => world.redis.freeze(ms),
  },
  {
    ...{ name: "CLIENT KILL", weight: 12, kills: false },
    run: (world) => world.redis.cutClients(),
  },
  {
    ...{ name: "fail over", weight: 12, kills: false, acts: ["sentinel", "cluster"] },
    run: (world) => world.redis.failOver(),
  },
  {
    ...{ name: "move slots", weight: 12, kills: false, acts: ["cluster"] },
    run: (world) => world.redis.moveSlots(),
  },
  {
    ...{ name: "link: black hole", weight: 8, kills: false, acts: ["single"] },
    ms: [2000, 9000],
    run: spoilLink("silence"),
  },
  {
    ...{ name: "link: half-open", weight: 8, kills: false, acts: ["single"] },
    ms: [1000, 2000],
    run: spoilLink("loseAnswers"),
  },
  {
    ...{ name: "link: refused", weight: 6, kills: false, acts: ["single"] },
    ms: [500, 5000],
    run: spoilLink("refuse"),
  },
  { ...{ name: "link: reset", weight: 8, kills: false, acts: ["single"] }, ms: [0, 10], run: spoilLink("cut") },
  {
    ...{ name: "full disk", weight: 5, kills: false, ms: [1000, 6000] },
    run: (world, { ms }) => world.disk.fill(ms),
  },
];
