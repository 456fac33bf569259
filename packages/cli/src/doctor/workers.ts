/** Is somebody at work in every queue? */
import type { Diagnostics } from "@visgate_ai/client";
import { type Check, fault, ok, warning } from "./check.js";

/** Its jobs are two schedules, not requests. */
const MAINTENANCE = "maintenance";
const ADVICE = "Start one (node apps/worker/dist/main.js); WORKER_QUEUES may keep a worker from a queue.";

export function checkWorkers({ queues }: Diagnostics): Check {
  const entries = Object.entries(queues);
  const counts = entries.map(([, { workers }]) => workers);
  const jobs = jobsText(entries.filter(([name]) => name !== MAINTENANCE).map(([, queue]) => queue));
  if (counts.some((count) => count === null))
    return warning("workers", `Redis does not tell who is connected; ${jobs}.`, "See to it that workers run.");
  const idle = entries.filter(([, { workers }]) => workers === 0).map(([name]) => name);
  if (idle.length > 0) return fault("workers", `No worker takes jobs of ${idle.join(", ")}; ${jobs}.`, ADVICE);
  return ok("workers", `${entries.map(([name, { workers }]) => `${name} ${workers}`).join(", ")}; ${jobs}`);
}

function jobsText(queues: Diagnostics["queues"][string][]): string {
  const sum = (pick: (queue: Diagnostics["queues"][string]) => number) =>
    queues.reduce((total, queue) => total + pick(queue), 0);
  const [waiting, active, asleep] = [sum((one) => one.waiting), sum((one) => one.active), sum((one) => one.delayed)];
  return `${waiting} jobs waiting, ${active} at work, ${asleep} asleep`;
}
