/** The output store in a bucket of AWS S3 or another S3 server. A reader sees an object whole or not at all. */
import { createHash } from "node:crypto";
import { addAbortSignal, PassThrough, pipeline, Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type MultipartUpload,
  type ObjectIdentifier,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { CALLER_FILES, isMediaKey, type OutputStore, SHORT_LIVED, type StoredFile } from "./store.js";

export interface S3Options {
  bucket: string;
  region: string;
  /** Null for AWS. */
  endpoint: string | null;
  /** Null to let the SDK find them: in the environment, a profile, or the role of the machine. */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | null;
}

interface Bucket {
  client: S3Client;
  name: string;
}

const CONNECT_TIMEOUT_MS = 5000;
const IDLE_TIMEOUT_MS = 30_000;
/** The minimum of S3. Parts are sent one by one, so a put has at most two in memory, however large the file is. */
const PART_BYTES = 5 * 1024 * 1024;

export function createS3Store(options: S3Options): OutputStore {
  const bucket: Bucket = { client: createClient(options), name: options.bucket };
  return {
    async put(key, source) {
      return upload(bucket, inside(key), source);
    },

    async open(key) {
      const place = { Bucket: bucket.name, Key: inside(key) };
      const head = await bucket.client.send(new HeadObjectCommand(place)).catch(nullIfAbsent);
      if (head === null) return null;
      // Reads the object of this size or fails: never a part of another object that has replaced it meanwhile.
      const measured = { ...place, IfMatch: head.ETag };
      return { totalBytes: head.ContentLength ?? 0, stream: (range) => readStream(bucket, measured, range) };
    },

    async removeAll(prefix) {
      await removeBelow(bucket, `${inside(prefix)}/`);
    },

    async removeLeftovers(before) {
      for (const folder of SHORT_LIVED) await removeBelow(bucket, `${folder}/`, before);
      for await (const upload of unfinishedUploads(bucket)) {
        const isOld = (upload.Initiated?.getTime() ?? before) < before;
        if (isOld && isMediaKey(upload.Key ?? "")) await abort(bucket, upload);
      }
    },

    async removeCallerFiles(before) {
      await removeBelow(bucket, `${CALLER_FILES}/`, before);
    },

    freeBytes: async () => null,

    async presign(key, { expiresSeconds, contentType, filename, signedAt }) {
      const command = new GetObjectCommand({
        Bucket: bucket.name,
        Key: inside(key),
        ResponseContentType: contentType,
        ResponseContentDisposition: `inline; filename="${filename}"`,
      });
      return getSignedUrl(bucket.client, command, { expiresIn: expiresSeconds, signingDate: new Date(signedAt) });
    },
  };
}

function createClient({ region, endpoint, credentials }: S3Options): S3Client {
  return new S3Client({
    region,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
    ...(credentials === null ? {} : { credentials }),
    // The SDK's default checksums are a feature of AWS, which other servers refuse.
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" }),
  });
}

/** The key. Refuses the same keys as the disk store, where they would lead outside of the store. */
function inside(key: string): string {
  const isPlain = key.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
  if (!isPlain) throw new Error("The key leads outside of the output store.");
  return key;
}

/** Small files are sent in one request, others in parts, which are dropped when the source or a part fails. */
async function upload({ client, name }: Bucket, key: string, source: AsyncIterable<Uint8Array>): Promise<StoredFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  async function* counted() {
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      yield chunk;
    }
  }
  const params = { Bucket: name, Key: key, Body: Readable.from(counted()) };
  await new Upload({ client, params, queueSize: 1, partSize: PART_BYTES }).done();
  return { bytes, sha256: hash.digest("hex") };
}

/** When the stream is destroyed, the connection to S3 is closed at once, also while S3 does not answer. */
function readStream(
  { client }: Bucket,
  place: GetObjectCommandInput,
  range: { start: number; end: number } | undefined,
): Readable {
  const part = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` };
  const stop = new AbortController();
  async function* read(): AsyncGenerator<Uint8Array> {
    const { Body } = await client.send(new GetObjectCommand({ ...place, ...part }), { abortSignal: stop.signal });
    if (Body instanceof Readable) yield* addAbortSignal(stop.signal, Body);
  }
  const stream = new PassThrough();
  stream.once("close", () => stop.abort());
  // The errors are the stream's.
  return pipeline(read, stream, () => {});
}

/** Removes the objects that were written before `before`: all of them unless given. */
async function removeBelow({ client, name }: Bucket, prefix: string, before = Number.POSITIVE_INFINITY): Promise<void> {
  let startAfter: string | undefined;
  for (;;) {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: name, Prefix: prefix, ...(startAfter && { StartAfter: startAfter }) }),
    );
    const { Contents: found = [] } = page;
    const old = found.filter(({ LastModified }) => (LastModified?.getTime() ?? 0) < before);
    if (old.length > 0)
      await removeObjects(
        { client, name },
        old.map(({ Key }) => ({ Key })),
      );
    startAfter = found.at(-1)?.Key;
    if (page.IsTruncated !== true || startAfter === undefined) return;
  }
}

async function removeObjects({ client, name }: Bucket, objects: ObjectIdentifier[]): Promise<void> {
  const command = new DeleteObjectsCommand({ Bucket: name, Delete: { Objects: objects, Quiet: true } });
  const { Errors = [] } = await client.send(command);
  if (Errors.length > 0) throw new Error(`${Errors.length} files could not be removed: ${Errors[0]?.Code}`);
}

async function* unfinishedUploads({ client, name }: Bucket): AsyncGenerator<MultipartUpload> {
  let marker = {};
  for (;;) {
    const page = await client.send(new ListMultipartUploadsCommand({ Bucket: name, ...marker }));
    yield* page.Uploads ?? [];
    if (page.IsTruncated !== true) return;
    marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
}

async function abort({ client, name }: Bucket, { Key, UploadId }: MultipartUpload): Promise<void> {
  await client.send(new AbortMultipartUploadCommand({ Bucket: name, Key, UploadId })).catch(nullIfAbsent);
}

function nullIfAbsent(error: unknown): null {
  if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return null;
  throw error;
}
