/** Where media is kept: keys, stores, signed URLs. */
export * from "./data-uri.js";
export * from "./disk.js";
export * from "./file-urls.js";
export * from "./keys.js";
export * from "./open.js";
export * from "./probe.js";
export type { S3Options } from "./s3.js";
export * from "./sniff.js";
export * from "./store.js";
