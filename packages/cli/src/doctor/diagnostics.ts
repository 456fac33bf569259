/** Checks of what the gateway reports: Redis, the workers, the providers' keys and the clocks. */
import type { Balance, Diagnostics } from "@visgate_ai/client";
import { KEY_VARIABLES } from "../providers.generated.js";
import { seconds } from "../screen/text.js";
import { type Check, fault, ok, warning } from "./check.js";

/** `reason`: what the gateway says in its health; earlier versions say nothing. */
export const redisFault = (reason = "The gateway cannot reach Redis."): Check =>
  fault(
    "redis",
    `${reason} The gateway answers 503 and accepts nothing.`,
    "Correct that (docs/operations.md, Redis). Accepted requests are kept in Redis and continue by themselves.",
  );

/** Whether Redis keeps what was accepted. */
export function checkRedis({ redis }: Diagnostics): Check {
  const { version, settings, safe, message } = redis;
  const text = `Redis ${version ?? "of unknown version"}. ${message}`;
  if (!safe)
    return fault("redis", text, "Correct redis.conf (deploy/redis.conf has the right settings) and restart Redis.");
  if (settings === null)
    return warning("redis", text, "Ask its operator to set appendonly yes and maxmemory-policy noeviction.");
  if (settings.appendFsync !== "always")
    return warning("redis", text, "Set appendfsync always: then a 202 means that the request is on disk.");
  return ok("redis", text);
}

export function checkAccepting({ accepting }: Diagnostics): Check[] {
  if (accepting) return [];
  const message =
    "The gateway accepts no generations now: it is shutting down, Redis is full, or media cannot be stored.";
  const advice =
    "Its log says which. Give Redis more memory (maxmemory) or the output folder more space, or lower RETENTION_DAYS.";
  return [fault("accepting", message, advice)];
}

type Queue = Diagnostics["queues"][string];

/** Its jobs are scheduled upkeep, not requests, so they are not counted. */
const MAINTENANCE = "maintenance";
const START_WORKER =
  "Start a worker (node apps/worker/bundle/main.js). If one runs, check its WORKER_QUEUES: it may leave out a queue.";

/** Whether every queue has a worker. */
export function checkWorkers({ queues }: Diagnostics): Check {
  const entries = Object.entries(queues);
  const jobs = jobsText(entries.filter(([name]) => name !== MAINTENANCE).map(([, queue]) => queue));
  if (entries.some(([, { workers }]) => workers === null))
    return warning("workers", `Redis does not report which workers are connected; ${jobs}.`, "Check that workers run.");
  const idle = entries.filter(([, { workers }]) => workers === 0).map(([name]) => name);
  if (idle.length > 0) return fault("workers", `No worker takes jobs of ${idle.join(", ")}; ${jobs}.`, START_WORKER);
  return ok("workers", `${entries.map(([name, { workers }]) => `${name} ${workers}`).join(", ")}; ${jobs}`);
}

function jobsText(queues: Queue[]): string {
  const sum = (state: "waiting" | "active" | "delayed") => queues.reduce((total, queue) => total + queue[state], 0);
  return `${sum("waiting")} jobs waiting, ${sum("active")} active, ${sum("delayed")} asleep`;
}

/** Whether the providers accept their keys. */
export function checkProviders(balances: readonly Balance[], { providers }: Diagnostics): Check[] {
  const simulated = new Set(providers.filter((one) => one.simulated).map((one) => one.provider));
  const checks = balances.map((balance) => checkProvider(balance, simulated.has(balance.provider)));
  if (balances.some(({ configured }) => configured)) return checks;
  return [...checks, fault("providers", "No provider has a key.", "Set a provider's key at the API and the workers.")];
}

function checkProvider(balance: Balance, isSimulated: boolean): Check {
  const { provider, configured, available, remaining, currency, message } = balance;
  const variable = KEY_VARIABLES[provider] ?? "its key";
  if (!configured)
    return warning(provider, "It has no key.", `Set ${variable}, or send your own key with each request.`);
  if (!available)
    return fault(provider, message ?? "It is not available.", `Check ${variable}, or wait until the provider is back.`);
  if (isSimulated) return ok(provider, "Simulated: its videos are not real, and nothing is paid");
  if (remaining === null) return ok(provider, "It accepts its key; it does not report the balance");
  const left = `${remaining} ${currency ?? ""} left`;
  return remaining > 0 ? ok(provider, `It accepts its key; ${left}`) : warning(provider, left, "Top up the account.");
}

/** When the diagnostics were asked for and answered, in milliseconds by the clock of this machine. */
export interface TimedDiagnostics {
  diagnostics: Diagnostics;
  askedAt: number;
  answeredAt: number;
}

const WARNING_MS = 5000;
/** Receivers refuse a webhook whose timestamp is further off. */
const FAULT_MS = 300_000;
const SET_CLOCKS =
  "Set the clocks by NTP. Beyond 5 minutes, receivers refuse webhooks and output URLs expire too early.";

/** Whether this machine, the gateway and Redis agree on the time. */
export function checkClocks({ diagnostics, askedAt, answeredAt }: TimedDiagnostics): Check {
  const halfway = (askedAt + answeredAt) / 2;
  const toGateway = Date.parse(diagnostics.time) - halfway;
  // The gateway read its clock at an unknown moment of the call, so half of the call's time is uncertain.
  const certain = Math.max(0, Math.abs(toGateway) - (answeredAt - askedAt) / 2);
  const toRedis = diagnostics.redis.clockAheadMs;
  const worst = Math.max(certain, Math.abs(toRedis ?? 0));
  const redis = toRedis === null ? "Redis does not report its clock" : `Redis's is ${aheadText(toRedis)} the gateway's`;
  const message = `The gateway's clock is ${aheadText(toGateway)} this machine's, ${redis}`;
  if (worst > FAULT_MS) return fault("clocks", message, SET_CLOCKS);
  return worst > WARNING_MS ? warning("clocks", message, SET_CLOCKS) : ok("clocks", message);
}

const aheadText = (ms: number): string => `${seconds(Math.abs(ms))} ${ms < 0 ? "behind" : "ahead of"}`;
