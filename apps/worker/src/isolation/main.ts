/** A process for one request: runs one wake-up, sends its outcome to the parent process, and exits. */
import { PROVIDERS, SECRET_NAMES } from "@visgate/providers";
import { acceptanceOf, createLogger, openLogOutput } from "@visgate/shared/runtime";
import { loadOrExit, watchRedis } from "@visgate/shared/runtime/process";
import { connectPatient } from "@visgate/shared/store";
import { openTracing } from "@visgate/shared/tracing";
import { advanceRequest } from "../advance-request.js";
import { openDeps } from "../open-deps.js";

const [organization = "", id = "", leaseId = ""] = process.argv.slice(2);
const { config, catalogue } = loadOrExit(process.env, PROVIDERS);
const log = createLogger({
  ...{ level: config.LOG_LEVEL, service: "worker-isolated", secretNames: SECRET_NAMES },
  destination: openLogOutput(),
});
// The parent holds the lock of the job. When the parent ends, this process must stop.
process.on("disconnect", () => process.exit(1));

const tracing = await openTracing(config, "visgate-worker", log);
const redis = connectPatient(config.REDIS_URL);
const { clock, gate, replicas } = watchRedis(redis, {
  ...{ log, monotonicNow: () => performance.now(), ...acceptanceOf(config) },
});
const watched = { redis, gate, replicas, clock };
const opened = await openDeps({ config, catalogue, ...watched, log, tracing, leaseId, isolation: null });
await gate.untilWritable();
await clock.untilKnown();
process.send?.({ kind: "started" });
const { signal } = new AbortController();
const outcome = await gate.untilTaken(() => advanceRequest(opened.deps, { organization, id }, signal));
await tracing.close();
process.send?.(outcome, () => process.exit(0));
