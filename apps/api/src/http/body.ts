/** Reads a JSON body: content type, size, encoding and depth are checked before anything looks inside. */
import { VisgateError } from "@visgate/shared/domain/errors";
import { bodyLimit } from "hono/body-limit";
import type { Ctx } from "./route.js";

export const DEFAULT_BODY_BYTES = 64 * 1024;
const MAX_DEPTH = 32;
const utf8 = new TextDecoder("utf-8", { fatal: true });

export const limitBody = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw new VisgateError("PAYLOAD_TOO_LARGE", `The body may have at most ${maxSize} bytes.`, {
        max_bytes: maxSize,
      });
    },
  });

export async function readJson(c: Ctx): Promise<unknown> {
  requireJsonType(c.req.header("content-type"));
  const value = parse(await c.req.arrayBuffer());
  if (isDeeperThan(value, MAX_DEPTH)) throw badRequest(`The body may be nested at most ${MAX_DEPTH} levels deep.`);
  return value;
}

function requireJsonType(contentType = ""): void {
  if (/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(contentType)) return;
  throw new VisgateError("UNSUPPORTED_MEDIA_TYPE", "Send the body as Content-Type: application/json.");
}

function parse(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw badRequest("The body is not valid JSON in UTF-8.");
  }
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== "object") return false;
  return levels === 0 || Object.values(value).some((child) => isDeeperThan(child, levels - 1));
}

const badRequest = (message: string) => new VisgateError("BAD_REQUEST", message);
