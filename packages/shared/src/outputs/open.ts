/** Where media is kept, by configuration. */
import type { Config } from "../runtime/config.js";
import { createDiskStore } from "./disk.js";
import type { S3Options } from "./s3.js";
import type { OutputStore } from "./store.js";

/** With `off` outputs are not kept, but images that callers send still need a place. */
export async function openOutputStore(config: Config): Promise<OutputStore> {
  if (config.OUTPUT_STORE !== "s3") return createDiskStore(`${config.DATA_DIR}/files`);
  // Here, because the AWS SDK costs a start without it a tenth of a second and 20 MB.
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
