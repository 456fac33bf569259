/** Bytes on their way into a store. */

/** Fails with the error of `tooMany` when there are more than `maxBytes`. */
export async function* limitBytes(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  tooMany: () => Error,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooMany();
    yield chunk;
  }
}

/** Reads at least `size` bytes ahead, or all there are. `rest` yields everything from the start. */
export async function takeHead(source: AsyncGenerator<Uint8Array>, size: number) {
  const chunks: Uint8Array[] = [];
  for (let bytes = 0; bytes < size; ) {
    const { done, value } = await source.next();
    if (done) break;
    chunks.push(value);
    bytes += value.byteLength;
  }
  async function* rest(): AsyncGenerator<Uint8Array> {
    yield* chunks;
    yield* source;
  }
  return { head: Buffer.concat(chunks), rest: rest() };
}

/** Remembers with what the source failed: a store wraps the errors that it sees. `fault`: null when it did not fail. */
export function watchSource(source: AsyncIterable<Uint8Array>) {
  let fault: unknown = null;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      fault = error;
      throw error;
    }
  }
  return { bytes: bytes(), fault: () => fault };
}

export async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
