/** Opens the output store, or ends the process when media cannot be kept there: renders would be paid and have no place. */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openOutputStore } from "../../outputs/open.js";
import { type ProbeResult, probeOutputStore } from "../../outputs/probe.js";
import type { OutputStore } from "../../outputs/store.js";
import type { Config } from "../config.js";
import type { Logger } from "../log.js";

const PROBE_LIMIT_MS = 10_000;

/** An outage is only told: every step that needs the store is tried again. */
export async function openOutputsOrExit(config: Config, log: Logger): Promise<OutputStore> {
  const store = await openOutputStore(config);
  const { fault } = await Promise.race([probeOutputStore(store), noAnswer()]);
  if (fault === null) return store;
  const message = `Media cannot be kept in ${placeOf(config)} (${fault.name}). ${remedyOf(config)}`;
  if (fault.lasting) {
    log.fatal({ outputs: message }, "no place for media");
    process.stderr.write(`${message}\n`);
    process.exit(1);
  }
  log.warn({ outputs: message }, "the output store does not answer; what needs it is tried again");
  return store;
}

const noAnswer = (): Promise<ProbeResult> =>
  sleep(PROBE_LIMIT_MS, { fault: { name: `no answer in ${PROBE_LIMIT_MS / 1000} s`, lasting: false } }, { ref: false });

const placeOf = ({ OUTPUT_STORE, S3_BUCKET, DATA_DIR }: Config): string =>
  OUTPUT_STORE === "s3" ? `the bucket ${S3_BUCKET}` : path.resolve(DATA_DIR, "files");

const remedyOf = ({ OUTPUT_STORE }: Config): string =>
  OUTPUT_STORE === "s3"
    ? "S3_BUCKET, S3_ENDPOINT, S3_REGION and the AWS keys must allow to list, read, write and delete there."
    : "DATA_DIR must be a folder that can be written to.";
