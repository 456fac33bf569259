import { end } from "./processes.mjs";

/** The order of a stop: services drain while the simulator and Redis still run, and Redis ends last. */
export const STOP_ORDER = Object.freeze({ service: 0, simulator: 1, redis: 2 });
/** One deadline for each step of STOP_ORDER; together less than the 10 s that a stop may take. */
const DEADLINES_MS = [6500, 1000, 1500];

/**
 * The processes of one stack. A stop ends them in order, also while the stack is still starting.
 * @param {(pids: number[]) => void} onChange called with all pids when a process is added
 */
export function createProcessGroup(onChange) {
  const closing = new AbortController();
  /** @type {Map<import("./processes.mjs").Owned, number>} */
  const members = new Map();

  return {
    /** Aborted when the stop begins; from then on no process is restarted. */
    closing: closing.signal,

    /**
     * Kills the process at once if the stop has begun.
     * @param {import("./processes.mjs").Owned} owned @param {number} stopOrder
     */
    add(owned, stopOrder) {
      members.set(owned, stopOrder);
      owned.exited.then(() => members.delete(owned));
      if (closing.signal.aborted) owned.child.kill("SIGKILL");
      else onChange([...members.keys()].map((member) => member.pid));
    },

    async stop() {
      closing.abort();
      for (const [stopOrder, deadlineMs] of DEADLINES_MS.entries()) {
        const next = [...members].filter(([, memberOrder]) => memberOrder === stopOrder);
        await Promise.all(next.map(([owned]) => end(owned, deadlineMs)));
      }
    },
  };
}
