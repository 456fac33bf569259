/** Bodies of answers: decoded, and read within a limit. */
import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createUnzip } from "node:zlib";

const BODILESS: ReadonlySet<number | undefined> = new Set([204, 205, 304]);

export const canHaveBody = (status: number | undefined): boolean => !BODILESS.has(status);

/** Is the body compressed with a known encoding? We ask for no compression, but some servers compress anyway. */
export function isCompressed({ headers, statusCode }: IncomingMessage): boolean {
  return DECODERS.has(codingOf(headers["content-encoding"])) && canHaveBody(statusCode);
}

/** The decompressed body. A body with an unknown encoding is returned as it is. */
export function decodedBody(answer: IncomingMessage): Readable {
  const createDecoder = DECODERS.get(codingOf(answer.headers["content-encoding"]));
  if (createDecoder === undefined || !isCompressed(answer)) return answer;
  // The reader gets the error. Without this listener, an error before or after the reading would end the process.
  return pipeline(answer, createDecoder(), () => {}).on("error", () => {});
}

const DECODERS = new Map<string, () => ReturnType<typeof createUnzip>>([
  ["gzip", createUnzip],
  ["x-gzip", createUnzip],
  ["deflate", createUnzip],
  ["br", createBrotliDecompress],
]);

const codingOf = (header: string | undefined): string => header?.trim().toLowerCase() ?? "";

/** Reads the whole body. With listeners and not with a loop, because a worker reads a thousand bodies a second. */
export function readWhole(body: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The body may already be broken: its error was emitted before these listeners were added.
    if (body.destroyed) return reject(body.errored ?? cutOff());
    const chunks: Buffer[] = [];
    let bytes = 0;
    body.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) body.destroy(new Error("answer too large"));
      else chunks.push(chunk);
    });
    body.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes)));
    body.on("error", reject);
    body.on("close", () => {
      if (!body.readableEnded) reject(cutOff());
    });
  });
}

const cutOff = () => new Error("The body was cut off.");
