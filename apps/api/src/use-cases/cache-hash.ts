/** What equal requests and equal calls have in common; the organization is not part of it. */
import { createHash } from "node:crypto";
import type { GenerationInput } from "@visgate/shared/domain/request";
import { canonicalJson, sha256 } from "./canonical.js";
import type { PreparedImage } from "./prepare-image.js";

export interface Making {
  model: string;
  simulated: boolean;
  input: Pick<GenerationInput, "prompt" | "durationSeconds" | "size" | "count" | "params">;
}

/**
 * All that decides what is made, as text. An image given as a data: URI counts by its bytes, one given as a URL by the
 * URL: nothing is fetched to find out.
 */
export function makingText({ model, simulated, input }: Making, image: PreparedImage | null): string {
  const { prompt, durationSeconds, size, count, params } = input;
  const sides = size === null ? null : [size.width, size.height];
  const making = [model, simulated, prompt, imageIdentity(image), durationSeconds, sides, count];
  return `${JSON.stringify(making)}\n${canonicalJson(params)}`;
}

/** The other fields that make two calls equal: the provider account, and where the end is reported to. */
export interface CallTerms {
  /** The caller's own provider key, whose account is billed. */
  callerKey: string | null;
  copyOutput: boolean;
  webhookUrl: string | null;
  callbackId: string | null;
  metadata: Record<string, string>;
}

/** 128 bits in hex: every record has one. */
const CALL_HASH_LENGTH = 32;

export function callHash(making: string, terms: CallTerms): string {
  const { callerKey, copyOutput, webhookUrl, callbackId, metadata } = terms;
  const labels = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const whole = sha256(`${making}\n${JSON.stringify([callerKey, copyOutput, webhookUrl, callbackId, labels])}`);
  return whole.slice(0, CALL_HASH_LENGTH);
}

function imageIdentity(image: PreparedImage | null): string | null {
  if (image === null) return null;
  if (image.kind === "to_store") return `bytes:${createHash("sha256").update(image.image.bytes).digest("hex")}`;
  return image.image.kind === "url" ? `url:${image.image.url}` : `data:${JSON.stringify(image.image)}`;
}
