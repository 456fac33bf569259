/** Opens the configured output store, and checks that it can keep media. */
import { randomUUID } from "node:crypto";
import type { Config } from "../runtime/config.js";
import { createDiskStore } from "./disk.js";
import type { S3Options } from "./s3.js";
import type { OutputStore } from "./store.js";

/** With `off` outputs are not stored, but the images of callers still are, on disk. */
export async function openOutputStore(config: Config): Promise<OutputStore> {
  if (config.OUTPUT_STORE !== "s3") return createDiskStore(`${config.DATA_DIR}/files`);
  // Imported only when it is used: the AWS SDK costs a tenth of a second and 20 MB at start.
  const { createS3Store } = await import("./s3.js");
  return createS3Store(s3Options(config));
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

/** `lasting`: the fault is in the settings or rights of the store, and not an outage or a full disk. */
export interface ProbeResult {
  fault: { name: string; lasting: boolean } | null;
}

/** Writes a file, opens it and removes it. Without this check, renders would be paid before the fault is found. */
export async function probeOutputStore(store: Pick<OutputStore, "put" | "open" | "removeAll">): Promise<ProbeResult> {
  const folder = `probe-${randomUUID()}`;
  try {
    await store.put(`${folder}/probe`, written());
    if ((await store.open(`${folder}/probe`)) === null) return { fault: { name: "NotFound", lasting: true } };
    await store.removeAll(folder);
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

const LASTING = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "CredentialsProviderError"]);

function isLasting(error: unknown): boolean {
  const status = (error as Fault).$metadata?.httpStatusCode ?? 0;
  return LASTING.has(nameOf(error)) || (status >= 300 && status < 500 && status !== 429);
}
