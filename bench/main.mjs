#!/usr/bin/env node
/**
 * `npm run bench`: compares the gateway with a bare Hono + BullMQ server, a cache hit with a status poll, and submits
 * that are under limits with others. Measures how soon completions, webhooks and waiting callers are served, the memory
 * of the processes, how soon the work of a killed worker continues, ten thousand renders in flight, a deploy under load,
 * failovers of Redis, the price of ACCEPT_REPLICAS, how organizations share slots, usage at a million requests, how soon
 * programs start and requests begin, what the capacity model needs, what a Redis Cluster costs, what a dialect does, what
 * tracing does, and how the console runs in a browser. `--only NAME,NAME` runs some of MEASURES. `--against DIR` compares some of them
 * with the build in another checkout. With `--check`, a missed target ends the run with code 1.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createReport } from "../scripts/lib/progress.mjs";
import { prepare } from "../scripts/lib/stack/prepare.mjs";
import { acceptReplicas } from "./accept-replicas.mjs";
import { cacheHit } from "./cache-hit.mjs";
import { cluster } from "./cluster.mjs";
import { compareWithBare } from "./compare-with-bare.mjs";
import { completionLag } from "./completion-lag.mjs";
import { consolePage } from "./console.mjs";
import { costs } from "./costs.mjs";
import { dialects } from "./dialects.mjs";
import { failover } from "./failover.mjs";
import { fairShare } from "./fair-share.mjs";
import { firstStep } from "./first-step.mjs";
import { growth } from "./growth.mjs";
import { inFlight } from "./in-flight.mjs";
import { limits } from "./limits.mjs";
import { describeMachine } from "./measurements.mjs";
import { memory } from "./memory.mjs";
import { rollingRestart } from "./rolling-restart.mjs";
import { start } from "./start.mjs";
import { takeOver } from "./take-over.mjs";
import { missedTargets } from "./targets.mjs";
import { tracing } from "./tracing.mjs";
import { usage } from "./usage.mjs";
import { waiters } from "./waiters.mjs";
import { webhookLag } from "./webhook-lag.mjs";

const MEASURES = {
  start,
  compareWithBare,
  firstStep,
  cacheHit,
  limits,
  completionLag,
  webhookLag,
  waiters,
  takeOver,
  inFlight,
  rollingRestart,
  failover,
  acceptReplicas,
  fairShare,
  usage,
  memory,
  growth,
  costs,
  cluster,
  dialects,
  tracing,
  consolePage,
};

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    only: { type: "string" },
    against: { type: "string" },
    check: { type: "boolean", default: false },
  },
});
const options = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
const only = values.only?.split(",");
const against = values.against === undefined ? undefined : resolve(values.against);
const report = createReport();
const dataDir = mkdtempSync(join(tmpdir(), "visgate-bench-"));
try {
  const found = await prepare({ dataDir, env: { ...process.env, REDIS_URL: "" }, report });
  report.line(`\n${describeMachine()}\n`);
  for (const measure of Object.values(MEASURES)) {
    if (only !== undefined && !only.includes(measure.name)) continue;
    const place = { dataDir: join(dataDir, measure.name), redisServer: found.redisServer };
    const lines = await measure({ ...place, options, ...(against === undefined ? {} : { against }) });
    report.line(`${lines.join("\n")}\n`);
  }
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
const missed = missedTargets();
if (missed.length > 0) report.line(`${missed.length} targets were missed.`);
process.exit(values.check && missed.length > 0 ? 1 : 0);
