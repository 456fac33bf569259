/** The checks at the start of a process. A process that cannot serve says why and what to change, and ends. */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Catalogue, loadCatalogue, type ModelSource } from "../../catalogue/catalogue.js";
import { openOutputStore, type ProbeResult, probeOutputStore } from "../../outputs/open.js";
import type { OutputStore } from "../../outputs/store.js";
import type { SafetyVerdict } from "../../store/connection/safety.js";
import { type Config, parseConfig } from "../config.js";
import type { Logger } from "../log.js";
import type { Env, ProviderSource } from "../provider-config.js";

export interface Loaded {
  config: Config;
  catalogue: Catalogue;
}

/** Loads configuration and catalogue, or ends the process with one line per fault. */
export function loadOrExit(env: Env, providers: readonly (ProviderSource & ModelSource)[]): Loaded {
  try {
    const config = parseConfig(env, providers);
    return { config, catalogue: loadCatalogue({ sources: providers, file: config.CATALOGUE_FILE }) };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}

/** Ends the process when this Redis can lose accepted requests; otherwise logs once what a 202 means with it. */
export function createVerdictHandler(log: Logger, allowUnsafe: boolean): (verdict: SafetyVerdict) => void {
  let logged = "";
  return ({ safe, message }) => {
    if (!safe && !allowUnsafe) {
      log.fatal({ redis: message }, "unsafe Redis; set ALLOW_UNSAFE_REDIS=true to start anyway");
      process.stderr.write(`${message} Or set ALLOW_UNSAFE_REDIS=true to start anyway.\n`);
      process.exit(1);
    }
    if (message !== logged) log[safe ? "info" : "warn"]({ redis: message }, "what a 202 means");
    logged = message;
  };
}

const PROBE_LIMIT_MS = 10_000;

/**
 * Opens the output store. Ends the process when media cannot be kept there, as renders would be paid and then lost. An
 * outage is only logged, since every step that needs the store is retried.
 */
export async function openOutputsOrExit(config: Config, log: Logger): Promise<OutputStore> {
  const store = await openOutputStore(config);
  const { fault } = await Promise.race([probeOutputStore(store), noAnswer()]);
  if (fault === null) return store;
  const message = `Media cannot be kept in ${placeOf(config)} (${fault.name}). ${remedyOf(config)}`;
  if (fault.lasting) {
    log.fatal({ outputs: message }, "media cannot be kept");
    process.stderr.write(`${message}\n`);
    process.exit(1);
  }
  log.warn({ outputs: message }, "the output store does not answer; steps that need it are retried");
  return store;
}

const noAnswer = (): Promise<ProbeResult> =>
  sleep(PROBE_LIMIT_MS, { fault: { name: `no answer in ${PROBE_LIMIT_MS / 1000} s`, lasting: false } }, { ref: false });

const placeOf = ({ OUTPUT_STORE, S3_BUCKET, DATA_DIR }: Config): string =>
  OUTPUT_STORE === "s3" ? `the bucket ${S3_BUCKET}` : path.resolve(DATA_DIR, "files");

const remedyOf = ({ OUTPUT_STORE }: Config): string =>
  OUTPUT_STORE === "s3"
    ? "S3_BUCKET, S3_ENDPOINT and S3_REGION must name a bucket in which the AWS keys may list, read, write and delete."
    : "Set DATA_DIR to a folder that this user can write to.";
