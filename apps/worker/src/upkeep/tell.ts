/** Says every few seconds what this process holds, for `GET /diagnostics`. It is a hint: a write that fails is left out. */
import { baseOf } from "@visgate/shared/queue";
import { TELL_EVERY_MS, type WorkerFigures, type Workers } from "@visgate/shared/store";
import type { RunningJobs } from "../queue-worker.js";

export interface TellOptions {
  workers: Pick<Workers, "tell" | "forget">;
  /** The lease of this process. */
  id: string;
  figures: Pick<WorkerFigures, "host" | "version" | "startedAt">;
  /** The names of the shards that it takes jobs from. */
  shards(): string[];
  running: RunningJobs;
  everyMs?: number;
}

export interface Telling {
  /** Stops, and takes back what was said. */
  end(): Promise<void>;
}

export function tellFigures({ workers, id, everyMs = TELL_EVERY_MS, ...options }: TellOptions): Telling {
  const tell = () => workers.tell(id, figuresOf(options)).catch(() => {});
  let telling = tell();
  const timer = setInterval(() => {
    telling = tell();
  }, everyMs).unref();
  return {
    async end() {
      clearInterval(timer);
      await telling;
      await workers.forget(id).catch(() => {});
    },
  };
}

function figuresOf({ figures, shards, running }: Pick<TellOptions, "figures" | "shards" | "running">): WorkerFigures {
  const names = shards();
  const queues = [...new Set(names.map(baseOf))];
  const inFlight = [...running.values()].reduce((sum, jobs) => sum + jobs.size, 0);
  return { ...figures, queues, ...(names.length > queues.length && { shards: names }), inFlight };
}
