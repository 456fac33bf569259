/** Where media is kept: the stores, their keys, and signed URLs. */
export * from "./byte-streams.js";
export * from "./data-uri.js";
export * from "./disk.js";
export * from "./file-urls.js";
export * from "./media-types.js";
export * from "./open.js";
export type { S3Options } from "./s3.js";
export * from "./sniff.js";
export * from "./store.js";
export * from "./watch.js";
export { IMAGE_TYPES } from "./whole-image.js";
