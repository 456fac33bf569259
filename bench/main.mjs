#!/usr/bin/env node
/**
 * `npm run bench`: compares the gateway with a bare Hono + BullMQ server, a cache hit with a status poll, and submits
 * that are under limits with others. Measures how soon completions, webhooks and waiting callers are served, the memory
 * of the processes, how soon the work of a killed worker continues, ten thousand renders in flight, a deploy under load,
 * failovers of Redis, the price of ACCEPT_REPLICAS, how organizations share slots, and usage at a million requests.
 * `--only NAME` runs one of MEASURES.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createReport } from "../scripts/lib/progress.mjs";
import { prepare } from "../scripts/lib/stack/prepare.mjs";
import { acceptReplicas } from "./accept-replicas.mjs";
import { cacheHit } from "./cache-hit.mjs";
import { compareWithBare } from "./compare-with-bare.mjs";
import { completionLag } from "./completion-lag.mjs";
import { failover } from "./failover.mjs";
import { fairShare } from "./fair-share.mjs";
import { idleMemory } from "./idle-memory.mjs";
import { inFlight } from "./in-flight.mjs";
import { limits } from "./limits.mjs";
import { describeMachine } from "./measurements.mjs";
import { rollingRestart } from "./rolling-restart.mjs";
import { takeOver } from "./take-over.mjs";
import { usage } from "./usage.mjs";
import { waiters } from "./waiters.mjs";
import { webhookLag } from "./webhook-lag.mjs";

const MEASURES = {
  idleMemory,
  compareWithBare,
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
};

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    only: { type: "string" },
  },
});
const options = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
const report = createReport();
const dataDir = mkdtempSync(join(tmpdir(), "visgate-bench-"));
try {
  const found = await prepare({ dataDir, env: { ...process.env, REDIS_URL: "" }, report });
  report.line(`\n${describeMachine()}\n`);
  for (const measure of Object.values(MEASURES)) {
    if (values.only !== undefined && values.only !== measure.name) continue;
    const lines = await measure({ dataDir: join(dataDir, measure.name), redisServer: found.redisServer, options });
    report.line(`${lines.join("\n")}\n`);
  }
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit(0);
