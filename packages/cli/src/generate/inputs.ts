/** What a generation starts from: the prompt on stdin and the --image. Both are checked before anything is sent. */
import { open } from "node:fs/promises";
import { UsageError } from "../errors/failure.js";

/** More than 10,000 characters can take. Without a limit an endless stdin would be read forever. */
const MAX_PROMPT_BYTES = 100_000;
const MAX_IMAGE_BYTES = 5 * 1024 * 1024;

/** Reads the prompt `-`. @throws UsageError stdin is empty, too long, or not text */
export async function readPrompt({ stdin }: { stdin(): AsyncIterable<Uint8Array> }): Promise<string> {
  const prompt = decodeUtf8(await readBytes(stdin())).trim();
  if (prompt === "") throw new UsageError('The prompt is "-", so it is read from stdin, but stdin is empty.');
  return prompt;
}

async function readBytes(stdin: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_PROMPT_BYTES)
      throw new UsageError("The prompt on stdin is too long: it may have at most 10,000 characters.");
  }
  return Buffer.concat(chunks);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError("The prompt on stdin is not text in UTF-8.");
  }
}

/** An output of a gateway, which the gateway takes over http too, because it does not fetch it. */
const GATEWAY_FILE = /^http:\/\/[^?#]+\/api\/v1\/files\//i;

/** `image`: a file, which becomes a data: URI, or an https URL, which stays as it is. @throws UsageError */
export async function imageUrl(image: string): Promise<string> {
  if (/^https:\/\//i.test(image) || GATEWAY_FILE.test(image)) return image;
  if (image === "") throw new UsageError("--image takes an https URL or a file.");
  const [scheme] = /^(?:[a-z][a-z0-9+.-]*:\/\/|data:)/i.exec(image) ?? [];
  if (scheme !== undefined) throw new UsageError(`--image takes an https URL or a file, not ${scheme}…`);
  const bytes = await readImage(image);
  const type = imageType(bytes);
  if (type === null) throw new UsageError(`--image ${image} is not a JPEG, PNG or WebP image.`);
  return `data:${type};base64,${bytes.toString("base64")}`;
}

/** Refuses a large file before it reads it. */
async function readImage(path: string): Promise<Buffer> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--image ${path} cannot be read (${error.code}).`);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new UsageError(`--image ${path} is not a file.`);
    if (stats.size > MAX_IMAGE_BYTES) throw tooLarge(path, stats.size);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function tooLarge(path: string, bytes: number): UsageError {
  const megabytes = (bytes / 1024 ** 2).toFixed(1);
  return new UsageError(
    `--image ${path} has ${megabytes} MB, the limit is 5 MB: make it smaller, or give an https URL.`,
  );
}

/** Looks at the first bytes: the file's name may be wrong. */
function imageType(bytes: Buffer): string | null {
  const hasText = (text: string, at = 0) => bytes.subarray(at, at + text.length).equals(Buffer.from(text, "latin1"));
  if (hasText("\xff\xd8\xff")) return "image/jpeg";
  if (hasText("\x89PNG\r\n\x1a\n")) return "image/png";
  return hasText("RIFF") && hasText("WEBP", 8) ? "image/webp" : null;
}
