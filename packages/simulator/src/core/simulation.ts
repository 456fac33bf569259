import type { Inputs } from "../media/inputs.js";
import type { Library } from "../media/library.js";
import { MediaError } from "../media/spec.js";
import type { Job } from "./job.js";
import type { Journal } from "./journal.js";
import { apply, type Ledger, type LedgerEvent, replayOf, type Submit } from "./ledger.js";
import type { Settings } from "./settings.js";

/** What every simulated provider uses. */
export interface Simulation {
  now(): number;
  newId(): string;
  /** The address of this process: the one it listens on, or the one under which a caller reached it. */
  url: string;
  /** The address of this process for callers elsewhere, if it has one. */
  publicUrl?: string | undefined;
  /** Set when a caller reached this process under another address than the one it listens on. */
  reachedAt?: string;
  ledger: Ledger;
  settings: Settings;
  library: Library;
  inputs: Inputs;
  /** Changes memory at once and resolves when the change is on disk. */
  commit(event: LedgerEvent): Promise<void>;
  /** Records a submit and, if it made a job, starts the work. */
  record(submit: Omit<Submit, "seq" | "at" | "replay_of">, job: Job | null): Promise<void>;
  /** Draws the files that the job still lacks, and schedules its webhook. */
  continueJob(job: Job): void;
}

export interface SimulationParts
  extends Pick<Simulation, "now" | "newId" | "url" | "publicUrl" | "ledger" | "settings"> {
  library: Library;
  inputs: Inputs;
  journal: Journal<LedgerEvent>;
  /** Called when a job starts, and whenever its end may have become known. */
  onProgress(job: Job): void;
}

const CHANGES_THE_END = new Set<LedgerEvent["type"]>(["rendered", "render_failed", "cancelled"]);

function needsRender(job: Job): boolean {
  return job.plan.kind === "media" && !job.rendered && !job.renderFailed && job.cancelledAt === undefined;
}

async function draw(job: Job, library: Library, now: () => number): Promise<LedgerEvent> {
  try {
    const specs = job.plan.kind === "media" ? job.plan.specs : [];
    const files = await Promise.all(specs.map((spec) => library.ensure(spec)));
    const rendered = { at: now(), files: files.map(({ name, bytes }) => ({ name, bytes })) };
    return { type: "rendered", id: job.id, rendered };
  } catch (error) {
    const reason = error instanceof MediaError ? error.reason : "render";
    const message = error instanceof Error ? error.message : String(error);
    return { type: "render_failed", id: job.id, renderFailed: { at: now(), reason, message } };
  }
}

export function createSimulation(parts: SimulationParts): Simulation {
  const { ledger, journal, library, now } = parts;

  async function commit(event: LedgerEvent): Promise<void> {
    apply(ledger, event);
    const job = "id" in event && CHANGES_THE_END.has(event.type) ? ledger.jobs.get(event.id) : undefined;
    if (job) parts.onProgress(job);
    await journal.append(event);
  }

  function continueJob(job: Job): void {
    parts.onProgress(job);
    if (!needsRender(job)) return;
    // Only a journal that is closing refuses the event. The next start then draws the file again.
    draw(job, library, now)
      .then(commit)
      .catch(() => undefined);
  }

  return {
    ...parts,
    commit,
    continueJob,
    async record(submit, job) {
      await commit({
        type: "submit",
        submit: { seq: ledger.nextSeq, at: now(), replay_of: replayOf(ledger, submit), ...submit },
        job,
      });
      if (job) continueJob(job);
    },
  };
}
