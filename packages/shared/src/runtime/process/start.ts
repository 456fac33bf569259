/** The checks at the start of a process. A process that cannot serve says why and what to change, and ends. */
import path from "node:path";
import { type Catalogue, loadCatalogue, type ModelSource } from "../../catalogue/catalogue.js";
import { openOutputStore } from "../../outputs/open.js";
import { type OutputsWatch, watchOutputs } from "../../outputs/watch.js";
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
  return ({ safe, message, isUseless = false }) => {
    if (isUseless) {
      log.fatal({ redis: message }, "nothing can be accepted with this Redis");
      process.stderr.write(`${message}\n`);
      process.exit(1);
    }
    if (!safe && !allowUnsafe) {
      log.fatal({ redis: message }, "unsafe Redis; set ALLOW_UNSAFE_REDIS=true to start anyway");
      process.stderr.write(`${message} Or set ALLOW_UNSAFE_REDIS=true to start anyway.\n`);
      process.exit(1);
    }
    if (message !== logged) log[safe ? "info" : "warn"]({ redis: message }, "what a 202 means");
    logged = message;
  };
}

/**
 * Opens the output store. Ends the process when only other settings can help, as renders would be paid and then lost.
 * Any other fault is logged once, and watched until it is over.
 */
export async function openOutputsOrExit(config: Config, log: Logger): Promise<OutputsWatch> {
  const place = placeOf(config);
  const messageOf = (fault: string) => `Media cannot be kept in ${place} (${fault}). ${remedyOf(config)}`;
  const watch = watchOutputs(await openOutputStore(config), {
    onChange(fault) {
      if (fault === null) log.info({ outputs: `Media can be kept in ${place} again.` }, "the output store works again");
      else log.error({ outputs: messageOf(fault) }, "media cannot be kept now; what needs it is refused or retried");
    },
  });
  const fault = await watch.probe();
  if (fault?.lasting) {
    process.stderr.write(`${messageOf(fault.name)}\n`);
    process.exit(1);
  }
  return watch;
}

const placeOf = ({ OUTPUT_STORE, S3_BUCKET, DATA_DIR }: Config): string =>
  OUTPUT_STORE === "s3" ? `the bucket ${S3_BUCKET}` : path.resolve(DATA_DIR, "files");

// Node reports a read-only disk as ENOENT (nodejs/node#47098), so the sentence names every cause.
const remedyOf = ({ OUTPUT_STORE }: Config): string =>
  OUTPUT_STORE === "s3"
    ? "S3_BUCKET, S3_ENDPOINT and S3_REGION must name a bucket in which the AWS keys may list, read, write and delete."
    : "DATA_DIR must be a folder that this user can write to, on a disk that is mounted, not read-only and not full.";
