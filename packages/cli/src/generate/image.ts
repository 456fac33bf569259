/** --image: a file becomes a data: URI, an https URL stays one. */
import { open } from "node:fs/promises";
import { UsageError } from "../errors/failure.js";

const MAX_BYTES = 5 * 1024 * 1024;

export async function imageUrl(image: string): Promise<string> {
  if (/^https:\/\//i.test(image)) return image;
  if (image === "") throw new UsageError("--image takes an https URL or a file.");
  const [scheme] = /^(?:[a-z][a-z0-9+.-]*:\/\/|data:)/i.exec(image) ?? [];
  if (scheme !== undefined) throw new UsageError(`--image takes an https URL or a file, not ${scheme}…`);
  const bytes = await readSmall(image);
  const type = imageType(bytes);
  if (type === null) throw new UsageError(`--image ${image} is neither a JPEG nor a PNG nor a WebP image.`);
  return `data:${type};base64,${bytes.toString("base64")}`;
}

/** A large file is refused before it is read. */
async function readSmall(path: string): Promise<Buffer> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--image ${path} cannot be read (${error.code}).`);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new UsageError(`--image ${path} is not a file.`);
    if (stats.size > MAX_BYTES) throw tooLarge(path, stats.size);
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

/** By its first bytes, whatever it is called. */
export function imageType(bytes: Buffer): string | null {
  const starts = (text: string, at = 0) => bytes.subarray(at, at + text.length).equals(Buffer.from(text, "latin1"));
  if (starts("\xff\xd8\xff")) return "image/jpeg";
  if (starts("\x89PNG\r\n\x1a\n")) return "image/png";
  return starts("RIFF") && starts("WEBP", 8) ? "image/webp" : null;
}
