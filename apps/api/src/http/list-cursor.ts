/** The cursor of the list: a place in it, of use only with the organization and the filters it was made for. */
import { createHash } from "node:crypto";
import { invalid } from "@visgate/shared/errors";
import { isRequestId } from "@visgate/shared/ids";
import type { Position } from "@visgate/shared/store";

const DIGEST_CHARACTERS = 16;

/** `scope`: all that decides which requests are in the list. */
export function encodeCursor({ createdAt, id }: Position, scope: unknown): string {
  return Buffer.from(JSON.stringify([createdAt, id, digestOf(scope)])).toString("base64url");
}

/** Throws a 422 on `cursor`. */
export function decodeCursor(cursor: string, scope: unknown): Position {
  const [createdAt, id, digest] = parse(cursor);
  const isOurs = typeof createdAt === "number" && typeof id === "string" && isRequestId(id);
  if (isOurs && digest === digestOf(scope)) return { createdAt, id };
  throw invalid("cursor", "cursor: must be the next_cursor of a page of this list, sent with the same filters.");
}

function parse(cursor: string): unknown[] {
  try {
    const value = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function digestOf(scope: unknown): string {
  return createHash("sha256").update(JSON.stringify(scope)).digest("base64url").slice(0, DIGEST_CHARACTERS);
}
