/** A process that is started again each time it ends. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startService } from "../scripts/lib/processes/services.mjs";

const RESTART_AFTER_MS = 300;
/** An API or worker is ready when Redis is, which may be down for a while. */
const READY_MS = 120_000;

/** @typedef {Awaited<ReturnType<typeof keepRunning>>} Kept */

/**
 * @param {{
 *   kind: "api" | "worker" | "simulator", name: string, entry: string, env: Record<string, string>, logDir: string,
 *   journals: import("./journal.mjs").Journals, host?: import("../scripts/lib/processes/processes.mjs").Host,
 * }} options
 */
export async function keepRunning({ kind, name, entry, env, logDir, journals, host }) {
  const logFile = join(logDir, `${name}.log`);
  const start = () => startService({ name, entry, env, logFile, readyTimeoutMs: READY_MS, host });
  let current = start();
  let isEnding = false;
  await current.ready;
  const watching = (async () => {
    while (!isEnding) {
      const exit = await current.exited;
      if (isEnding) return;
      journals.write("exits", { name, ...exit });
      await sleep(RESTART_AFTER_MS);
      if (!isEnding) current = start();
    }
  })();
  return {
    ...{ kind, name },
    get current() {
      return current;
    },
    kill: () => current.kill(),
    /** SIGTERM. Resolves when the next process is ready. */
    async restart() {
      const before = current;
      before.child.kill("SIGTERM");
      await before.exited;
      while (current === before) await sleep(50);
      await current.ready.catch(() => {});
    },
    async end() {
      isEnding = true;
      current.child.kill("SIGCONT");
      await current.stop();
      await watching;
    },
  };
}
