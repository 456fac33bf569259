/** Beyond what anyone would keep of one film, and beyond what fits into 31 bits. */
const DEFAULT_BYTES = 3 * 1024 ** 3;
const FILLER = new Uint8Array(64 * 1024);

/** Begins as the file it was asked for and goes on with nothing, at the pace of the reader, without saying how long. */
export function oversized(
  head: Uint8Array<ArrayBuffer>,
  bytes = DEFAULT_BYTES,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = bytes;
  let next = head;
  return new ReadableStream(
    {
      pull(controller) {
        const chunk = next.subarray(0, left);
        next = FILLER;
        left -= chunk.byteLength;
        controller.enqueue(chunk);
        if (left === 0) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
