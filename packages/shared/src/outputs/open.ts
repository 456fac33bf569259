/** Opens the configured output store, and checks that it can keep media. */
import { randomUUID } from "node:crypto";
import type { Config } from "../runtime/config.js";
import { createDiskStore } from "./disk.js";
import type { S3Options } from "./s3.js";
import { type OutputStore, PROBES } from "./store.js";

/** With `off` outputs are not stored, but the images of callers still are, on disk. */
export async function openOutputStore(config: Config): Promise<OutputStore> {
  if (config.OUTPUT_STORE !== "s3") return createDiskStore(`${config.DATA_DIR}/files`);
  // Imported only when it is used: the AWS SDK costs a tenth of a second and 20 MB at start.
  const { createS3Store } = await import("./s3.js");
  const store = createS3Store(s3Options(config));
  return config.S3_DELIVERY === "proxy" ? { ...store, presign: async () => null } : store;
}

function s3Options(config: Config): S3Options {
  const { S3_BUCKET: bucket = "", S3_REGION: region, S3_ENDPOINT: endpoint = null } = config;
  return { bucket, region, endpoint, credentials: credentialsOf(config) };
}

function credentialsOf(config: Config): S3Options["credentials"] {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = config;
  if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined) return null;
  const token = AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN };
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, ...token };
}

/**
 * `lasting`: only other settings or rights at the S3 server can help. A full, read-only or missing disk, and a server
 * that is away, can come back while the process runs.
 */
export interface ProbeResult {
  fault: { name: string; lasting: boolean } | null;
}

/** On a disk with less free space than this, most videos cannot be stored. */
const MIN_FREE_BYTES = 64 * 1024 ** 2;

type Probed = Pick<OutputStore, "put" | "open" | "removeAll" | "freeBytes">;

/** Writes a file, opens it and removes it. Without this check, renders would be paid before the fault is found. */
export async function probeOutputStore(store: Probed): Promise<ProbeResult> {
  const folder = `${PROBES}/${randomUUID()}`;
  try {
    await store.put(`${folder}/probe`, written());
    if ((await store.open(`${folder}/probe`)) === null) return { fault: { name: "NotFound", lasting: false } };
    await store.removeAll(folder);
    const freeBytes = await store.freeBytes();
    if (freeBytes !== null && freeBytes < MIN_FREE_BYTES) return { fault: { name: "ENOSPC", lasting: false } };
    return { fault: null };
  } catch (error) {
    return { fault: { name: nameOf(error), lasting: isLasting(error) } };
  }
}

async function* written(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("Visgate wrote this file to check that it can write here.\n");
}

interface Fault {
  name?: string;
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/** As `EACCES` or `NoSuchBucket`. Never the message, which may contain what was sent. */
const nameOf = (error: unknown): string => (error as Fault).code ?? (error as Fault).name ?? "an unknown fault";

function isLasting(error: unknown): boolean {
  const status = (error as Fault).$metadata?.httpStatusCode ?? 0;
  return nameOf(error) === "CredentialsProviderError" || (status >= 300 && status < 500 && status !== 429);
}
