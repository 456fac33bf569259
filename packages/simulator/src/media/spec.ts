import { createHash } from "node:crypto";
import type { Shape } from "./shapes.js";

/** The picture of a caller: bytes stored at submit, or an address to fetch when the render begins. */
export type ImageSource = { from: "stored"; sha256: string } | { from: "url"; url: string };

export interface VideoSpec {
  kind: "video";
  prompt: string;
  seconds: number;
  /** One shape, or several when the model follows the shape of the picture. */
  shapes: Shape[];
  image: ImageSource | null;
}

export interface PictureSpec {
  kind: "image";
  prompt: string;
  width: number;
  height: number;
  format: "jpeg" | "png" | "webp";
  seed: number;
}

/** Everything that a file depends on. Equal specs with equal picture bytes share one render. */
export type MediaSpec = VideoSpec | PictureSpec;

/** Raise this when the drawing changes, so that no old file is served from a cache. */
const DRAWING_VERSION = 1;

export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

export function cacheName(spec: MediaSpec, imageSha256: string | null, framesPerSecond: number): string {
  const parts = spec.kind === "video" ? { ...spec, image: imageSha256, framesPerSecond } : spec;
  return `${sha256(JSON.stringify([DRAWING_VERSION, parts])).slice(0, 40)}.${extensionOf(spec)}`;
}

export const extensionOf = (spec: MediaSpec): string => (spec.kind === "video" ? "mp4" : spec.format);

export const contentTypeOf = (name: string): string =>
  name.endsWith(".mp4") ? "video/mp4" : `image/${name.slice(name.lastIndexOf(".") + 1)}`;

/** Why no file could be drawn; each provider reports the reason in its own words. */
export class MediaError extends Error {
  readonly reason: "download" | "decode" | "render";
  constructor(reason: MediaError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

const SEED_DIGITS = 7;

/** The caller's seed, or one that is always the same for a prompt. */
export const seedOf = (given: unknown, prompt: string): number =>
  typeof given === "number" ? given : Number.parseInt(sha256(prompt).slice(0, SEED_DIGITS), 16);
