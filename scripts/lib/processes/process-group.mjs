import { end } from "./processes.mjs";

/** Who is ended when: the services drain while everything they need is still there; Redis goes last. */
export const RANK = Object.freeze({ service: 0, simulator: 1, redis: 2 });
const DEADLINES_MS = [6500, 1000, 1500]; // in all under the 10 s that a stop may take

/**
 * The processes of one stack, ended in order whether the start is over or still under way.
 * @param {(pids: number[]) => void} onChange told the pids whenever one is added
 */
export function createProcessGroup(onChange) {
  const closing = new AbortController();
  /** @type {Map<import("./processes.mjs").Owned, number>} */
  const members = new Map();

  return {
    /** Aborted when the stop begins: nothing is restarted from then on. */
    closing: closing.signal,

    /** @param {number} rank @returns {(owned: import("./processes.mjs").Owned) => void} */
    adopt: (rank) => (owned) => {
      members.set(owned, rank);
      owned.exited.then(() => members.delete(owned));
      if (closing.signal.aborted) owned.child.kill("SIGKILL");
      else onChange([...members.keys()].map((member) => member.pid));
    },

    async stop() {
      closing.abort();
      for (const [rank, deadlineMs] of DEADLINES_MS.entries()) {
        const group = [...members].filter(([, memberRank]) => memberRank === rank);
        await Promise.all(group.map(([owned]) => end(owned, deadlineMs)));
      }
    },
  };
}
