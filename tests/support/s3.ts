/** A real S3 server for one test file. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, ListMultipartUploadsCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import type { S3Options } from "@visgate/shared/outputs";
import { findS3Server, startS3Server } from "../../scripts/lib/programs/s3-server.mjs";

export interface TestS3 {
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** Creates a bucket. Returns the options to use it. */
  createBucket(): Promise<S3Options & { endpoint: string; credentials: TestS3["credentials"] }>;
  /** The keys of the objects in a bucket, and of unfinished uploads. */
  contents(bucket: string): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startTestS3(): Promise<TestS3> {
  const dir = mkdtempSync(join(tmpdir(), "visgate-s3-"));
  const program = process.env["S3_SERVER"] ?? (await findS3Server());
  const { endpoint, accessKeyId, secretAccessKey, stop } = await startS3Server({ program, dir });
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, credentials, region: "us-east-1", forcePathStyle: true });
  return {
    endpoint,
    credentials,
    async createBucket() {
      const bucket = `test-${randomUUID()}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      return { bucket, endpoint, region: "us-east-1", credentials };
    },
    async contents(bucket) {
      const keys: (string | undefined)[] = [];
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket }))
        keys.push(...(page.Contents ?? []).map(({ Key }) => Key));
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      return [...keys, ...Uploads.map(({ Key }) => `${Key} (unfinished)`)].map(String);
    },
    async stop() {
      client.destroy();
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
