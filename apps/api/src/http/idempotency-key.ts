import { z } from "zod";
import { validate } from "./validate.js";

export const idempotencyKey = z.string().min(1).max(255);

/** Null without one. @throws VisgateError VALIDATION_ERROR */
export function readIdempotencyKey(header: string | undefined): string | null {
  return header === undefined ? null : validate(idempotencyKey, header, "Idempotency-Key");
}
