/** Reads a JSON body. Content type, size, encoding and depth are checked before any field is read. */
import { invalid, VisgateError } from "@visgate/shared/errors";
import type { Ctx } from "./route.js";

const DEFAULT_MAX_BYTES = 64 * 1024;
const MAX_DEPTH = 32;
/** Decoders replace bytes that are not valid UTF-8 by this character. */
const REPLACEMENT = "\uFFFD";

export async function readJson(c: Ctx, maxBytes = DEFAULT_MAX_BYTES): Promise<unknown> {
  requireJsonType(c.req.header("content-type"));
  return parse(await readText(c, maxBytes));
}

/** For routes with an optional body. A missing body counts as an empty object. */
export async function readJsonIfAny(c: Ctx): Promise<unknown> {
  const text = await readText(c, DEFAULT_MAX_BYTES);
  if (text === "") return {};
  requireJsonType(c.req.header("content-type"));
  return parse(text);
}

function requireJsonType(contentType = ""): void {
  if (/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(contentType)) return;
  throw new VisgateError("UNSUPPORTED_MEDIA_TYPE", "Send the body as Content-Type: application/json.");
}

/** The HTTP parser enforces a Content-Length. Without one, the bytes are counted as they arrive. */
export async function readText(c: Ctx, maxBytes: number): Promise<string> {
  const isChunked = announcedBytes(c, maxBytes) === null;
  const text = isChunked ? countBytes(c, maxBytes).then((bytes) => bytes.toString("utf8")) : c.req.text();
  return text.catch(refuseBody);
}

/** Not for hot routes, whose calls have no stream. */
export async function readBytes(c: Ctx, maxBytes: number): Promise<Buffer> {
  announcedBytes(c, maxBytes);
  return countBytes(c, maxBytes).catch(refuseBody);
}

/** Null when the body is chunked. @throws VisgateError PAYLOAD_TOO_LARGE */
export function announcedBytes(c: Ctx, maxBytes: number): number | null {
  const announced = c.req.header("content-length");
  if (announced === undefined || c.req.header("transfer-encoding") !== undefined) return null;
  if (Number(announced) > maxBytes) throw tooLarge(maxBytes);
  return Number(announced);
}

/** The caller hung up, sent too slowly, or broke the protocol in the middle: no fault of this server. */
function refuseBody(error: unknown): never {
  throw error instanceof VisgateError ? error : cutOff();
}

export const cutOff = () => badRequest("The body was cut off.");

async function countBytes(c: Ctx, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function tooLarge(maxBytes: number): VisgateError {
  return new VisgateError("PAYLOAD_TOO_LARGE", `The body may have at most ${maxBytes} bytes.`, { max_bytes: maxBytes });
}

function parse(text: string): unknown {
  const value = parseJson(text);
  checkTree(value, MAX_DEPTH);
  return value;
}

export function requireUtf8(decoded: string): void {
  if (decoded.includes(REPLACEMENT)) throw badRequest("The body is not valid UTF-8.");
}

function parseJson(text: string): unknown {
  requireUtf8(text);
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("The body is not valid JSON.");
  }
}

/** A deep tree would overflow the stack of later code. A `__proto__` key would silently disappear when it is copied. */
function checkTree(value: unknown, levels: number): void {
  if (value === null || typeof value !== "object") return;
  if (levels === 0) throw badRequest(`The body may be nested at most ${MAX_DEPTH} levels deep.`);
  for (const key in value) {
    requireSafeName(key);
    checkTree((value as Record<string, unknown>)[key], levels - 1);
  }
}

export function requireSafeName(name: string): void {
  if (name === "__proto__") throw invalid(name, `${name} is not a field of this call; leave it out.`);
}

export const badRequest = (message: string) => new VisgateError("BAD_REQUEST", message);
