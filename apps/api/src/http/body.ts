/** Reads a JSON body: content type, size, encoding and depth are checked before anything looks inside. */
import { VisgateError } from "@visgate/shared/domain/errors";
import type { Ctx } from "./route.js";

const DEFAULT_MAX_BYTES = 64 * 1024;
const MAX_DEPTH = 32;
const utf8 = new TextDecoder("utf-8", { fatal: true });

export async function readJson(c: Ctx, maxBytes = DEFAULT_MAX_BYTES): Promise<unknown> {
  requireJsonType(c.req.header("content-type"));
  const value = parse(await readBytes(c, maxBytes));
  if (isDeeperThan(value, MAX_DEPTH)) throw badRequest(`The body may be nested at most ${MAX_DEPTH} levels deep.`);
  return value;
}

function requireJsonType(contentType = ""): void {
  if (/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(contentType)) return;
  throw new VisgateError("UNSUPPORTED_MEDIA_TYPE", "Send the body as Content-Type: application/json.");
}

/** An announced length is held to by the HTTP parser; without one the bytes are counted as they come. */
async function readBytes(c: Ctx, maxBytes: number): Promise<ArrayBuffer | Uint8Array> {
  const announced = c.req.header("content-length");
  if (announced === undefined || c.req.header("transfer-encoding") !== undefined) return countBytes(c, maxBytes);
  if (Number(announced) > maxBytes) throw tooLarge(maxBytes);
  return c.req.arrayBuffer();
}

async function countBytes(c: Ctx, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): VisgateError {
  return new VisgateError("PAYLOAD_TOO_LARGE", `The body may have at most ${maxBytes} bytes.`, { max_bytes: maxBytes });
}

function parse(bytes: ArrayBuffer | Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw badRequest("The body is not valid JSON in UTF-8.");
  }
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== "object") return false;
  if (levels === 0) return true;
  for (const key in value) if (isDeeperThan((value as Record<string, unknown>)[key], levels - 1)) return true;
  return false;
}

const badRequest = (message: string) => new VisgateError("BAD_REQUEST", message);
