/** The hashes by which equal requests and equal calls are found. The organization is not part of them. */
import * as crypto from "node:crypto";
import type { GenerationInput, Plan } from "@visgate/shared/catalogue";
import type { Alternative } from "@visgate/shared/request";

/** See prepare-inputs.ts. `media`: role and identity of the inputs beside the first image. */
export interface InputIdentity {
  image: string | null;
  media: readonly [role: string, identity: string][];
}

/** Everything that decides what is generated, as text. */
export function makingText(
  { model, input, uncheckedParams }: Plan,
  simulated: boolean,
  { image, media }: InputIdentity,
): string {
  const { prompt, durationSeconds, size, count, params } = input;
  const sides = size === null ? null : [size.width, size.height];
  const making: unknown[] = [model.id, simulated, prompt, image, durationSeconds, sides, count];
  // A call without these has the text that it had before they existed, so that its cached output is found.
  if (media.length > 0) making.push({ media });
  // A later catalogue may know the param, and then send it in other words.
  if (uncheckedParams.length > 0) making.push(uncheckedParams);
  return `${JSON.stringify(making)}\n${canonicalJson(params)}`;
}

/** The part of the text for the other models of a call; "" without any. */
export function fallbackText(alternatives: readonly Alternative[]): string {
  if (alternatives.length === 0) return "";
  return `\n${canonicalJson(alternatives.map(({ model, simulated, input }) => [model, simulated, input]))}`;
}

/** Two calls also differ by who pays and by whether the output is copied. */
export interface CallTerms {
  /** The caller's or the organization's own provider keys, whose accounts are billed; null for the server's. */
  ownKey: string | null;
  copyOutput: boolean;
  /** The id of the request that this call makes again: such calls are equal to each other only. */
  againOf?: string | undefined;
}

type Reporting = Pick<GenerationInput, "webhookUrl" | "webhookForm" | "callbackId" | "metadata">;

/** 128 bits in hex. It is short because every record stores one. */
const CALL_HASH_LENGTH = 32;

/** `reporting`: the webhook of the call and the caller's labels in it. */
export function callHash(making: string, reporting: Reporting, { ownKey, copyOutput, againOf }: CallTerms): string {
  const { webhookUrl, webhookForm, callbackId, metadata } = reporting;
  const labels = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const terms = [
    ownKey,
    copyOutput,
    webhookUrl,
    callbackId,
    labels,
    ...(webhookForm === undefined ? [] : [webhookForm]),
    ...(againOf === undefined ? [] : [{ againOf }]),
  ];
  const whole = sha256(`${making}\n${JSON.stringify(terms)}`);
  return whole.slice(0, CALL_HASH_LENGTH);
}

/** The same text for the same value, no matter in which order its keys are. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

/** A replacer for JSON.stringify would take twice as long per submit. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(sorted);
  const given = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(given).sort()) result[key] = sorted(given[key]);
  return result;
}

/** crypto.hash (Node 20.12) takes half the time of a Hash object. */
export const sha256: (text: string) => string =
  crypto.hash === undefined
    ? (text) => crypto.createHash("sha256").update(text).digest("hex")
    : (text) => crypto.hash("sha256", text);
