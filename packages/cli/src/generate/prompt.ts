/** The prompt `-`: what is on stdin. */
import { UsageError } from "../errors/failure.js";
import type { Io } from "../screen/io.js";

/** More than any prompt may have: what has no end is not read for ever. */
const MOST_BYTES = 100_000;

/** @throws UsageError there is none, or it is no text */
export async function readPrompt({ stdin }: Pick<Io, "stdin">): Promise<string> {
  const prompt = textOf(await readBytes(stdin())).trim();
  if (prompt === "") throw new UsageError("The prompt - is read from stdin, and stdin is empty.");
  return prompt;
}

async function readBytes(stdin: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new UsageError("On stdin is more than a prompt may have: 10,000 characters.");
  }
  return Buffer.concat(chunks);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError("What is on stdin is no prompt: it is not text in UTF-8.");
  }
}
