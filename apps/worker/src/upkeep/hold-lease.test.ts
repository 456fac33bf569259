import { createLogger } from "@visgate/shared/runtime";
import type { Beat, LeaseHolder } from "@visgate/shared/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWakeSignal } from "../../../../tests/support/signals.js";
import { type HeldLease, holdLease } from "./hold-lease.js";

const QUIET: Beat = { wasJudgedDead: false, dead: [] };

let lines: string[];
let held: HeldLease | null;
beforeEach(() => {
  lines = [];
  held = null;
});
afterEach(() => held?.end());

/** Answers as told, then quietly; an Error is thrown. */
function createHolder(answers: (Beat | Error)[]) {
  const beats = createWakeSignal();
  const ended = createWakeSignal();
  const holder: LeaseHolder = {
    id: "own",
    async beat() {
      beats.ring();
      const answer = answers.shift() ?? QUIET;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    async end() {
      ended.ring();
    },
  };
  return { holder, beats, ended };
}

const log = createLogger({
  level: "info",
  service: "worker",
  secretNames: [],
  destination: { write: (line) => void lines.push(line) },
});
const hold = (holder: LeaseHolder, onDead: (leaseId: string) => void = () => {}) =>
  holdLease({ holder, beatMs: 5, onDead, log });

describe("holding a lease", () => {
  test("begins with the first heartbeat that succeeds, however many fail before", async () => {
    const { holder, beats } = createHolder([new Error("away"), new Error("away"), QUIET]);
    held = await hold(holder);
    expect(beats.rings()).toBe(3);
  });

  test("continues after heartbeats that fail, without a log line", async () => {
    const { holder, beats } = createHolder([QUIET, new Error("away"), new Error("away")]);
    held = await hold(holder);
    await beats.rung(5);
    expect(lines).toEqual([]);
  });

  test("reports dead processes at each heartbeat, as an earlier take-over may have failed", async () => {
    const dead = { wasJudgedDead: false, dead: ["a", "b"] };
    const { holder, beats } = createHolder([QUIET, dead, dead]);
    const told: string[] = [];
    held = await hold(holder, (id) => told.push(id));
    await beats.rung(4);
    expect(told).toEqual(["a", "b", "a", "b"]);
  });

  test("warns once when this process itself was declared dead", async () => {
    const { holder, beats } = createHolder([QUIET, { wasJudgedDead: true, dead: [] }]);
    held = await hold(holder);
    await beats.rung(4);
    expect(lines.filter((line) => line.includes("silent for too long"))).toHaveLength(1);
  });

  test("sends no heartbeat after it has ended", async () => {
    const { holder, beats, ended } = createHolder([]);
    const lease = await hold(holder);
    await beats.rung(2);
    await lease.end();
    expect(ended.rings()).toBe(1);
    const rings = beats.rings();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(beats.rings()).toBe(rings);
  });
});
