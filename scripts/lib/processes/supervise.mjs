import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../failure.mjs";
import { describeExit } from "./processes.mjs";

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;
const STEADY_AFTER_MS = 30_000;

/**
 * @typedef {import("./processes.mjs").Owned & {
 *   stop: (deadlineMs?: number) => Promise<unknown>, kill: () => void,
 * }} Running
 */

/**
 * @template {Running} T
 * @typedef {{
 *   name: string, readonly current: T, readonly pid: number, readonly restarts: number, events: EventEmitter,
 *   kill: () => void, stop: (deadlineMs?: number) => Promise<unknown>,
 * }} Supervised `events` emits "exit" (Exit) and "restart" (pid); after `stop` it is not restarted, after `kill` it is
 */

/**
 * Starts a process, and starts it again with a growing delay when it ends unexpectedly.
 * @template {Running} T
 * @param {{
 *   name: string, start: () => Promise<T>, closing: AbortSignal, restart?: boolean,
 *   report: import("../progress.mjs").Report,
 * }} options `closing` aborts when the whole stack stops
 * @returns {Promise<Supervised<T>>}
 */
export async function supervise({ name, start, closing, restart = true, report }) {
  const stopped = new AbortController();
  const stopping = AbortSignal.any([closing, stopped.signal]);
  const events = new EventEmitter();
  let current = await start();
  let restarts = 0;
  void watch();

  async function watch() {
    for (let failures = 0; !stopping.aborted; ) {
      const sinceMs = Date.now();
      const exit = await current.exited;
      events.emit("exit", exit);
      if (stopping.aborted || !restart) return;
      if (Date.now() - sinceMs > STEADY_AFTER_MS) failures = 0;
      report.line(`${name} ended unexpectedly (${describeExit(exit)}); starting it again`);
      failures = await startAgain(failures);
    }
  }

  /** @param {number} failures the failures in a row until now @returns {Promise<number>} including this one */
  async function startAgain(failures) {
    for (let count = failures; ; count += 1) {
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** count, LONGEST_DELAY_MS);
      await sleep(delayMs, undefined, { signal: stopping }).catch(() => {});
      if (stopping.aborted) return count;
      try {
        current = await start();
        if (stopping.aborted) await current.stop();
        restarts += 1;
        report.line(`${name} runs again (pid ${current.pid})`);
        events.emit("restart", current.pid);
        return count + 1;
      } catch (error) {
        if (!stopping.aborted) report.line(`${messageOf(error)} Trying again.`);
      }
    }
  }

  return {
    name,
    events,
    get current() {
      return current;
    },
    get pid() {
      return current.pid;
    },
    get restarts() {
      return restarts;
    },
    kill: () => current.kill(),
    stop: (deadlineMs) => {
      stopped.abort();
      return current.stop(deadlineMs);
    },
  };
}
